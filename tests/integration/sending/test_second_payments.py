"""Rows about a second payment, or about another bank's payments, wait for a clerk and change nothing."""

from __future__ import annotations

import pytest

from payouts.models import Batch, Payout, Reply, ReplyFileStatus, Verdict
from payouts.replies.apply_file import set_line_aside
from payouts.replies.files import ReplyRefused
from payouts.replies.queries import find_waiting_lines
from payouts.states import Status
from tests.factories import replies as written
from tests.factories.clock import NOW
from tests.factories.decisions import match_row
from tests.factories.layouts import take_into_use
from tests.factories.payouts import make_bank, make_released_batch
from tests.factories.people import make_user
from tests.integration.replies.test_reply_files import applied, ids, meanings, standing, uploaded

pytestmark = pytest.mark.django_db


def by_table(how_many: int = 1) -> Batch:
    return make_released_batch(how_many, of=make_bank(reply_template=written.template()))


def answered(batch: Batch, *said: tuple[str, str]) -> list[str]:
    """The meanings of a table that says these words under these references about the first payment of the batch."""
    rows = [written.TITLES, *((ids(batch)[0], "100.00", word, reference, "") for word, reference in said)]
    file = uploaded(written.table(rows), batch=batch)
    found = meanings(file)
    applied(file)
    return found


def told(batch: Batch, *references: str) -> list[str]:
    """The meanings of a table that reports the first payment of the batch as made, once for each reference."""
    return answered(batch, *(("成功", reference) for reference in references))


@pytest.mark.parametrize(
    ("reference", "meaning"), [("F2", Verdict.AMBIGUOUS), ("F1", Verdict.FINAL), ("", Verdict.FINAL)]
)
def test_what_came_back_and_is_booked_anew_is_seen_by_a_person(reference: str, meaning: str) -> None:
    batch = by_table()
    assert answered(batch, ("成功", "F1")) == [Verdict.NEWS]
    assert answered(batch, ("退汇", "R1")) == [Verdict.NEWS]
    assert standing(batch) == [Status.RETURNED]
    assert answered(batch, ("成功", "F1"), ("退汇", "R1")) == [Verdict.FINAL] * 2
    assert answered(batch, ("成功", reference), ("", "")) == [meaning, Verdict.UNCLEAR]
    assert standing(batch) == [Status.RETURNED]


@pytest.mark.parametrize(
    ("references", "second"),
    [
        (("F1", "F2"), Verdict.AMBIGUOUS),
        (("", "F1", "F2"), Verdict.AMBIGUOUS),
        (("F1", "F1"), Verdict.DUPLICATE),
        (("F1", ""), Verdict.DUPLICATE),
        (("", ""), Verdict.DUPLICATE),
    ],
)
def test_two_bookings_under_two_references_are_seen_by_a_person(references: tuple[str, ...], second: str) -> None:
    batch = by_table()
    found = told(batch, *references)
    assert (found[0], found[-1]) == (Verdict.NEWS, second)
    assert standing(batch) == [Status.PAID]
    assert find_waiting_lines().count() == (second == Verdict.AMBIGUOUS)


@pytest.mark.usefixtures("in_english")
def test_a_row_that_says_what_is_known_is_matched_to_nothing() -> None:
    batch = by_table()
    told(batch, "F1", "F2")
    line, asked = find_waiting_lines().get(), {"actor": make_user("clerk"), "now": NOW}
    with pytest.raises(ReplyRefused, match="before"):
        match_row(line=line, end_to_end_id=ids(batch)[0])
    assert (find_waiting_lines().get(), Reply.objects.count()) == (line, 1)
    set_line_aside(line=line, because="the bank took the second one back", **asked)
    assert not find_waiting_lines().exists()


def test_a_table_is_not_read_by_the_words_of_another_bank() -> None:
    """The word by which one bank reports a payment is the word of another bank for a refusal."""
    batch = by_table()
    words = {"paid_words": "失败", "refused_words": "成功"}
    contrary = take_into_use(written.draft_replies(name="另一银行回执", amount_title="", **words))
    content = written.table([written.TITLES, (ids(batch)[0], "100.00", "成功", "F1", "")])
    other = make_released_batch(1, of=make_bank(reply_template=contrary))
    refused = uploaded(content, batch=other)
    assert refused.status == ReplyFileStatus.REFUSED
    assert str(batch.bank) in refused.refusal
    assert not refused.lines.exists()
    applied(uploaded(content, batch=batch))
    assert Payout.objects.get(instructions__batch=batch).status == Status.PAID


def test_banks_that_share_a_layout_may_answer_for_each_other() -> None:
    batch, other = by_table(), by_table()
    rows = [written.TITLES, *((each, "100.00", "成功", "", "") for each in (*ids(batch), *ids(other)))]
    assert meanings(uploaded(written.table(rows), batch=other)) == [Verdict.NEWS] * 2
