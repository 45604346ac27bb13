"""The model's methods, the database's trigger and the diagram agree with one table of moves."""

from __future__ import annotations

import re
from itertools import product

import pytest

from payouts.batch_states import BATCH_MOVES, BatchStatus, Duty
from payouts.batches.transition import may_move_batch
from payouts.ledger.move import find_source_states, may_move
from payouts.management.commands.payout_states import page, page_file
from payouts.models import Payout
from payouts.states import MOVES, Role, Status, diagram, may, sources

TRIGGER = next(each.body() for each in Payout._meta.triggers if each.name == "payout_moves_by_the_table")
IN_THE_TABLE = {(before, after, role) for (before, after), move in MOVES.items() for role in move.roles}


def test_the_methods_of_the_model_make_the_moves_of_the_table() -> None:
    made = {(each.source, each.target) for each in Payout(status=Status.REQUESTED).get_all_status_transitions()}
    assert made == set(MOVES)


def test_the_machine_allows_each_role_what_the_table_does() -> None:
    for before, after, role in product(Status, Status, Role):
        assert may_move(before=before, after=after, role=role) == ((before, after, role) in IN_THE_TABLE)
        assert (before in find_source_states(after=after, role=role)) == ((before, after, role) in IN_THE_TABLE)


def test_the_machine_of_a_batch_allows_each_duty_what_the_table_does() -> None:
    for before, after, duty in product(BatchStatus, BatchStatus, Duty):
        assert may_move_batch(before=before, after=after, duty=duty) == (BATCH_MOVES.get((before, after)) == duty)


def test_each_method_is_named_once() -> None:
    names = {each.name: each.target for each in Payout(status=Status.REQUESTED).get_all_status_transitions()}
    assert len(set(names.values())) == len(names)


def test_the_trigger_knows_the_moves_of_the_table() -> None:
    written = set(re.findall(r"\('(\w+)', '(\w+)', '(system|owner|finance|officer)'\)", TRIGGER))
    assert written == {(before.value, after.value, role.value) for before, after, role in IN_THE_TABLE}


def test_the_trigger_posts_the_money_of_the_table() -> None:
    accounts = "granted|available|reserved|disbursed|recovered"
    written = set(re.findall(rf"\('(\w+)', '(\w+)', '({accounts})', '({accounts})'\)", TRIGGER))
    assert written == {
        (before.value, after.value, move.transfer.debit.value, move.transfer.credit.value)
        for (before, after), move in MOVES.items()
        if move.transfer
    }


def test_the_page_in_the_documentation_is_current() -> None:
    assert page_file().read_text() == page(), "Run: manage.py payout_states"


def test_the_diagram_draws_every_move() -> None:
    drawn = set(re.findall(r"^    (\w+) --> (\w+):", diagram(), flags=re.MULTILINE))
    assert drawn == {(before.value, after.value) for before, after in MOVES}


@pytest.mark.parametrize("status", list(Status))
def test_every_state_is_reached(status: Status) -> None:
    assert status == Status.REQUESTED or sources(status)


def test_a_move_belongs_to_its_roles() -> None:
    assert may(before=Status.RETURNED, after=Status.APPROVED, role=Role.FINANCE)
    assert not may(before=Status.RETURNED, after=Status.APPROVED, role=Role.OWNER)
    assert not may(before=Status.PAID, after=Status.SENT, role=Role.SYSTEM)


def test_nobody_cancels_what_is_with_the_bank_or_paid() -> None:
    with_the_bank = {Status.SENT, Status.IN_DOUBT, Status.PAID, Status.RECOVERING, Status.RECOVERED}
    assert not with_the_bank & set(sources(Status.CANCELLED))
