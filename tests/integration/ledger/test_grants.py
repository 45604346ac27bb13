"""Two people add money to a fund: one enters the grant, another approves it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from payouts.ledger.grants import NotAGrant, propose_grant
from payouts.models import Fund, Posting
from qinqing.kernel.database.integrity import constraint_of
from qinqing.kernel.refusals import NoReason
from qinqing.proposals.decide import AlreadyDecided, SamePerson, confirm, turn_down
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import AlreadyProposed
from tests.factories.clock import NOW
from tests.factories.entitlements import make_version
from tests.factories.payouts import grant_more
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db


def test_a_grant_counts_once_it_is_approved() -> None:
    version, now = make_version(granted_cny=10), NOW
    asked = {"version": version, "amount_cny": Decimal(5), "because": "预算追加", "actor": make_user("maker")}
    entered = propose_grant(**asked, now=now)
    other = propose_grant(**asked | {"because": "上级补助"}, now=now)
    with pytest.raises(AlreadyProposed):
        propose_grant(**asked, now=now)
    with pytest.raises(NotAGrant):
        propose_grant(**asked | {"amount_cny": Decimal("0.001")}, now=now)
    assert Fund.objects.get(version=version).granted_cny == 10
    turn_down(proposal_id=other.pk, actor=make_user("maker"), now=now)
    with pytest.raises(SamePerson):
        confirm(proposal_id=entered.pk, actor=make_user("maker"), now=now)
    confirm(proposal_id=entered.pk, actor=make_user("approver"), now=now)
    assert Fund.objects.get(version=version).granted_cny == 15
    for decided in (entered, other):
        with pytest.raises(AlreadyDecided):
            confirm(proposal_id=decided.pk, actor=make_user("approver"), now=now)
    with pytest.raises(NoReason):
        propose_grant(**asked | {"because": " "}, now=now)
    assert Fund.objects.get(version=version).granted_cny == 15


GRANT_BY_HAND = (
    "INSERT INTO payouts_posting (fund_id, debit, credit, amount_cny, posted_at)"
    " SELECT id, 'granted', 'available', 10, now() FROM payouts_fund"
)


@pytest.mark.parametrize(
    ("statement", "promise"),
    [
        (GRANT_BY_HAND, "posting_of_what_was_published_once"),
        (
            "INSERT INTO payouts_posting (fund_id, grant_id, debit, credit, amount_cny, posted_at)"
            " SELECT fund_id, 0, 'granted', 'available', amount_cny, now() FROM payouts_grant",
            "posting_is_written_by_the_move",
        ),
        ("UPDATE payouts_grant SET amount_cny = 6", "grant_is_kept"),
        ("DELETE FROM payouts_grant", "grant_is_kept"),
        (
            "INSERT INTO payouts_grant (fund_id, amount_cny, proposal_id)"
            " SELECT subject_id, 5, id FROM proposals_proposal WHERE kind = 'grant' ORDER BY id DESC LIMIT 1",
            "grant_takes_two_people",
        ),
        (
            "UPDATE proposals_proposal SET decision = 'confirmed', decided_at = now(), decided_by_id = proposed_by_id"
            " WHERE decision = ''",
            "proposal_is_confirmed_by_another",
        ),
    ],
)
def test_money_comes_into_a_fund_by_two_people(statement: str, promise: str) -> None:
    version = make_version(granted_cny=10)
    grant_more(5, to=version)
    propose_grant(version=version, amount_cny=Decimal(5), because="另一笔", actor=make_user("maker"), now=NOW)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert constraint_of(refusal.value) == promise


@pytest.mark.parametrize("amount", ["-5", "0", "NaN", "Infinity", "1000000000000"])
def test_what_is_no_amount_is_not_granted_whoever_writes(amount: str) -> None:
    fund = Fund.objects.create(version=make_version(granted_cny=10))
    proposal = Proposal.objects.create(
        kind="grant",
        subject_id=fund.pk,
        subject_name="x",
        after={"amount_cny": amount, "paper": "x"},
        because="x",
        proposed_at=NOW,
        proposed_by=make_user("maker"),
    )
    with pytest.raises((IntegrityError, DataError)):
        confirm(proposal_id=proposal.pk, actor=make_user("approver"), now=NOW)


def test_a_fund_opens_with_what_was_published() -> None:
    fund = Fund.objects.create(version=make_version(granted_cny=10))
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Posting.objects.create(fund=fund, debit="granted", credit="available", amount_cny=11, posted_at=NOW)
    assert constraint_of(refusal.value) == "posting_is_what_was_published"
