"""
Histories of claims, payments, doubts, refusals, cancellations and retries that nobody would think of.

After every step the books balance and nobody was paid twice; at the end, when the bank is well again, everybody has
come to a named rest and the bank's books are ours.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.db import connection
from django.test import TestCase
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from payouts import operations
from payouts.banks.gateway import Answer, ExecutedPayment, Heard, PaymentOrder
from payouts.banks.simulator.books import Books, Decision, Payment
from payouts.models import Payout
from payouts.queries import invariants
from payouts.states import Role, Status
from policies.models import Entitlement, EntitlementStatus, PolicyVersion
from tests.factories import payouts as made

AMOUNT_CNY, FIRMS, ENOUGH_FOR = 100, 12, 8
MOODS = ("well", "refuses", "lost on the way", "late on the way", "silent after booking", "says everything twice")
AT_REST = (Status.PAID, Status.FAILED, Status.WAITLISTED, Status.CANCELLED)


class MoodyBank:
    """The simulator's own books, reached without a network; the mood decides what gets through."""

    def __init__(self, file: Path, machine: PayoutHistories) -> None:
        self.mood = "well"
        self.late: list[Payment] = []
        self.books = Books(file, clock=lambda: machine.now)

    def pay(self, orders: Sequence[PaymentOrder]) -> Heard:
        payments = [Payment.read(_written(order)) for order in orders]
        if self.mood == "late on the way":
            self.late += payments
        if self.mood.endswith("on the way"):
            return Heard(silence="no connection")
        as_of, decisions = self.books.pay(payments, refuses=lambda _id: "closed" if self.mood == "refuses" else "")
        return self._heard(as_of, decisions)

    def ask(self, end_to_end_ids: Sequence[str]) -> Heard:
        if self.mood.endswith("on the way"):
            return Heard(silence="no connection")
        return self._heard(*self.books.ask(end_to_end_ids))

    def arrive(self) -> None:
        """What was late on the way is here now."""
        self.books.pay(self.late, refuses=lambda _id: "")
        self.late.clear()

    def executed(self) -> Iterator[ExecutedPayment]:
        payments, _after = self.books.executed(after=0, limit=10_000)
        for each in payments:
            yield ExecutedPayment(each["end_to_end_id"], each["amount_cny"], each["purpose"])

    def _heard(self, as_of: dt.datetime, decisions: Sequence[Decision]) -> Heard:
        if self.mood == "silent after booking":
            return Heard(silence="timed out")
        answers = [Answer(d.end_to_end_id, d.outcome, as_of, d.bank_reference, d.reason) for d in decisions]
        return Heard(tuple(answers * (2 if self.mood == "says everything twice" else 1)))


def _written(order: PaymentOrder) -> dict[str, str]:
    return {
        "end_to_end_id": order.end_to_end_id,
        "amount_cny": str(order.amount_cny),
        "payee_name": order.payee_name,
        "payee_account": order.payee_account,
        "bank_number": order.bank_number,
        "purpose": order.purpose,
        "valid_until": order.valid_until.isoformat(),
    }


class Example(TestCase):
    """Lends its transaction to one history, so that the next one finds an empty database."""

    databases = frozenset({"default"})


