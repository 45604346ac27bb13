"""Payouts that the bank could not pay and that wait for another account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import BooleanField, Count, Exists, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.expressions import RawSQL
from django.utils.timezone import localdate, localtime

from companies.models import Company
from payouts.models import Instruction, Outcome, Payout, Recovery
from payouts.models.banks.attempts import RIGHT_IS_PAID
from payouts.states import Status

# How long a payee has to tell another account, from the day on which the bank refused or sent back the money.
MEND_WITHIN = timedelta(days=30)
# Who has told so many accounts, none of them right, is called by a clerk, who may go on.
ATTEMPTS_BY_ITSELF = 10
STOPPED = (Status.FAILED, Status.RETURNED)
_IS_PAID = RawSQL(RIGHT_IS_PAID.format(payout="payouts_payout"), (), BooleanField())  # noqa: S611 - our own


@dataclass(frozen=True, slots=True)
class ToMend:
    """What a company has at a wrong account of its own, and the first day by which one of these has to be mended."""

    count: int
    amount_cny: Decimal
    by: date


@dataclass(frozen=True, slots=True)
class WithAnOfficial:
    """What another account does not bring on its way: an official decides whether it is paid again."""

    count: int
    amount_cny: Decimal


def mend_by(stopped_at: datetime) -> date:
    """The day by which the account has to be mended."""
    return localdate(stopped_at + MEND_WITHIN)


def to_mend(*, company: Company) -> ToMend | None:
    """What the bank could not pay to the account that the company still uses; None when there is nothing."""
    return stopped(company=company)[0]


def stopped(*, company: Company) -> tuple[ToMend | None, WithAnOfficial | None]:
    """What the bank could not pay to the company: what another account mends, and what an official decides."""
    # Whether the bank paid it after all a clerk finds out: no account brings that on its way.
    own = Payout.objects.filter(~Q(_IS_PAID), company=company, status__in=STOPPED, account__company=company)
    # What stopped at an account of before goes to the new one by itself, unless it was tried there, too.
    tried = Exists(Instruction.objects.filter(payout=OuterRef("pk"), account__is_active=True))
    own = own.annotate(is_decided=is_decided(), is_at_it=Q(account__is_active=True) | Q(tried))
    mends, decided = Q(is_decided=False, is_at_it=True), Q(is_decided=True)
    found = own.aggregate(
        count=Count("pk", filter=mends),
        total=Sum("amount_cny", filter=mends),
        first=Min("moved_at", filter=mends),
        decided=Count("pk", filter=decided),
        decided_cny=Sum("amount_cny", filter=decided),
    )
    mending = ToMend(found["count"], found["total"], mend_by(found["first"])) if found["count"] else None
    return mending, WithAnOfficial(found["decided"], found["decided_cny"]) if found["decided"] else None


def is_decided() -> Q:
    """
    Whether a person only may have it paid again, as no account is what it lacks: the money was asked back, too many
    accounts were wrong, the bank never saw it however often it was sent, or it had been cancelled before it was paid.
    """
    was_demanded = Recovery.objects.filter(payout=OuterRef("pk"), ended_as=Recovery.End.CAME_BACK)
    tenth = Instruction.objects.filter(payout=OuterRef("pk"), attempt__gte=ATTEMPTS_BY_ITSELF)
    later = Instruction.objects.filter(payout=OuterRef("payout"), attempt__gt=OuterRef("attempt"))
    unseen = Instruction.objects.filter(~Exists(later), payout=OuterRef("pk"), replies__outcome=Outcome.UNKNOWN)
    return (
        Q(was_paid_cancelled=True)
        | Q(Exists(was_demanded))
        | Q(Exists(tenth))
        | Q(Exists(unseen), status=Status.FAILED)
    )


def decided_by_a_clerk(payouts: QuerySet[Payout]) -> QuerySet[Payout]:
    """Those of the payouts that stand still until a person has them paid again, or cancels them."""
    return payouts.filter(is_decided(), status__in=STOPPED)


def waiting_for_an_account(payouts: QuerySet[Payout], *, now: datetime, is_overdue: bool | None) -> QuerySet[Payout]:
    """Those of the payouts that wait for another account: all, those in time, or those whose day has ended."""
    waiting = payouts.filter(~is_decided(), status__in=STOPPED)
    if is_overdue is None:
        return waiting
    # As `mend_by` counts: until the midnight that ends the day.
    last = localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) - MEND_WITHIN
    return waiting.filter(moved_at__lt=last) if is_overdue else waiting.filter(moved_at__gte=last)
