"""The account and the channel of a bank are entered and changed by two people alone, whoever writes."""

from __future__ import annotations

from typing import Any

import pytest

from payouts.batch_states import Channel
from payouts.batches.assemble import BatchUnderWay
from payouts.batches.terms.accounts import (
    KIND,
    NEW,
    TERMS,
    NameTaken,
    NothingChanges,
    propose_bank_terms,
)
from payouts.models import Bank
from qinqing.kernel.refusals import NotFound
from qinqing.proposals.decide import OutOfDate, SamePerson, confirm, turn_down
from qinqing.proposals.kinds import find_kind
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import AlreadyProposed
from qinqing.proposals.queries import list_changes
from tests.factories.clock import NOW
from tests.factories.decisions import confirm_proposal
from tests.factories.payouts import change_bank, make_bank, make_open_batch, make_released_batch
from tests.factories.people import make_user
from tests.factories.rows import refusal_of

pytestmark = pytest.mark.django_db

REDIRECT = "UPDATE payouts_bank SET payer_account = '66010000000000000001' WHERE id = %s"
ENTER = """
    INSERT INTO payouts_bank (name, channel, payer_name, payer_account, payer_bank_number, answer_days)
    VALUES ('第二银行', 'file', '某人', '66010000000000000001', '011331000015', 5)
"""
CONFIRM = """
    UPDATE proposals_proposal
    SET decision = 'confirmed', decided_at = now(), decided_by_id = %s WHERE id = %s
"""


def terms_of(bank: Bank, **changes: object) -> dict[str, Any]:
    return {name: getattr(bank, name) for name in TERMS} | changes


def proposed(bank: Bank | None, terms: dict[str, Any]) -> Proposal:
    asked = {"because": "新开专户", "document_number": "杭财〔2026〕3号", "actor": make_user("wu"), "now": NOW}
    return propose_bank_terms(bank=bank, terms=terms, **asked)


def test_a_bank_is_entered_once_a_second_person_confirms_it() -> None:
    terms = terms_of(make_bank(), name="第二银行")
    proposal = proposed(None, terms)
    assert not Bank.objects.filter(name="第二银行").exists()
    assert {each.before for each in list_changes(proposal=proposal)} == {"–"}
    with pytest.raises(SamePerson):
        confirm(proposal_id=proposal.pk, actor=make_user("wu"), now=NOW)
    confirm_proposal(proposal)
    assert terms_of(Bank.objects.get(name="第二银行")) == terms


def test_each_term_is_shown_in_full_before_and_after_and_becomes_what_was_shown() -> None:
    bank = make_bank()
    proposal = proposed(bank, terms_of(bank, payer_account="33010000000000000002", channel=Channel.HTTP, answer_days=9))
    shown = [(each.before, each.after) for each in list_changes(proposal=proposal) if each.is_other]
    assert shown == [
        (Channel.FILE.label, Channel.HTTP.label),
        ("33010000000000000001", "33010000000000000002"),
        ("5", "9"),
    ]
    confirm_proposal(proposal)
    assert {term.key for term in find_kind(KIND).terms} == set(proposal.after)
    bank.refresh_from_db()
    assert (bank.payer_account, bank.channel, bank.answer_days) == ("33010000000000000002", "http", 9)


def test_no_statement_enters_changes_or_deletes_a_bank() -> None:
    bank = make_bank()
    assert refusal_of(ENTER) == "bank_is_entered_by_two"
    assert refusal_of(REDIRECT, bank.pk) == "bank_takes_two_to_change"
    assert refusal_of("UPDATE payouts_bank SET name = '别名' WHERE id = %s", bank.pk) == "bank_takes_two_to_change"
    assert refusal_of("DELETE FROM payouts_bank WHERE id = %s", bank.pk) == "bank_is_kept"
    carry = "SELECT carry_out_bank_account(p) FROM proposals_proposal p WHERE p.id = %s"
    assert refusal_of(carry, proposed(bank, terms_of(bank, answer_days=9)).pk) == "bank_takes_two_to_change"


