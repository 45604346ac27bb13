"""Stuck work: payouts, replies, matching runs and deliveries that need a person or take too long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.expressions import RawSQL

from companies.models import Delivery, DeliveryStatus
from payouts.batch_states import Channel
from payouts.models import Instruction, Outcome, Payout, Reply
from payouts.models.banks.attempts import PAID_THOUGH_CANCELLED
from payouts.replies.clarify import FINDING_KIND
from payouts.states import Status
from policies.models import MatchedDelivery, MatchRun
from qinqing.proposals.models import Proposal

# The statuses from which a payout can go to the bank.
STOPPED = (Status.APPROVED, Status.FAILED, Status.RETURNED)
# A bank answers in seconds, so a person looks at a payout that has waited so long.
BANK_MINUTES = 5
# Matching decides two thousand firms a second, so a city takes minutes.
MATCHING_MINUTES = 15
# As many rows as one person can look at; the page shows the total beside them.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class StuckRows:
    """The first `SHOWN` rows of one kind, the oldest or the newest, and the total number of rows."""

    rows: Sequence[Any] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class Stuck:
    """The stuck work, kind by kind."""

    payouts: StuckRows
    contradictions: StuckRows
    runs: StuckRows
    deliveries: StuckRows
    paid_otherwise: StuckRows

    @property
    def total(self) -> int:
        """The number of all stuck rows."""
        kinds = (self.payouts, self.contradictions, self.runs, self.deliveries, self.paid_otherwise)
        return sum(kind.total for kind in kinds)


def find_stuck_work(*, now: datetime) -> Stuck:
    """Find the work that is stuck at this time, with one statement for each kind."""
    return Stuck(
        payouts=_list_rows(_undecided_payouts(now), "moved_at"),
        # The newest come first, because a person may still stop their money.
        contradictions=_list_rows(
            waiting_contradictions().select_related("instruction"), "received_at", newest_first=True
        ),
        runs=_list_rows(_refused_runs(), "asked_at"),
        deliveries=_list_rows(_unmatched_deliveries(now), "received_at"),
        paid_otherwise=_list_rows(_blocked_payouts(), "moved_at"),
    )


def find_held_payouts(*, now: datetime) -> QuerySet[Payout]:
    """Payouts at a bank's interface that a worker holds at this time."""
    return _at_the_interface().filter(leased_until__gt=now)


def _at_the_interface() -> QuerySet[Payout]:
    # Without payouts that went out in a file: banks answer those in days, and no worker holds them.
    later = Instruction.objects.filter(payout=OuterRef("payout"), attempt__gt=OuterRef("attempt"))
    by_file = Instruction.objects.filter(~Exists(later), payout=OuterRef("pk"), batch__channel=Channel.FILE)
    return Payout.objects.filter(~Exists(by_file), status__in=(Status.SENT, Status.IN_DOUBT))


def _undecided_payouts(now: datetime) -> QuerySet[Any]:
    """Payouts that the bank has not decided for minutes, except those whose reply is still to be applied."""
    answered = Reply.objects.filter(instruction__payout=OuterRef("pk"), applied_at=None)
    waiting = _at_the_interface().filter(~Exists(answered), moved_at__lte=now - timedelta(minutes=BANK_MINUTES))
    return waiting.select_related("policy", "company").annotate(is_held=Q(leased_until__gt=now))


def _blocked_payouts() -> QuerySet[Any]:
    """Payouts that are blocked because the bank says that it paid a cancelled payout of the same entitlement."""
    paid = RawSQL(PAID_THOUGH_CANCELLED, ())  # noqa: S611 - a condition of our own
    waiting = Payout.objects.filter(status__in=STOPPED, entitlement__in=paid)
    return waiting.select_related("policy", "company")


def waiting_contradictions() -> QuerySet[Any]:
    """Contradicting replies that nobody has clarified; `is_found` is true if a finding waits for its confirmation."""
    proposed = Proposal.objects.filter(kind=FINDING_KIND, subject_id=OuterRef("pk"), decision="")
    contradicting = Reply.objects.exclude(contradicted_status="").annotate(is_found=Exists(proposed))
    return contradicting.filter(Q(clarification=None) | Q(outcome=Outcome.PAID), finding=None)


def _refused_runs() -> QuerySet[Any]:
    return MatchRun.objects.filter(finished_at=None).exclude(refusal="").select_related("version__policy")


def _unmatched_deliveries(now: datetime) -> QuerySet[Any]:
    is_matched = Exists(MatchedDelivery.objects.filter(delivery=OuterRef("pk")))
    since = now - timedelta(minutes=MATCHING_MINUTES)
    return Delivery.objects.filter(~is_matched, status=DeliveryStatus.LANDED, received_at__lte=since)


def _list_rows(found: QuerySet[Any], since: str, *, newest_first: bool = False) -> StuckRows:
    order = (f"-{since}", "-pk") if newest_first else (since, "pk")
    rows = list(found.annotate(found_in_all=Window(Count("pk")), since=F(since)).order_by(*order)[:SHOWN])
    return StuckRows(rows, rows[0].found_in_all if rows else 0)
