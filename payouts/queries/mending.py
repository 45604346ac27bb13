"""Payouts that the bank could not pay and that wait for another account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Min, QuerySet, Sum
from django.utils.timezone import localdate, localtime

from companies.models import Company
from payouts.models import Payout
from payouts.states import Status

# How long a payee has to tell another account, from the day on which the bank refused or sent back the money.
MEND_WITHIN = timedelta(days=30)
STOPPED = (Status.FAILED, Status.RETURNED)


@dataclass(frozen=True, slots=True)
class ToMend:
    """What a company has at a wrong account of its own, and the first day by which one of these has to be mended."""

    count: int
    amount_cny: Decimal
    by: date


def mend_by(stopped_at: datetime) -> date:
    """The day by which the account has to be mended."""
    return localdate(stopped_at + MEND_WITHIN)


def to_mend(*, company: Company) -> ToMend | None:
    """What the bank could not pay to the account that the company still uses; None when there is nothing."""
    # What stopped at an account of before goes to the new one by itself.
    in_use = {"account__company": company, "account__is_active": True}
    stopped = Payout.objects.filter(company=company, status__in=STOPPED, **in_use)
    found = stopped.aggregate(count=Count("pk"), total=Sum("amount_cny"), first=Min("moved_at"))
    if not found["count"]:
        return None
    return ToMend(found["count"], found["total"], mend_by(found["first"]))


def waiting_for_an_account(payouts: QuerySet[Payout], *, now: datetime, is_overdue: bool | None) -> QuerySet[Payout]:
    """Those of the payouts that wait for another account: all, those in time, or those whose day has ended."""
    stopped = payouts.filter(status__in=STOPPED)
    if is_overdue is None:
        return stopped
    # As `mend_by` counts: until the midnight that ends the day.
    last = localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) - MEND_WITHIN
    return stopped.filter(moved_at__lt=last) if is_overdue else stopped.filter(moved_at__gte=last)
