"""Work that does not go on by itself, or takes longer than it should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.expressions import RawSQL

from companies.models import Delivery, DeliveryStatus
from payouts.batch_states import Channel
from payouts.models import Finding, Instruction, Outcome, Payout, Reply
from payouts.models.banks.attempts import PAID_THOUGH_CANCELLED
from payouts.states import Status
from policies.models import MatchedDelivery, MatchRun

# What is before the bank, and would go to it.
STOPPED = (Status.APPROVED, Status.FAILED, Status.RETURNED)
# A bank answers in seconds; whoever has waited so long is looked at by a person.
BANK_MINUTES = 5
# Two thousand firms are decided in a second, a city in minutes.
MATCHING_MINUTES = 15
# What one person can look at; the count says how many more there are.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """At most `SHOWN` rows, those that have waited longest or the newest, and how many there are in all."""

    rows: Sequence[Any] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class Stuck:
    """What is stuck, kind by kind."""

    payouts: Listed
    contradictions: Listed
    runs: Listed
    deliveries: Listed
    paid_otherwise: Listed

    @property
    def total(self) -> int:
        """How much is stuck in all."""
        kinds = (self.payouts, self.contradictions, self.runs, self.deliveries, self.paid_otherwise)
        return sum(kind.total for kind in kinds)


def stuck(*, now: datetime) -> Stuck:
    """What is stuck at this time, by one statement for each kind."""
    return Stuck(
        payouts=_listed(_payouts(now), "moved_at"),
        # The money of the newest may still be stopped.
        contradictions=_listed(
            waiting_contradictions().select_related("instruction"), "received_at", newest_first=True
        ),
        runs=_listed(_runs(), "asked_at"),
        deliveries=_listed(_deliveries(now), "received_at"),
        paid_otherwise=_listed(_paid_otherwise(), "moved_at"),
    )


def held(*, now: datetime) -> QuerySet[Payout]:
    """Payouts at a bank's interface that a worker holds at this time."""
    return _at_the_interface().filter(leased_until__gt=now)


def _at_the_interface() -> QuerySet[Payout]:
    # What goes by file is answered in days, and no worker holds it.
    later = Instruction.objects.filter(payout=OuterRef("payout"), attempt__gt=OuterRef("attempt"))
    by_file = Instruction.objects.filter(~Exists(later), payout=OuterRef("pk"), batch__channel=Channel.FILE)
    return Payout.objects.filter(~Exists(by_file), status__in=(Status.SENT, Status.IN_DOUBT))


def _payouts(now: datetime) -> QuerySet[Any]:
    """Those the bank has not settled for minutes, unless its answer waits here."""
    answered = Reply.objects.filter(instruction__payout=OuterRef("pk"), applied_at=None)
    waiting = _at_the_interface().filter(~Exists(answered), moved_at__lte=now - timedelta(minutes=BANK_MINUTES))
    return waiting.select_related("policy", "company").annotate(is_held=Q(leased_until__gt=now))


def _paid_otherwise() -> QuerySet[Any]:
    """Payouts that do not go on, because the bank says that it paid a cancelled one of the same right."""
    paid = RawSQL(PAID_THOUGH_CANCELLED, ())  # noqa: S611 - a condition of our own
    waiting = Payout.objects.filter(status__in=STOPPED, entitlement__in=paid)
    return waiting.select_related("policy", "company")


def waiting_contradictions() -> QuerySet[Any]:
    """Replies that contradict and of which nobody has found out what is true; `is_found` if it is to be confirmed."""
    findings = Finding.objects.filter(reply=OuterRef("pk"))
    contradicting = Reply.objects.exclude(contradicted_status="").annotate(
        is_found=Exists(findings.filter(decision=""))
    )
    return contradicting.filter(
        ~Exists(findings.filter(decision=Finding.Decision.CONFIRMED)), Q(clarification=None) | Q(outcome=Outcome.PAID)
    )


def _runs() -> QuerySet[Any]:
    return MatchRun.objects.filter(finished_at=None).exclude(refusal="").select_related("version__policy")


def _deliveries(now: datetime) -> QuerySet[Any]:
    is_matched = Exists(MatchedDelivery.objects.filter(delivery=OuterRef("pk")))
    since = now - timedelta(minutes=MATCHING_MINUTES)
    return Delivery.objects.filter(~is_matched, status=DeliveryStatus.LANDED, received_at__lte=since)


def _listed(found: QuerySet[Any], since: str, *, newest_first: bool = False) -> Listed:
    order = (f"-{since}", "-pk") if newest_first else (since, "pk")
    rows = list(found.annotate(found_in_all=Window(Count("pk")), since=F(since)).order_by(*order)[:SHOWN])
    return Listed(rows, rows[0].found_in_all if rows else 0)
