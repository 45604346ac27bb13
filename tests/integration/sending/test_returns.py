"""A payment comes back days later because its account is wrong: over real HTTP, from the return to the new payment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from django.db import IntegrityError, connection, transaction

from payouts.banks.http import HttpBank
from payouts.controls.reconcile import Invariants, invariants
from payouts.ledger.waiting_accounts import compute_account_deadline, sum_stopped_payouts
from payouts.models import Instruction, Payout, Reply, ReturnsRead
from payouts.replies.apply import apply_replies
from payouts.sending.account_replaced import resume_mended
from payouts.sending.returned import record_returns
from payouts.sending.send import InsideTransaction, send_due
from payouts.states import Status
from qinqing.bank_simulator.faults import Faults
from qinqing.bank_simulator.server import Bank
from qinqing.kernel.database.integrity import constraint_of
from tests.factories.clock import NOW
from tests.factories.companies import use_other_account
from tests.factories.payouts import make_payout
from tests.factories.people import make_user
from tests.tellers import TOKEN, simulated

pytestmark = pytest.mark.django_db

DAYS = timedelta(days=3)


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bank(tmp_path: Path, clock: Clock) -> Iterator[tuple[Bank, HttpBank]]:
    faults = Faults(return_rate=1, return_after_seconds=DAYS.total_seconds())
    with simulated(tmp_path, faults=faults, clock=clock) as (simulator, reached):
        yield simulator, reached


def work(reached: HttpBank, clock: Clock) -> int:
    """Send payouts, record returns and apply replies; the number of returns in the list."""
    send_due(gateway=reached, limit=100, now=clock.now)
    apply_replies(limit=100, now=clock.now)
    heard = record_returns(gateway=reached, limit=100, now=clock.now)
    apply_replies(limit=100, now=clock.now)
    return heard


def proved(bank_books: HttpBank) -> Invariants:
    found = invariants(bank_books=bank_books)
    with connection.cursor() as cursor:
        # The temporary tables would end with the transaction, but this transaction lasts as long as the test.
        cursor.execute("DROP TABLE bank_book, bank_paired")
    return found


def status(payout: Payout) -> str:
    return str(Payout.objects.values_list("status", flat=True).get(pk=payout.pk))


def mend(payout: Payout, clock: Clock) -> None:
    told = {"holder_name": payout.company.name, "bank_name": "杭州银行", "bank_number": "313331000014"}
    use_other_account(
        company=payout.company, number="6222021234567894", actor=make_user("owner"), now=clock.now, **told
    )


def test_from_the_return_to_the_new_payment(bank: tuple[Bank, HttpBank], clock: Clock) -> None:
    simulator, reached = bank
    payout = make_payout()
    assert work(reached, clock) == 0
    assert status(payout) == Status.PAID

    clock.now += DAYS
    assert work(reached, clock) == 1
    assert status(payout) == Status.RETURNED
    returned = Payout.objects.get(pk=payout.pk)
    assert (returned.moved_because, returned.paid_at) == ("name and account do not match", None)
    owed = sum_stopped_payouts(company=payout.company).account_request
    assert owed is not None
    assert (owed.count, owed.due_on) == (1, compute_account_deadline(clock.now))
    payout.fund.refresh_from_db()
    assert (payout.fund.reserved_cny, payout.fund.disbursed_cny) == (100, 0)
    assert simulator.books.summary()["total_cny"] == "0.00"
    assert proved(reached).hold

    assert resume_mended(limit=10, now=clock.now) == 0
    simulator.set_faults(Faults())
    mend(payout, clock)
    assert resume_mended(limit=10, now=clock.now) == 1
    assert work(reached, clock) == 0
    assert status(payout) == Status.PAID
    first, second = Instruction.objects.filter(payout=payout).order_by("attempt")
    assert (first.account_id != second.account_id, first.end_to_end_id != second.end_to_end_id) == (True, True)
    assert simulator.books.summary() == {
        "count": 1,
        "total_cny": "100.00",
        "refused": 0,
        "returned": 1,
        "duplicates": 0,
    }
    assert proved(reached).hold


def test_a_return_is_listed_in_the_statement_and_in_every_answer(bank: tuple[Bank, HttpBank], clock: Clock) -> None:
    _simulator, reached = bank
    make_payout()
    work(reached, clock)
    end_to_end_id = Instruction.objects.get().end_to_end_id
    assert [row.end_to_end_id for row in reached.list_executed()] == [end_to_end_id]
    clock.now += DAYS
    assert list(reached.list_executed()) == []
    (answer,) = reached.ask([end_to_end_id]).answers
    assert (answer.outcome, answer.bank_reference) == ("returned", "RET000000000001")


def test_a_return_that_nobody_has_heard_of_is_a_disagreement(bank: tuple[Bank, HttpBank], clock: Clock) -> None:
    _simulator, reached = bank
    make_payout()
    work(reached, clock)
    clock.now += DAYS
    found = proved(reached)
    assert not found.bank_agrees
    assert any("not in the bank's books" in trouble for trouble in found.troubles)


def test_returns_are_read_page_by_page_and_taken_down_once(bank: tuple[Bank, HttpBank], clock: Clock) -> None:
    _simulator, reached = bank
    for _each in range(5):
        make_payout()
    work(reached, clock)
    clock.now += DAYS
    pages = [record_returns(gateway=reached, limit=2, now=clock.now) for _turn in range(4)]
    assert pages == [2, 2, 1, 0]
    assert ReturnsRead.objects.get().after == 5
    ReturnsRead.objects.update(after=0)
    assert record_returns(gateway=reached, limit=100, now=clock.now) == 5
    assert Reply.objects.filter(outcome="returned").count() == 5
    apply_replies(limit=100, now=clock.now)
    assert set(Payout.objects.values_list("status", flat=True)) == {Status.RETURNED}


def test_what_came_back_before_its_answer_arrived_was_paid_and_returned(
    bank: tuple[Bank, HttpBank], clock: Clock
) -> None:
    simulator, reached = bank
    payout = make_payout()
    simulator.set_faults(simulator.faults.changed({"drop_reply_rate": 1}))
    send_due(gateway=reached, limit=10, now=clock.now)
    assert status(payout) == Status.IN_DOUBT
    clock.now += DAYS
    simulator.set_faults(simulator.faults.changed({"drop_reply_rate": 0}))
    assert work(reached, clock) == 1
    assert status(payout) == Status.RETURNED
    assert proved(reached).hold


def test_a_silent_bank_has_no_returns(bank: tuple[Bank, HttpBank], clock: Clock) -> None:
    simulator, reached = bank
    make_payout()
    work(reached, clock)
    clock.now += DAYS
    simulator.token = "another"
    assert record_returns(gateway=reached, limit=10, now=clock.now) == 0
    assert not ReturnsRead.objects.exists()
    simulator.token = TOKEN
    assert record_returns(gateway=reached, limit=10, now=clock.now) == 1


def test_the_bank_is_not_called_inside_a_transaction(bank: tuple[Bank, HttpBank], clock: Clock) -> None:
    with pytest.raises(InsideTransaction), transaction.atomic():
        record_returns(gateway=bank[1], limit=10, now=clock.now)


def test_there_is_one_place_to_go_on_from() -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        ReturnsRead.objects.create(id=2)
    assert constraint_of(refused.value) == "returns_read_is_one_row"


def test_the_list_refuses_nonsense(bank: tuple[Bank, HttpBank]) -> None:
    simulator, _reached = bank
    url = f"http://127.0.0.1:{simulator.server_address[1]}/v1/returns"
    shown = {"Authorization": f"Bearer {TOKEN}"}
    assert httpx.get(url, params={"after": "x"}, headers=shown, trust_env=False).status_code == 400
    assert httpx.get(url, trust_env=False).status_code == 401
