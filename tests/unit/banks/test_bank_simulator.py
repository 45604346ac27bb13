"""The simulated bank: its books and its HTTP interface."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from payouts.banks.gateway import BooksUnavailable, ExecutedPayment, PaymentOrder
from payouts.banks.http import HttpBank
from qinqing.bank_simulator.faults import Faults, NotAFault
from qinqing.bank_simulator.server import Bank
from tests.tellers import TOKEN, simulated

LATER = datetime.now(UTC) + timedelta(hours=1)


def order(number: int = 1, *, amount: str = "500.00", purpose: str = "", valid_until: datetime = LATER) -> PaymentOrder:
    return PaymentOrder(
        end_to_end_id=f"Q{number}A01",
        amount_cny=Decimal(amount),
        payee_name="杭州试验有限公司",
        payee_account="6222021234567890",
        bank_number="313331000014",
        purpose=purpose or f"P-01 {number}",
        valid_until=valid_until,
    )


@pytest.fixture
def open_bank(tmp_path: Path) -> Iterator[tuple[Bank, HttpBank]]:
    with simulated(tmp_path) as pair:
        yield pair


@pytest.fixture
def bank(open_bank: tuple[Bank, HttpBank]) -> HttpBank:
    return open_bank[1]


@pytest.fixture
def browser(open_bank: tuple[Bank, HttpBank]) -> Iterator[httpx.Client]:
    address = f"http://127.0.0.1:{open_bank[0].server_address[1]}"
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False) as client:
        yield client


def test_it_pays_and_says_so_again_without_paying_again(bank: HttpBank) -> None:
    (first,) = bank.pay([order()]).answers
    (again,) = bank.pay([order()]).answers
    assert (first.outcome, first.bank_reference) == ("paid", "SIM000000000001")
    assert again.bank_reference == first.bank_reference
    assert list(bank.list_executed()) == [ExecutedPayment("Q1A01", Decimal("500.00"), "P-01 1")]


def test_the_same_id_with_other_content_is_a_conflict_and_pays_nothing(bank: HttpBank, browser: httpx.Client) -> None:
    bank.pay([order()])
    heard = bank.pay([order(2), order(amount="501.00")])
    assert (heard.answers, heard.silence) == ((), "the bank answered 409")
    assert browser.get("/v1/books").json()["count"] == 1


def test_one_id_twice_in_one_request_is_paid_once(bank: HttpBank) -> None:
    bank.pay([order(), order()])
    assert len(list(bank.list_executed())) == 1


def test_a_new_cut_off_is_the_same_content(bank: HttpBank) -> None:
    bank.pay([order()])
    assert bank.pay([order(valid_until=LATER + timedelta(hours=1))]).answers[0].outcome == "paid"


def test_past_the_cut_off_it_never_pays(bank: HttpBank) -> None:
    late = order(valid_until=datetime.now(UTC) - timedelta(seconds=1))
    # No clerk mends this: the platform sends the payment under a new id, as it does when the bank never saw a payment.
    assert bank.pay([late]).answers[0].outcome == "unknown"
    assert bank.pay([replace(late, valid_until=LATER)]).answers[0].reason == "past its cut-off"
    assert list(bank.list_executed()) == []


def test_it_says_what_became_of_payments(bank: HttpBank) -> None:
    bank.pay([order()])
    heard = bank.ask(["Q1A01", "Q2A01"])
    assert [(each.end_to_end_id, each.outcome) for each in heard.answers] == [("Q1A01", "paid"), ("Q2A01", "unknown")]
    assert heard.answers[0].as_of.tzinfo is not None


def test_it_refuses_the_same_payments_for_the_same_seed(tmp_path: Path) -> None:
    with simulated(tmp_path, faults=Faults(refuse_rate=0.3, seed=7)) as (_bank, connection):
        heard = connection.pay([order(number) for number in range(1, 101)])
    refused = {each.end_to_end_id for each in heard.answers if each.outcome == "refused"}
    assert 15 < len(refused) < 45
    assert refused == {f"Q{n}A01" for n in range(1, 101) if Faults(refuse_rate=0.3, seed=7).refuses(f"Q{n}A01")}


def test_its_statement_is_read_page_by_page(bank: HttpBank, browser: httpx.Client) -> None:
    bank.pay([order(number) for number in range(1, 6)])
    first = browser.get("/v1/payments", params={"limit": 2}).json()
    rest = browser.get("/v1/payments", params={"limit": 100, "after": first["next_after"]}).json()
    assert [len(first["payments"]), len(rest["payments"])] == [2, 3]
    assert len({each.end_to_end_id for each in bank.list_executed()}) == 5


def test_its_books_show_who_was_paid_twice_for_one_thing(bank: HttpBank, browser: httpx.Client) -> None:
    bank.pay([order(1, purpose="P-01 1"), order(2, purpose="P-01 1"), order(3)])
    assert browser.get("/v1/books").json() == {
        "count": 3,
        "total_cny": "1500.00",
        "refused": 0,
        "returned": 0,
        "duplicates": 1,
    }


def test_its_books_outlive_it(tmp_path: Path) -> None:
    with simulated(tmp_path) as (_bank, connection):
        connection.pay([order()])
    with simulated(tmp_path) as (_bank, connection):
        assert len(list(connection.list_executed())) == 1


@pytest.mark.parametrize("path", ["/v1/books", "/v1/payments", "/v1/payments/Q1A01"])
def test_without_the_token_it_shows_nothing(browser: httpx.Client, path: str) -> None:
    assert browser.get(path, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert browser.get("/v1/health", headers={"Authorization": ""}).status_code == 200


def test_without_the_token_it_pays_nothing(open_bank: tuple[Bank, HttpBank]) -> None:
    stranger = HttpBank(url=f"http://127.0.0.1:{open_bank[0].server_address[1]}", token="wrong", timeout_seconds=5)
    assert stranger.pay([order()]).silence == "the bank answered 401"
    with pytest.raises(BooksUnavailable):
        list(stranger.list_executed())
    stranger.close()
    assert list(open_bank[1].list_executed()) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"{}",
        b'{"payments": []}',
        b'{"payments": [1]}',
        b'{"payments": [{"end_to_end_id": "X"}]}',
    ],
)
def test_nonsense_is_refused_with_a_sentence(browser: httpx.Client, body: bytes) -> None:
    answer = browser.post("/v1/payments", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert browser.get("/v1/health").status_code == 200


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "NaN", "Infinity", "0.001", "1e400"])
def test_what_is_no_amount_is_not_paid(browser: httpx.Client, amount: str) -> None:
    wanted = {
        "end_to_end_id": "X",
        "amount_cny": amount,
        "payee_name": "a",
        "payee_account": "1",
        "bank_number": "2",
        "purpose": "p",
        "valid_until": LATER.isoformat(),
    }
    assert browser.post("/v1/payments", json={"payments": [wanted]}).status_code == 400


def test_faults_are_set_while_it_runs(browser: httpx.Client, bank: HttpBank) -> None:
    assert browser.put("/v1/faults", json={"refuse_rate": 1}).status_code == 200
    assert bank.pay([order()]).answers[0].outcome == "refused"


@pytest.mark.parametrize("wrong", [{"refuse_rate": 2}, {"refuse_rate": "a lot"}, {"mood": 1}, {"slow_seconds": -1}])
def test_there_are_no_other_faults(browser: httpx.Client, wrong: dict[str, object]) -> None:
    assert browser.put("/v1/faults", json=wrong).status_code == 422
    with pytest.raises(NotAFault):
        Faults().changed(wrong)


def test_a_single_payment_can_be_looked_up(browser: httpx.Client, bank: HttpBank) -> None:
    bank.pay([order()])
    assert browser.get("/v1/payments/Q1A01").json()["outcome"] == "paid"
    assert browser.get("/v1/payments/Q9A01").status_code == 404
    assert browser.get("/v1/nothing").status_code == 404
