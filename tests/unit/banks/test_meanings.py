"""The table of the meanings of replies answers every case, and each of its rows decides one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise, product

import pytest

from payouts.models import Outcome, Verdict
from payouts.replies.classify import VERDICTS_OF_LINES, VERDICTS_OF_MEANINGS, LineFacts, determine_verdict
from payouts.replies.meanings import MEANINGS, Meaning, ReplyFacts, determine_meaning
from payouts.states import MOVES, Status

FLAGS = [each.name for each in fields(ReplyFacts) if each.name not in ("outcome", "status")]
OF_ROWS = [each.name for each in fields(LineFacts) if each.name not in {f.name for f in fields(ReplyFacts)}]
# The moves that a meaning makes on a sent payout, one after another.
MADE = {
    Meaning.SETTLES: (Status.SENT, Status.PAID),
    Meaning.FAILS: (Status.SENT, Status.FAILED),
    Meaning.REPEATS: (Status.SENT, Status.FAILED, Status.APPROVED),
    Meaning.TAKES_BACK: (Status.SENT, Status.PAID, Status.RETURNED),
    Meaning.ENDS_DEMAND: (Status.RECOVERING, Status.RETURNED),
    Meaning.PAYS_AFTER_ALL: (Status.FAILED, Status.PAID),
}


def facts(outcome: str, status: str, *true: str) -> ReplyFacts:
    return ReplyFacts(outcome=outcome, status=status, **{name: name in true for name in FLAGS})


def everything() -> Iterator[ReplyFacts]:
    for outcome, status, *flags in product(Outcome, Status, *((False, True) for _flag in FLAGS)):
        yield ReplyFacts(outcome=outcome, status=status, **dict(zip(FLAGS, flags, strict=True)))


def row_facts(said: ReplyFacts, *true: str) -> LineFacts:
    of_reply = {each.name: getattr(said, each.name) for each in fields(ReplyFacts)}
    return LineFacts(**of_reply, **{name: name in true for name in OF_ROWS})


def test_every_case_has_a_meaning_and_no_row_is_idle() -> None:
    deciding = set()
    for case in everything():
        meaning = determine_meaning(case)
        first = next(
            place
            for place, row in enumerate(MEANINGS)
            if case.outcome in row.outcomes
            and case.status in row.states
            and all(getattr(case, name) for name in row.needs)
            and not any(getattr(case, name) for name in row.bars)
        )
        assert MEANINGS[first].meaning == meaning
        deciding.add(first)
    assert deciding == set(range(len(MEANINGS)))


def test_what_a_meaning_moves_the_table_of_moves_allows() -> None:
    assert set(MADE) | {Meaning.AGREES, Meaning.CONTRADICTS} == set(Meaning)
    for states in MADE.values():
        assert all(pair in MOVES for pair in pairwise(states))


@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        (facts("paid", "sent", "is_latest"), "settles"),
        (facts("paid", "sent"), "contradicts"),
        (facts("refused", "in_doubt", "is_latest"), "fails"),
        (facts("refused", "sent"), "agrees"),
        (facts("unknown", "in_doubt", "is_latest", "may_be_repeated"), "repeats"),
        (facts("unknown", "in_doubt", "is_latest"), "fails"),
        (facts("returned", "sent", "is_latest"), "takes_back"),
        (facts("returned", "paid"), "contradicts"),
        (facts("returned", "recovering", "is_latest"), "ends_demand"),
        (facts("returned", "recovering", "is_latest", "is_partly_repaid"), "contradicts"),
        (facts("returned", "recovering", "is_latest", "is_paid_otherwise"), "contradicts"),
        (facts("paid", "failed", "is_paid_as_last_word"), "pays_after_all"),
        (facts("paid", "approved", "is_paid_as_last_word", "is_in_sealed_batch"), "contradicts"),
        (facts("paid", "cancelled", "is_latest", "is_paid_as_last_word"), "contradicts"),
        (facts("paid", "paid", "is_latest"), "agrees"),
        (facts("paid", "paid", "is_latest", "is_paid_otherwise"), "contradicts"),
        (facts("refused", "paid", "is_latest", "is_reported_paid"), "contradicts"),
        (facts("refused", "paid", "is_reported_paid"), "agrees"),
    ],
)
def test_what_a_reply_means(said: ReplyFacts, meaning: str) -> None:
    assert determine_meaning(said) == meaning


def test_a_row_means_what_speaks_against_it_first_and_then_what_a_reply_means() -> None:
    said = facts("paid", "sent", "is_latest")
    assert list(VERDICTS_OF_LINES) == OF_ROWS
    for place, (name, verdict) in enumerate(VERDICTS_OF_LINES.items()):
        assert determine_verdict(row_facts(said, *OF_ROWS[place:])) == verdict
        assert determine_verdict(row_facts(said, name)) == verdict
    assert determine_verdict(row_facts(said)) == Verdict.NEWS
    assert set(VERDICTS_OF_MEANINGS) == set(Meaning)