class PayoutHistories(RuleBasedStateMachine):
    """One fund that does not reach for everybody, one bank, and everything that may happen between them."""

    now: dt.datetime
    version: PolicyVersion
    wanted: list[int]

    @initialize()
    def open(self) -> None:
        self.atomics = Example._enter_atomics()
        self.folder = TemporaryDirectory()
        self.now = made.NOW
        self.bank = MoodyBank(Path(self.folder.name) / "bank", self)
        self.version = made.version(granted_cny=AMOUNT_CNY * ENOUGH_FOR)
        self.wanted = made.entitlements(FIRMS, of=self.version, amount_cny=AMOUNT_CNY)
        self.clerk = made.person("clerk")
        self.claim_all(self.wanted[: ENOUGH_FOR // 2])

    @precondition(lambda self: self.bank.late)
    @rule()
    def arrive(self) -> None:
        self.bank.arrive()

    @rule(seconds=st.sampled_from((1, 10, 40, 200)))
    def wait(self, seconds: int) -> None:
        self.now += dt.timedelta(seconds=seconds)

    @precondition(lambda self: self.standing(EntitlementStatus.OPEN))
    @rule(data=st.data())
    def claim(self, data: st.DataObject) -> None:
        chosen = data.draw(st.lists(st.sampled_from(self.standing(EntitlementStatus.OPEN)), min_size=1, unique=True))
        self.claim_all(chosen)

    @precondition(lambda self: self.standing(EntitlementStatus.CLAIMED))
    @rule(data=st.data())
    def claim_again(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(self.standing(EntitlementStatus.CLAIMED)))
        with pytest.raises(operations.AlreadyClaimed):
            operations.claim(entitlement_ids=[chosen], company=None, commitment="", actor=None, now=self.now)

    @rule(limit=st.integers(1, FIRMS), mood=st.sampled_from(MOODS))
    def send(self, limit: int, mood: str) -> None:
        self.bank.mood = mood
        operations.send_due(gateway=self.bank, limit=limit, now=self.now)

    @rule(mood=st.sampled_from(MOODS))
    def ask(self, mood: str) -> None:
        self.bank.mood = mood
        operations.ask_in_doubt(gateway=self.bank, limit=FIRMS, now=self.now)

    @rule()
    def apply(self) -> None:
        operations.apply_replies(limit=FIRMS, now=self.now)

    @rule()
    def serve(self) -> None:
        operations.serve_waitlist(limit=FIRMS, now=self.now)

    @precondition(lambda self: self.payouts())
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        payout = data.draw(st.sampled_from(self.payouts()))
        asked = {"payout_ids": [payout.pk], "role": Role.FINANCE, "actor": self.clerk, "because": "a trial"}
        if payout.status in (Status.SENT, Status.IN_DOUBT, Status.PAID, Status.CANCELLED):
            with pytest.raises(operations.IllegalMove):
                operations.cancel(**asked, now=self.now)
        else:
            operations.cancel(**asked, now=self.now)

    @precondition(lambda self: self.payouts(Status.FAILED))
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        payout = data.draw(st.sampled_from(self.payouts(Status.FAILED)))
        operations.retry(payout_ids=[payout.pk], actor=self.clerk, because="a trial", now=self.now)

    @rule()
    def grant(self) -> None:
        operations.grant(version=self.version, amount_cny=AMOUNT_CNY, actor=self.clerk, now=self.now)

    @invariant()
    def the_books_balance_and_nobody_is_paid_twice(self) -> None:
        proof = invariants(bank_books=self.bank)
        with connection.cursor() as cursor:
            # They would go with the transaction, which here lasts as long as the history.
            cursor.execute("DROP TABLE bank_book, bank_paired")
        assert proof.books_balance, proof.troubles
        assert proof.bank_agrees, proof.troubles
        assert not proof.double_payments, proof.troubles
        assert not proof.lost, proof.troubles

    def teardown(self) -> None:
        if not hasattr(self, "atomics"):
            return
        try:
            self.come_to_rest()
        finally:
            Example._rollback_atomics(self.atomics)
            self.folder.cleanup()

    def come_to_rest(self) -> None:
        """Let a bank that is well finish everything."""
        # What is on its way arrives within its cut-off, when we have asked about it already.
        self.finish(5, 5)
        self.bank.arrive()
        self.finish(5, 300, 5, 300, 5, 300, 5)
        assert {payout.status for payout in self.payouts()} <= set(AT_REST)
        assert len(self.payouts(Status.PAID)) == self.bank.books.summary()["count"]
        self.the_books_balance_and_nobody_is_paid_twice()

    def finish(self, *pauses_seconds: int) -> None:
        """Do whatever is due after each pause."""
        for seconds in pauses_seconds:
            self.now += dt.timedelta(seconds=seconds)
            self.apply()
            self.ask("well")
            self.apply()
            self.send(FIRMS, "well")
            self.apply()

    def claim_all(self, entitlements: Sequence[int]) -> None:
        operations.claim(entitlement_ids=entitlements, company=None, commitment="", actor=None, now=self.now)

    def standing(self, status: EntitlementStatus) -> list[int]:
        found = Entitlement.objects.filter(pk__in=self.wanted, status=status)
        return list(found.order_by("pk").values_list("pk", flat=True))

    def payouts(self, *statuses: Status) -> list[Payout]:
        found = Payout.objects.filter(entitlement__in=self.wanted).order_by("pk")
        return list(found.filter(status__in=statuses) if statuses else found)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_history_pays_twice_or_loses_anything() -> None:
    run_state_machine_as_test(
        PayoutHistories, settings=settings(max_examples=25, stateful_step_count=20, deadline=None)
    )
