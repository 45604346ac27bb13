"""Two people add money to a fund: one enters the grant, another approves it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from payouts.ledger.decisions import AlreadyDecided
from payouts.ledger.grants import NotAGrant, approve_grant, enter_grant, turn_down_grant
from payouts.ledger.reasons import NoReason
from payouts.models import Fund, Posting
from qinqing.kernel.database.integrity import constraint_of
from tests.factories.clock import NOW
from tests.factories.entitlements import make_version
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db


def test_a_grant_counts_once_it_is_approved() -> None:
    version, now = make_version(granted_cny=10), NOW
    asked = {"version": version, "amount_cny": Decimal(5), "because": "预算追加", "actor": make_user("maker")}
    entered = enter_grant(**asked, now=now)
    other = enter_grant(**asked | {"because": "上级补助"}, now=now)
    with pytest.raises(NotAGrant):
        enter_grant(**asked, now=now)
    assert Fund.objects.get(version=version).granted_cny == 10
    turn_down_grant(grant_id=other.pk, actor=make_user("maker"), now=now)
    assert approve_grant(grant_id=entered.pk, actor=make_user("approver"), now=now).granted_cny == 15
    for decided in (entered, other):
        with pytest.raises(AlreadyDecided):
            approve_grant(grant_id=decided.pk, actor=make_user("approver"), now=now)
    with pytest.raises(NoReason):
        enter_grant(**asked | {"because": " "}, now=now)
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
            " SELECT fund_id, id, 'granted', 'available', amount_cny, now() FROM payouts_grant",
            "posting_is_written_by_the_move",
        ),
        (
            "UPDATE payouts_grant SET decision = 'approved', decided_at = now(), decided_by_id = entered_by_id",
            "grant_is_approved_by_another_person",
        ),
        ("UPDATE payouts_grant SET decision = 'approved'", "grant_is_decided_by_somebody"),
        ("UPDATE payouts_grant SET amount_cny = 6", "grant_is_decided_once"),
        ("UPDATE payouts_grant SET entered_by_id = 1", "grant_is_decided_once"),
        ("DELETE FROM payouts_grant", "grant_is_kept"),
        (
            "INSERT INTO payouts_grant (fund_id, amount_cny, because, entered_at, entered_by_id, decision, decided_at,"
            " decided_by_id) SELECT fund_id, 5, 'x', now(), entered_by_id, 'approved', now(), entered_by_id + 1"
            " FROM payouts_grant",
            "grant_is_entered_open",
        ),
        (
            "INSERT INTO payouts_grant (fund_id, amount_cny, because, entered_at, entered_by_id, decision)"
            " SELECT fund_id, 'NaN', 'x', now(), entered_by_id, '' FROM payouts_grant",
            "grant_amount_is_positive",
        ),
    ],
)
def test_money_comes_into_a_fund_by_two_people(statement: str, promise: str) -> None:
    version = make_version(granted_cny=10)
    enter_grant(version=version, amount_cny=Decimal(5), because="预算追加", actor=make_user("maker"), now=NOW)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert constraint_of(refusal.value) == promise


def test_a_fund_opens_with_what_was_published() -> None:
    fund = Fund.objects.create(version=make_version(granted_cny=10))
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Posting.objects.create(fund=fund, debit="granted", credit="available", amount_cny=11, posted_at=NOW)
    assert constraint_of(refusal.value) == "posting_is_what_was_published"
