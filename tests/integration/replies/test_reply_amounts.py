"""A row of a reply may name an amount: if the amount is unreadable or not ours, the row pays nobody."""

from __future__ import annotations

import pytest

from payouts.models import Batch, Verdict
from payouts.replies.files import ReplyRefused
from payouts.replies.queries import find_waiting_lines
from payouts.states import Status
from tests.factories import replies as written
from tests.factories.decisions import match_row
from tests.factories.payouts import make_bank, make_released_batch
from tests.integration.replies.test_reply_files import applied, ids, meanings, standing, uploaded

pytestmark = pytest.mark.django_db


def answered_in_tables(lines: int) -> Batch:
    return make_released_batch(lines, of=make_bank(reply_template=written.template()))


@pytest.mark.parametrize("amount", ["1O0.00", "100.00-", "(100.00)", "USD 100.00", "99.996"])
def test_an_amount_that_cannot_be_read_pays_nobody(amount: str) -> None:
    batch = answered_in_tables(1)
    rows = [written.TITLES, (ids(batch)[0], amount, "成功", "F1", "")]
    file = uploaded(written.table(rows), batch=batch, name="reply.csv")
    assert meanings(file) == [Verdict.WRONG_AMOUNT]
    assert applied(file) == 0
    assert standing(batch) == [Status.SENT]
    assert find_waiting_lines().get().amount_said == amount


def test_an_amount_of_another_currency_pays_nobody() -> None:
    batch = make_released_batch(1)
    file = uploaded(written.statement([written.entry(ids(batch)[0], currency="USD")]))
    assert meanings(file) == [Verdict.WRONG_AMOUNT]
    applied(file)
    assert standing(batch) == [Status.SENT]


def test_a_line_whose_amount_cannot_be_read_is_matched_by_nobody() -> None:
    batch = make_released_batch(1)
    applied(uploaded(written.statement([written.entry("NOTPROVIDED", currency="USD")])))
    with pytest.raises(ReplyRefused, match="USD 100"):
        match_row(line=find_waiting_lines().get(), end_to_end_id=ids(batch)[0])
    assert standing(batch) == [Status.SENT]


def test_a_fee_in_front_of_the_payment_hides_it_not() -> None:
    batch = make_released_batch(2)
    first, second = ids(batch)
    entries = [written.entry(first, "0.50"), written.entry(first), written.entry(second), written.entry(second)]
    file = uploaded(written.statement([*entries, written.entry(first, "0.50")]))
    assert meanings(file) == ["wrong_amount", "news", "news", "duplicate", "duplicate"]
    applied(file)
    assert standing(batch) == [Status.PAID] * 2
