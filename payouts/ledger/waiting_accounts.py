"""Payouts that the bank refused or returned, and that wait for another account or for a clerk."""

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

# The time that a payee has to enter another account, from the day on which the bank refused or returned the money.
MEND_WITHIN = timedelta(days=30)
# After so many attempts, the platform stops repeating a payment by itself, and a clerk calls the payee.
ATTEMPTS_BY_ITSELF = 10
STOPPED = (Status.FAILED, Status.RETURNED)
_IS_PAID = RawSQL(RIGHT_IS_PAID.format(payout="payouts_payout"), (), BooleanField())  # noqa: S611 - our own


@dataclass(frozen=True, slots=True)
class ToMend:
    """The payouts of a company that wait for another account of the company, and the earliest day that one is due."""

    count: int
    amount_cny: Decimal
    by: date


@dataclass(frozen=True, slots=True)
class WithAnOfficial:
    """The payouts of a company that another account would not help; an official decides whether to pay them again."""

    count: int
    amount_cny: Decimal


def mend_by(stopped_at: datetime) -> date:
    """The last day on which the payee can enter another account."""
    return localdate(stopped_at + MEND_WITHIN)


def to_mend(*, company: Company) -> ToMend | None:
    """The payouts that wait for another account of the company; None if there are none."""
    return stopped(company=company)[0]


def stopped(*, company: Company) -> tuple[ToMend | None, WithAnOfficial | None]:
    """The payouts to the company that stopped: those that wait for another account, and those for an official."""
    # Without those that the bank says it paid: a clerk has to find out, and another account would not help.
    own = Payout.objects.filter(~Q(_IS_PAID), company=company, status__in=STOPPED, account__company=company)
    # A payout that stopped at a former account goes to the new one by itself, unless it was tried there too.
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
    Whether only a person may repeat the payment, because another account would not help.

    The money was demanded back, too many accounts were wrong, the bank never saw any of the instructions, or the payout
    had been cancelled before the bank paid it.
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
    """The payouts that stay stopped until a person repeats or cancels them."""
    return payouts.filter(is_decided(), status__in=STOPPED)


def waiting_for_an_account(payouts: QuerySet[Payout], *, now: datetime, is_overdue: bool | None) -> QuerySet[Payout]:
    """The payouts that wait for another account: all of them, or only those overdue, or only those in time."""
    waiting = payouts.filter(~is_decided(), status__in=STOPPED)
    if is_overdue is None:
        return waiting
    # As in `mend_by`: a payout is overdue from the midnight that ends its day.
    last = localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) - MEND_WITHIN
    return waiting.filter(moved_at__lt=last) if is_overdue else waiting.filter(moved_at__gte=last)