def test_a_confirmation_opens_the_door_for_its_own_change_alone() -> None:
    bank, other = make_bank(), make_bank()
    change_bank(bank=bank, answer_days=9)
    assert refusal_of(REDIRECT, bank.pk) == "bank_takes_two_to_change"
    assert refusal_of(REDIRECT, other.pk) == "bank_takes_two_to_change"
    assert refusal_of(ENTER) == "bank_is_entered_by_two"


def test_who_proposed_a_bank_confirms_it_by_no_statement() -> None:
    proposal = proposed(None, terms_of(make_bank(), name="第二银行"))
    assert refusal_of(CONFIRM, make_user("wu").pk, proposal.pk) == "proposal_is_confirmed_by_another"
    assert not Bank.objects.filter(name="第二银行").exists()


def test_a_bank_is_not_deleted_by_a_proposal_either() -> None:
    entered = """
        INSERT INTO proposals_proposal (kind, subject_id, subject_name, slot, before, after, because, document_number,
            excluded_ids, proposed_at, proposed_by_id, decision)
        VALUES (%s, %s, 'S', '', '{}', NULL, 'b', '', '{}', now(), %s, '')
    """
    assert refusal_of(entered, KIND, make_bank().pk, make_user("wu").pk) == "bank_is_kept"


def test_a_proposal_says_something_new_about_a_bank_that_exists() -> None:
    bank, other = make_bank(), make_bank()
    with pytest.raises(NothingChanges):
        proposed(bank, terms_of(bank))
    with pytest.raises(NameTaken):
        proposed(bank, terms_of(bank, name=other.name))
    with pytest.raises(NameTaken):
        proposed(None, terms_of(bank))
    with pytest.raises(NotFound):
        proposed(Bank(pk=10**9), terms_of(bank, name="没有的银行"))
    proposed(bank, terms_of(bank, answer_days=9))
    with pytest.raises(AlreadyProposed):
        proposed(bank, terms_of(bank, answer_days=10))


def test_a_name_that_was_given_meanwhile_is_said() -> None:
    bank = make_bank()
    proposal = proposed(None, terms_of(bank, name="第二银行"))
    change_bank(bank=bank, name="第二银行")
    with pytest.raises(NameTaken):
        confirm_proposal(proposal)
    assert Proposal.objects.get(pk=proposal.pk).subject_id == NEW


def test_what_another_proposal_changed_meanwhile_is_not_overwritten() -> None:
    bank = make_bank()
    first = proposed(bank, terms_of(bank, answer_days=9))
    later = Proposal.objects.get(pk=first.pk)
    later.pk, later.slot, later.after = None, "beside", first.after | {"answer_days": 10}
    later.save()
    confirm_proposal(first)
    with pytest.raises(OutOfDate):
        confirm_proposal(later)
    bank.refresh_from_db()
    assert bank.answer_days == 9


def test_the_account_stays_while_a_batch_waits_and_changes_once_it_left() -> None:
    bank = make_bank()
    waiting = proposed(bank, terms_of(bank, payer_account="33010000000000000002"))
    batch = make_open_batch(1, of=bank)
    with pytest.raises(BatchUnderWay):
        confirm_proposal(waiting)
    turn_down(proposal_id=waiting.pk, actor=make_user("wu"), now=NOW)
    with pytest.raises(BatchUnderWay):
        proposed(bank, terms_of(bank, payer_name="别的单位"))
    assert change_bank(bank=bank, answer_days=9).answer_days == 9
    assert batch.status == "open"
    left = make_released_batch(1).bank
    assert left is not None
    assert change_bank(bank=left, payer_account="33010000000000000002").payer_account == "33010000000000000002"
    with pytest.raises(BatchUnderWay):
        change_bank(bank=left, channel=Channel.HTTP)


@pytest.mark.parametrize(
    ("term", "value", "promise"),
    [
        ("payer_account", "12 34", "bank_payer_account_has_form"),
        ("channel", "pigeon", "bank_has_a_known_channel"),
        ("answer_days", 61, "bank_answers_within_60_days"),
    ],
)
def test_terms_that_no_bank_has_are_not_carried_out(term: str, value: object, promise: str) -> None:
    bank = make_bank()
    proposal = proposed(bank, terms_of(bank, **{term: value}))
    assert refusal_of(CONFIRM, make_user("xu").pk, proposal.pk) == promise
