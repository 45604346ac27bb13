"""A burst of changed accounts, or one new number for several payees, stops all changed accounts until two lift it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError

from companies.firms.payee_accounts import replace_account
from companies.firms.tell_members import tell_members
from companies.firms.watch_accounts import NotStopped, propose_lifting, watch_account_changes
from companies.models import AccountStop, Company, PayeeAccount
from payouts.models import Instruction, Payout
from payouts.sending.send import send_due
from qinqing.kernel.database.integrity import constraint_of
from qinqing.proposals.decide import SamePerson
from qinqing.proposals.decide import confirm as confirm_proposal
from tests.factories.clock import NOW
from tests.factories.companies import act_for, confirm_by_officials, make_company, make_owner
from tests.factories.payouts import make_payout
from tests.factories.people import make_user
from tests.factories.rows import insert, refusal_of
from tests.tellers import Teller

pytestmark = pytest.mark.django_db

DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
KIND = AccountStop.Kind


def change(firm: Company, number: int = 1, now: dt.datetime = NOW) -> PayeeAccount:
    told = {"holder_name": firm.name, "bank_name": "杭州银行", "bank_number": "313331000014"}
    actor = act_for(firm, make_user("keeper"))
    return replace_account(company=firm, number=f"330501610000{number:05d}", actor=actor, now=now, **told)


def lift(stop: AccountStop, now: dt.datetime) -> None:
    asked = propose_lifting(stop_id=stop.pk, because="已核实", actor=make_user("proposer"), now=now)
    confirm_proposal(proposal_id=asked.pk, actor=make_user("official"), now=now)


@pytest.fixture
def limit(settings: Any) -> int:
    settings.ACCOUNT_BURST_LIMIT = 3
    return 3


def test_a_burst_of_changes_stops_them_and_lifting_forgets_it(limit: int) -> None:
    for number in range(limit - 1):
        change(make_company(), number)
    assert watch_account_changes(now=NOW) == 0
    change(make_company(), limit)
    assert watch_account_changes(now=NOW + 2 * 60 * MINUTE) == 0
    assert (watch_account_changes(now=NOW + MINUTE), watch_account_changes(now=NOW + MINUTE)) == (1, 0)
    stop = AccountStop.objects.get()
    assert (stop.kind, stop.account_count) == (KIND.BURST, limit)
    lift(stop, NOW + 2 * MINUTE)
    assert watch_account_changes(now=NOW + 3 * MINUTE) == 0


def test_one_new_number_for_two_payees_stops_them() -> None:
    change(make_company(), 7)
    assert watch_account_changes(now=NOW) == 0
    change(make_company(), 7)
    assert watch_account_changes(now=NOW) == 1
    assert AccountStop.objects.get().kind == KIND.SHARED


def test_changed_accounts_wait_for_the_lifting_and_all_others_are_paid() -> None:
    changed, other = make_payout(), make_payout()
    confirm_by_officials(change(changed.company), now=NOW)
    stop = AccountStop.objects.create(kind=KIND.BURST, account_count=50, stopped_at=NOW + MINUTE)
    send_due(gateway=Teller(), limit=10, now=NOW + DAY)
    assert [each.payout_id for each in Instruction.objects.all()] == [other.pk]
    lift(stop, NOW + DAY)
    send_due(gateway=Teller(), limit=10, now=NOW + DAY)
    assert {each.payout_id for each in Instruction.objects.all()} == {changed.pk, other.pk}


def test_the_database_keeps_money_from_accounts_that_are_stopped() -> None:
    payout = make_payout()
    account = confirm_by_officials(change(payout.company), now=NOW)
    Payout.objects.filter(pk=payout.pk).update(account=account)
    AccountStop.objects.create(kind=KIND.BURST, account_count=50, stopped_at=NOW + MINUTE)
    refused = refusal_of(
        "INSERT INTO payouts_instruction"
        " (payout_id, attempt, end_to_end_id, fund_id, account_id, amount_cny, stored_at, valid_until)"
        " SELECT id, 1, 'Q1', fund_id, account_id, amount_cny, %s, %s FROM payouts_payout WHERE id = %s",
        NOW + DAY,
        NOW + DAY,
        payout.pk,
    )
    assert refused == "instruction_goes_to_a_usable_account"


def test_one_official_does_not_lift_a_stop() -> None:
    stop = AccountStop.objects.create(kind=KIND.BURST, account_count=50, stopped_at=NOW)
    clerk = make_user("clerk")
    asked = propose_lifting(stop_id=stop.pk, because="已核实", actor=clerk, now=NOW)
    with pytest.raises(SamePerson):
        confirm_proposal(proposal_id=asked.pk, actor=clerk, now=NOW)
    update = "UPDATE companies_accountstop SET lifted_at = now(), lifted_by_id = %s WHERE id = %s"
    assert refusal_of(update, clerk.pk, stop.pk) == "account_stop_is_lifted_by_two"
    assert refusal_of("DELETE FROM companies_accountstop WHERE id = %s", stop.pk) == "account_stop_is_kept"
    confirm_proposal(proposal_id=asked.pk, actor=make_user("colleague"), now=NOW)
    with pytest.raises(NotStopped):
        propose_lifting(stop_id=stop.pk, because="已核实", actor=clerk, now=NOW)


@pytest.mark.parametrize(
    ("values", "promise"),
    [
        ({"kind": KIND.BURST}, "account_stop_one_at_a_time"),
        ({"kind": KIND.SHARED, "lifted_at": NOW}, "account_stop_is_lifted_by_somebody"),
    ],
)
def test_a_stop_is_one_at_a_time_and_lifted_by_somebody(values: dict[str, object], promise: str) -> None:
    AccountStop.objects.create(kind=KIND.BURST, account_count=50, stopped_at=NOW)
    with pytest.raises(IntegrityError) as refused:
        insert("companies_accountstop", **values)
    assert constraint_of(refused.value) == promise


def test_each_member_with_an_address_is_told_once() -> None:
    firm = make_company("杭州清茶有限公司")
    make_owner(firm, email="one@example.test")
    make_owner(firm, email="two@example.test")
    make_owner(firm)
    change(firm)
    assert tell_members(limit=10, now=NOW + MINUTE) == 1
    assert tell_members(limit=10, now=NOW + MINUTE) == 0
    assert sorted(message.to[0] for message in mail.outbox) == ["one@example.test", "two@example.test"]
    text = mail.outbox[0].body
    assert "杭州清茶有限公司" in text
    assert "330************01" in text
    assert "33050161000000001" not in text


def test_a_mail_server_that_is_away_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    firm = make_company()
    make_owner(firm, email="one@example.test")
    change(firm)

    def refuse(*_given: object) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patched:
        patched.setattr("companies.firms.tell_members.send_mail", refuse)
        assert tell_members(limit=10, now=NOW) == 0
    assert tell_members(limit=10, now=NOW + MINUTE) == 1
