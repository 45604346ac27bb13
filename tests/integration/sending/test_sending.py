"""Payouts go to the bank and replies come back, doubt included."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection, transaction
from structlog.testing import capture_logs

from payouts.banks.gateway import Answer, BankResponse, PaymentOrder
from payouts.controls.reconcile import invariants
from payouts.exceptions.manual import retry_payouts
from payouts.models import Instruction, Payout, Reply
from payouts.replies.apply import LOST_ATTEMPT_LIMIT, apply_replies, record_answers
from payouts.sending import send as sending
from payouts.sending.send import InsideTransaction, ask_in_doubt, send_due
from payouts.states import Status
from qinqing.bank_simulator.faults import Faults
from tests.factories.clock import NOW
from tests.factories.entitlements import make_version
from tests.factories.payouts import count_statuses, make_payout, status_of
from tests.factories.people import make_user
from tests.tellers import Teller, connected, simulated

pytestmark = pytest.mark.django_db


def deaf(_id: str) -> bool:
    return True


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_a_payout_is_paid() -> None:
    payout, bank = make_payout(amount_cny=Decimal("123.45")), Teller()
    sent = send_due(gateway=bank, limit=10, now=NOW)
    assert (sent.count, sent.in_doubt, status_of(payout)) == (1, 0, Status.SENT)
    assert apply_replies(limit=10, now=after(1)) == 1
    assert status_of(payout) == Status.PAID
    assert payout.paid_at == after(1)
    payout.fund.refresh_from_db()
    assert payout.fund.disbursed_cny == Decimal("123.45")
    (order,) = bank.orders
    assert (order.amount_cny, order.purpose) == (Decimal("123.45"), f"{payout.policy.code} {payout.pk}")
    assert order.payee_account.startswith("62220210")


def test_the_end_to_end_id_fits_the_smallest_bank_file() -> None:
    make_payout()
    send_due(gateway=Teller(), limit=1, now=NOW)
    (instruction,) = Instruction.objects.all()
    assert len(instruction.end_to_end_id) <= 22
    assert instruction.end_to_end_id.isalnum()


def test_it_is_sent_once() -> None:
    make_payout()
    bank = Teller(outcome="refused")
    for _turn in range(3):
        send_due(gateway=bank, limit=10, now=NOW)
        apply_replies(limit=10, now=NOW)
    assert len(bank.orders) == 1


def test_a_refusal_fails_with_the_banks_reason() -> None:
    payout = make_payout()
    send_due(gateway=Teller(outcome="refused", reason="the account is closed"), limit=10, now=NOW)
    apply_replies(limit=10, now=NOW)
    assert status_of(payout) == Status.FAILED
    assert payout.moved_because == "the account is closed"
    payout.fund.refresh_from_db()
    assert payout.fund.reserved_cny == 100


def test_silence_is_doubt_and_never_failure() -> None:
    heard, unheard = make_payout(), make_payout()
    bank = Teller(deaf=lambda each: each == f"Q{unheard.pk:015d}A01")
    sent = send_due(gateway=bank, limit=10, now=NOW)
    apply_replies(limit=10, now=NOW)
    assert (sent.count, sent.in_doubt) == (2, 1)
    assert (status_of(heard), status_of(unheard)) == (Status.PAID, Status.IN_DOUBT)
    assert unheard.moved_because == "the teller is deaf"


def test_doubt_is_resolved_by_asking_and_never_by_sending_again() -> None:
    payout, bank = make_payout(), Teller(deaf=deaf)
    send_due(gateway=bank, limit=10, now=NOW)
    bank.deaf = lambda _id: False
    assert ask_in_doubt(gateway=bank, limit=10, now=after(1)) == 0
    assert ask_in_doubt(gateway=bank, limit=10, now=after(5)) == 1
    send_due(gateway=bank, limit=10, now=after(6))
    apply_replies(limit=10, now=after(6))
    assert status_of(payout) == Status.PAID
    assert (len(bank.orders), bank.questions) == (1, [f"Q{payout.pk:015d}A01"])


def test_unknown_before_the_cut_off_decides_nothing() -> None:
    payout, bank = make_payout(), Teller(deaf=deaf)
    send_due(gateway=bank, limit=10, now=NOW, cut_off=timedelta(seconds=60))
    asked = Teller(outcome="unknown", as_of=after(60))
    ask_in_doubt(gateway=asked, limit=10, now=after(100))
    apply_replies(limit=10, now=after(100))
    assert status_of(payout) == Status.IN_DOUBT
    assert ask_in_doubt(gateway=asked, limit=10, now=after(101)) == 0


def lose(payout: Payout, *, at: int) -> None:
    """The bank never sees what is due at that second, and says so after its cut-off."""
    send_due(gateway=Teller(deaf=deaf), limit=10, now=after(at), cut_off=timedelta(seconds=60))
    ask_in_doubt(gateway=Teller(outcome="unknown", as_of=after(at + 61)), limit=10, now=after(at + 61))
    apply_replies(limit=10, now=after(at + 61))


def test_unknown_after_the_cut_off_is_final_and_is_sent_under_a_new_number() -> None:
    payout = make_payout()
    lose(payout, at=0)
    assert status_of(payout) == Status.APPROVED
    steps = payout.transitions.order_by("-sequence").values_list("after", "moved_because")[:2]
    assert [after for after, _why in steps] == ["approved", "failed"]
    assert "never reached the bank" in steps[1][1]
    bank = Teller()
    send_due(gateway=bank, limit=10, now=after(71))
    assert [order.end_to_end_id for order in bank.orders] == [f"Q{payout.pk:015d}A02"]


def test_what_came_past_its_cut_off_is_sent_under_a_new_number(tmp_path: Path) -> None:
    payout = make_payout()
    with simulated(tmp_path, clock=lambda: after(61)) as (bank, connection):
        send_due(gateway=connection, limit=10, now=NOW, cut_off=timedelta(seconds=60))
        apply_replies(limit=10, now=after(61))
        assert status_of(payout) == Status.IN_DOUBT
        ask_in_doubt(gateway=connection, limit=10, now=after(70))
        apply_replies(limit=10, now=after(70))
        assert status_of(payout) == Status.APPROVED
        send_due(gateway=connection, limit=10, now=after(71))
        apply_replies(limit=10, now=after(71))
        assert (status_of(payout), bank.books.summary()["count"]) == (Status.PAID, 1)


def test_a_bank_that_loses_it_three_times_leaves_it_to_a_clerk() -> None:
    payout = make_payout()
    for turn in range(LOST_ATTEMPT_LIMIT):
        lose(payout, at=100 * turn)
    assert status_of(payout) == Status.FAILED
    retry_payouts(payout_ids=[payout.pk], actor=make_user("clerk"), because="the bank is well again", now=after(400))
    bank = Teller()
    send_due(gateway=bank, limit=10, now=after(401))
    assert [order.end_to_end_id for order in bank.orders] == [f"Q{payout.pk:015d}A04"]


def test_what_the_bank_refused_is_not_repeated() -> None:
    payout = make_payout()
    send_due(gateway=Teller(outcome="refused"), limit=10, now=NOW)
    apply_replies(limit=10, now=after(1))
    assert status_of(payout) == Status.FAILED


def test_a_sender_that_was_not_heard_of_again_leaves_doubt() -> None:
    payout = make_payout()

    class Killed(Teller):
        def pay(self, orders: Sequence[PaymentOrder]) -> BankResponse:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send_due(gateway=Killed(), limit=10, now=NOW, lease=timedelta(seconds=30))
    assert status_of(payout) == Status.SENT
    bank = Teller()
    assert ask_in_doubt(gateway=bank, limit=10, now=after(29)) == 0
    assert ask_in_doubt(gateway=bank, limit=10, now=after(31)) == 1
    assert status_of(payout) == Status.IN_DOUBT
    apply_replies(limit=10, now=after(32))
    assert status_of(payout) == Status.PAID


def test_an_answer_that_waits_to_be_applied_is_not_asked_for_again() -> None:
    make_payout()
    send_due(gateway=Teller(), limit=10, now=NOW)
    assert ask_in_doubt(gateway=Teller(), limit=10, now=after(1000)) == 0


def test_the_same_reply_twice_changes_nothing() -> None:
    payout = make_payout()
    send_due(gateway=Teller(), limit=10, now=NOW)
    apply_replies(limit=10, now=NOW)
    said = Answer(f"Q{payout.pk:015d}A01", "paid", NOW)
    assert record_answers(answers=[said], now=after(1)) == 0
    assert apply_replies(limit=10, now=after(1)) == 0
    assert (status_of(payout), payout.sequence) == (Status.PAID, 4)


def test_a_contradiction_is_kept_and_moves_nothing() -> None:
    payout = make_payout()
    send_due(gateway=Teller(), limit=10, now=NOW)
    apply_replies(limit=10, now=NOW)
    before = status_of(payout)
    record_answers(answers=[Answer(f"Q{payout.pk:015d}A01", "refused", NOW)], now=after(1))
    with capture_logs() as logged:
        assert apply_replies(limit=10, now=after(1)) == 1
    assert [(each["event"], each["log_level"]) for each in logged] == [("reply_contradicts_payout", "error")]
    assert status_of(payout) == before
    contradicting = Reply.objects.get(outcome="refused")
    assert before in contradicting.contradicted_status
    assert contradicting.applied_at == after(1)


def test_two_replies_that_came_together_are_judged_one_after_the_other() -> None:
    payout = make_payout()
    send_due(gateway=Teller(deaf=deaf), limit=10, now=NOW)
    said = f"Q{payout.pk:015d}A01"
    record_answers(answers=[Answer(said, "paid", NOW), Answer(said, "refused", NOW)], now=NOW)
    assert [apply_replies(limit=10, now=NOW) for _turn in range(3)] == [1, 1, 0]
    assert status_of(payout) == Status.PAID
    assert Reply.objects.exclude(contradicted_status="").get().outcome == "refused"


def test_a_late_refusal_of_an_earlier_attempt_agrees_and_a_late_payment_does_not() -> None:
    payout = make_payout()
    send_due(gateway=Teller(outcome="refused"), limit=10, now=NOW)
    apply_replies(limit=10, now=NOW)
    retry_payouts(payout_ids=[payout.pk], actor=make_user("clerk"), because="again", now=NOW)
    send_due(gateway=Teller(), limit=10, now=NOW)
    record_answers(answers=[Answer(f"Q{payout.pk:015d}A01", "unknown", NOW)], now=NOW)
    record_answers(answers=[Answer(f"Q{payout.pk:015d}A01", "paid", NOW)], now=NOW)
    while apply_replies(limit=10, now=NOW):
        pass
    assert status_of(payout) == Status.PAID
    assert [each.outcome for each in Reply.objects.exclude(contradicted_status="")] == ["paid"]


def test_answers_about_what_was_not_asked_are_not_believed() -> None:
    payout, other = make_payout(), make_payout()

    class Chatty(Teller):
        def pay(self, orders: Sequence[PaymentOrder]) -> BankResponse:
            return BankResponse((Answer(f"Q{other.pk:015d}A01", "paid", NOW), Answer("X", "paid", NOW)), "chatty")

    assert send_due(gateway=Chatty(), limit=1, now=NOW).in_doubt == 1
    assert status_of(payout) == Status.IN_DOUBT
    assert not Reply.objects.exists()


def test_a_bank_in_trouble_gets_no_more_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "DOUBT_LIMIT", 2)
    waiting = [make_payout() for _each in range(3)]
    send_due(gateway=Teller(deaf=deaf), limit=2, now=NOW)
    assert send_due(gateway=Teller(), limit=10, now=NOW).count == 0
    assert status_of(waiting[-1]) == Status.APPROVED


def test_nothing_due_asks_the_bank_nothing() -> None:
    bank = Teller()
    assert send_due(gateway=bank, limit=10, now=NOW).count == 0
    assert ask_in_doubt(gateway=bank, limit=10, now=NOW) == 0
    assert (bank.orders, bank.questions) == ([], [])


@pytest.mark.django_db(transaction=True)
def test_the_bank_is_never_called_inside_a_transaction() -> None:
    make_payout()

    class Watching(Teller):
        def pay(self, orders: Sequence[PaymentOrder]) -> BankResponse:
            assert not connection.in_atomic_block
            return super().pay(orders)

        def ask(self, end_to_end_ids: Sequence[str]) -> BankResponse:
            assert not connection.in_atomic_block
            return super().ask(end_to_end_ids)

    bank = Watching(deaf=deaf)
    send_due(gateway=bank, limit=10, now=NOW)
    ask_in_doubt(gateway=bank, limit=10, now=after(60))
    assert bank.orders
    assert bank.questions


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("call", [send_due, ask_in_doubt])
def test_a_caller_inside_a_transaction_is_refused(call: Callable[..., object]) -> None:
    with transaction.atomic(), pytest.raises(InsideTransaction):
        call(gateway=Teller(), limit=10, now=NOW)


def test_through_every_trouble_each_payout_is_paid_once(tmp_path: Path) -> None:
    """The bank is slow, deaf and refusing, over a real connection; the clock advances by a minute each turn."""
    turns = 0

    def clock() -> datetime:
        return datetime.now(UTC) + timedelta(minutes=turns)

    rich = make_version(granted_cny=1_000_000)
    payouts = [make_payout(of=rich).pk for _each in range(60)]
    faults = Faults(timeout_rate=0.3, drop_reply_rate=0.3, refuse_rate=0.2, seed=5)
    clerk = make_user("clerk")
    with simulated(tmp_path, faults=faults, clock=clock, timeout_seconds=0.2) as (server, bank):
        while count_statuses(payouts) != {"paid": 60} and turns < 60:
            turns += 1
            while send_due(gateway=bank, limit=10, now=clock()).count:
                pass
            ask_in_doubt(gateway=bank, limit=100, now=clock())
            while apply_replies(limit=100, now=clock()):
                pass
            failed = list(Payout.objects.filter(status=Status.FAILED).values_list("pk", flat=True))
            if failed:
                retry_payouts(payout_ids=failed, actor=clerk, because="the bank did not pay it", now=clock())
        with connected(server, timeout_seconds=30) as patient:
            proved = invariants(bank_books=patient)
    assert count_statuses(payouts) == {"paid": 60}
    assert proved.hold, proved.troubles
    assert proved.bank_payments == 60
