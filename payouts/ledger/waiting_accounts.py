"""Payouts that the bank refused or returned, and that wait for another account or for a clerk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import BooleanField, Count, Exists, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.expressions import RawSQL
from django.utils.timezone import localdate, localtime

from companies.models import Company
from payouts.models import Instruction, Outcome, Payout, Recovery
from payouts.models.banks.attempts import RIGHT_IS_PAID
from payouts.states import Status

# How long a payee can enter another account, from the moment at which the bank refused or returned the money.
ACCOUNT_REQUEST_PERIOD = timedelta(days=30)
# After so many attempts, the platform stops repeating a payment by itself, and a clerk calls the payee.
AUTOMATIC_ATTEMPT_LIMIT = 10
_IS_OUTSTANDING = RawSQL(
    "EXISTS (SELECT FROM payouts_outstanding_attempt o WHERE o.payout_id = payouts_payout.id OFFSET 0)",
    (),
    BooleanField(),
)
STOPPED = (Status.FAILED, Status.RETURNED)
_IS_PAID = RawSQL(RIGHT_IS_PAID.format(payout="payouts_payout"), (), BooleanField())  # noqa: S611 - our own


@dataclass(frozen=True, slots=True)
class AccountRequest:
    """What the platform asks of a company: another account for `count` payouts, for the first of them by `due_on`."""

    count: int
    amount_cny: Decimal
    due_on: date


@dataclass(frozen=True, slots=True)
class OfficialReview:
    """The payouts of a company that another account would not help; an official decides whether to pay them again."""

    count: int
    amount_cny: Decimal


class StoppedPayouts(NamedTuple):
    """The payouts to a company that the bank refused or returned, by what they wait for; None if none waits for it."""

    account_request: AccountRequest | None
    official_review: OfficialReview | None


def compute_account_deadline(stopped_at: datetime) -> date:
    """Compute the last day on which the payee can enter another account."""
    return localdate(stopped_at + ACCOUNT_REQUEST_PERIOD)


def sum_stopped_payouts(*, company: Company) -> StoppedPayouts:
    """Sum the stopped payouts to the company: those that wait for another account, and those for an official."""
    # Without those that the bank says it paid: a clerk has to find out, and another account would not help.
    own = Payout.objects.filter(~Q(_IS_PAID), company=company, status__in=STOPPED, account__company=company)
    # A payout that stopped at a former account goes to the new one by itself, unless it was tried there too.
    tried = Exists(Instruction.objects.filter(payout=OuterRef("pk"), account__is_active=True))
    own = own.annotate(is_for_official=is_for_official(), is_at_account=Q(account__is_active=True) | Q(tried))
    for_account, for_official = Q(is_for_official=False, is_at_account=True), Q(is_for_official=True)
    sums = own.aggregate(
        account_count=Count("pk", filter=for_account),
        account_cny=Sum("amount_cny", filter=for_account),
        stopped_first_at=Min("moved_at", filter=for_account),
        official_count=Count("pk", filter=for_official),
        official_cny=Sum("amount_cny", filter=for_official),
    )
    request = review = None
    if sums["account_count"]:
        due_on = compute_account_deadline(sums["stopped_first_at"])
        request = AccountRequest(sums["account_count"], sums["account_cny"], due_on)
    if sums["official_count"]:
        review = OfficialReview(sums["official_count"], sums["official_cny"])
    return StoppedPayouts(request, review)


def is_for_official() -> Q:
    """
    Whether only an official may have a payout paid again, because another account would not help.

    The money was demanded back, too many accounts were wrong, the bank never saw any of the instructions, the payout
    had been cancelled before the bank paid it, or it has another account but only a file says that it was not paid.
    """
    was_demanded = Recovery.objects.filter(payout=OuterRef("pk"), ended_as=Recovery.End.CAME_BACK)
    tenth = Instruction.objects.filter(payout=OuterRef("pk"), attempt__gte=AUTOMATIC_ATTEMPT_LIMIT)
    later = Instruction.objects.filter(payout=OuterRef("payout"), attempt__gt=OuterRef("attempt"))
    unseen = Instruction.objects.filter(~Exists(later), payout=OuterRef("pk"), replies__outcome=Outcome.UNKNOWN)
    return (
        Q(was_paid_cancelled=True)
        | Q(Exists(was_demanded))
        | Q(Exists(tenth))
        | Q(Exists(unseen), status=Status.FAILED)
        | Q(_IS_OUTSTANDING, account__is_active=False)
    )


def filter_for_official(payouts: QuerySet[Payout]) -> QuerySet[Payout]:
    """Keep the payouts that stay stopped until an official repeats or cancels them."""
    return payouts.filter(is_for_official(), status__in=STOPPED)


def filter_for_account(payouts: QuerySet[Payout], *, now: datetime, is_overdue: bool | None) -> QuerySet[Payout]:
    """Keep the payouts that wait for another account: all of them, or only those overdue, or only those in time."""
    waiting = payouts.filter(~is_for_official(), status__in=STOPPED)
    if is_overdue is None:
        return waiting
    # As `compute_account_deadline` says, a payout is overdue from the midnight that ends its day.
    last = localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) - ACCOUNT_REQUEST_PERIOD
    return waiting.filter(moved_at__lt=last) if is_overdue else waiting.filter(moved_at__gte=last)
