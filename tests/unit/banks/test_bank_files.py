"""The simulated bank reads pain.001 and writes pain.002 and camt.054; a bank may contradict itself."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from payouts.banks.gateway import PaymentOrder
from payouts.banks.http import HttpBank
from payouts.formats.exports import pain001
from payouts.formats.exports.layout import Heading, Kind, Layout
from payouts.formats.exports.lines import Line, Payer
from payouts.formats.replies.read_file import read
from qinqing.bank_simulator.faults import Faults
from qinqing.bank_simulator.server import Bank
from tests.tellers import TOKEN, simulated

HEADERS = {"Authorization": f"Bearer {TOKEN}"}
LATER = datetime.now(UTC) + timedelta(hours=1)
NAMED = ("杭州试验有限公司", "6222021234567890", "杭州银行", "313331000014")


@pytest.fixture
def open_bank(tmp_path: Path) -> Iterator[tuple[Bank, HttpBank]]:
    with simulated(tmp_path) as pair:
        yield pair


def order(number: int) -> PaymentOrder:
    name, account, _bank, bank_number = NAMED
    return PaymentOrder(f"Q{number}A01", Decimal(500), name, account, bank_number, f"P-01 {number}", LATER)


def batch_file(count: int) -> bytes:
    """A batch of this many payments of 100 yuan, as the platform writes it."""
    target = io.BytesIO()
    payer = Payer("杭州市财政局", "33010000000000000001", "011331000015")
    heading = Heading("QQ1", "QQ1", datetime(2026, 3, 2, tzinfo=UTC), payer, count, Decimal(count * 100))
    lines = [Line(f"Q{number}A01", Decimal(100), *NAMED, f"P-01 {number}") for number in range(1, count + 1)]
    pain001.write(target, layout=Layout(Kind.PAIN001), heading=heading, lines=lines)
    return target.getvalue()


def taken(bank: Bank, path: str, *, content: bytes) -> bytes:
    """The bank's reply to a file that somebody brings."""
    address = f"http://127.0.0.1:{bank.server_address[1]}{path}"
    return httpx.post(address, content=content, headers=HEADERS, trust_env=False).raise_for_status().content


def test_a_file_is_paid_once_and_answered_with_the_same_bytes(open_bank: tuple[Bank, HttpBank]) -> None:
    bank, _connection = open_bank
    first, second = (taken(bank, "/v1/files", content=batch_file(2)) for _time in range(2))
    assert first == second
    header, rows = read(io.BytesIO(first), words=None)
    assert (header.kind, header.message_id) == ("pain.002", "RQQ1")
    assert [(row.end_to_end_id, row.outcome) for row in rows] == [("Q1A01", "paid"), ("Q2A01", "paid")]
    assert bank.books.summary() == {"count": 2, "total_cny": "200.00", "refused": 0, "returned": 0, "duplicates": 0}


@pytest.mark.parametrize(
    "spoilt", [b"", b"<Document/>", batch_file(2)[:-40], batch_file(2).replace(b"200.00", b"200.01")]
)
def test_a_file_that_is_cut_or_miscounted_is_refused_and_pays_nobody(
    spoilt: bytes, open_bank: tuple[Bank, HttpBank]
) -> None:
    bank, _connection = open_bank
    with pytest.raises(httpx.HTTPStatusError, match="400"):
        taken(bank, "/v1/files", content=spoilt)
    assert bank.books.summary()["count"] == 0


def test_what_comes_back_is_executed_no_more(open_bank: tuple[Bank, HttpBank]) -> None:
    bank, connection = open_bank
    connection.pay([order(1), order(2)])
    asked = json.dumps({"end_to_end_ids": ["Q1A01", "Q9A01"], "message_id": "BACK1"}).encode()
    first, second = (taken(bank, "/v1/returns", content=asked) for _time in range(2))
    assert first == second
    header, rows = read(io.BytesIO(first), words=None)
    (row,) = rows
    assert (header.kind, row.end_to_end_id, row.outcome, row.amount_cny) == ("camt.054", "Q1A01", "returned", 500)
    assert [payment.end_to_end_id for payment in connection.list_executed()] == ["Q2A01"]
    assert bank.books.summary()["count"] == 1


def test_a_bank_that_contradicts_itself_says_the_truth_first(tmp_path: Path) -> None:
    with simulated(tmp_path, faults=Faults(contradict_rate=1)) as (bank, connection):
        heard = connection.pay([order(1), order(2)])
        said = [(answer.end_to_end_id, answer.outcome) for answer in heard.answers]
        assert said == [("Q1A01", "paid"), ("Q2A01", "paid"), ("Q1A01", "refused")]
        told = httpx.get(f"http://127.0.0.1:{bank.server_address[1]}/v1/faults", headers=HEADERS, trust_env=False)
        assert told.json()["struck"]["contradict_rate"] == 1
