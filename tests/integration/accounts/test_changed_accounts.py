"""No money goes to another account than before until it was confirmed and its cool-off is over."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from companies.firms.account_proposals import propose_account
from companies.firms.payee_accounts import (
    NeedsOfficials,
    NothingWaits,
    WrongAccount,
    confirm_account,
    replace_account,
    stop_account,
)
from companies.firms.third_parties import check_account, enter_account
from companies.models import Company, PayeeAccount
from companies.models.account import Confirmation, Doubt
from payouts.models import Instruction, Payout
from payouts.sending.send import Lane, send_due
from qinqing.proposals.decide import confirm as confirm_proposal
from qinqing.proposals.propose import Concerned
from tests.factories.clock import NOW
from tests.factories.companies import act_for, confirm_by_officials, credit_code, make_account, make_company, make_owner
from tests.factories.deliveries import deliver_file, quarantine_of
from tests.factories.payouts import make_payout
from tests.factories.people import make_employee, make_user
from tests.factories.rows import refusal_of
from tests.tellers import Teller

pytestmark = pytest.mark.django_db

BANK = {"bank_name": "杭州银行", "bank_number": "313331000014"}
POWER_COMPANY = {"code": credit_code(8), "name": "电力公司", "kind": "utility"}
THIEFS = "33050161000000666"
DAY = dt.timedelta(days=1)
MINUTE = dt.timedelta(minutes=1)


def enter(firm: Company, **fields: Any) -> PayeeAccount:
    keeper = act_for(firm, make_user("keeper"))
    told = {"holder_name": firm.name, "number": THIEFS, "actor": keeper, "now": NOW} | BANK
    return replace_account(company=firm, **(told | fields))


def confirm(account: PayeeAccount, now: dt.datetime = NOW) -> PayeeAccount:
    assert account.company is not None
    owner = make_user("owner of it")
    if not account.company.memberships.filter(user=owner).exists():
        account.company.memberships.create(user=owner)
    given = {"confirmation": Confirmation.SECOND_FACTOR, "actor": owner, "now": now}
    return confirm_account(company=account.company, account_id=account.pk, **given)


def paid_numbers(now: dt.datetime = NOW, lane: Lane = Lane.OLDEST_FIRST) -> list[str]:
    bank = Teller()
    send_due(gateway=bank, limit=10, now=now, lane=lane)
    return [order.payee_account for order in bank.orders]


def in_use(firm: Company) -> PayeeAccount:
    return firm.accounts.get(is_active=True)


def test_a_password_alone_redirects_no_money() -> None:
    payout = make_payout()
    enter(payout.company)
    assert THIEFS not in paid_numbers()
    assert Instruction.objects.get().account == payout.account


def test_one_row_of_a_file_replaces_no_account() -> None:
    payout = make_payout()
    row = {"credit_code": payout.company.credit_code, "holder_name": payout.company.name, "number": THIEFS} | BANK
    delivery = deliver_file("company_accounts", [row])
    assert (delivery.changed_count, quarantine_of(delivery)) == (1, [])
    waiting = payout.company.accounts.get(is_active=False)
    assert (waiting.doubt, waiting.usable_from, waiting.is_payees_word) == (Doubt.DELIVERED, None, False)
    assert THIEFS not in paid_numbers()


def test_a_file_with_another_holder_or_another_bank_is_quarantined() -> None:
    firm, person = make_company(has_account=False), make_employee()
    row = {"credit_code": firm.credit_code, "holder_name": "别家有限公司", "number": THIEFS} | BANK
    assert quarantine_of(deliver_file("company_accounts", [row])) == [(2, "holder_name", "other_holder")]
    row |= {"holder_name": firm.name, "bank_name": "中国工商银行"}
    assert quarantine_of(deliver_file("company_accounts", [row])) == [(2, "bank_number", "other_bank")]
    assert not PayeeAccount.objects.filter(employee=person).exists()
    assert not firm.accounts.exists()


def test_a_delivered_account_that_was_stopped_does_not_come_again() -> None:
    firm = make_company()
    row = {"credit_code": firm.credit_code, "holder_name": firm.name, "number": THIEFS} | BANK
    deliver_file("company_accounts", [row])
    deliver_file("company_accounts", [row])
    waiting = firm.accounts.get(is_active=False)
    stop_account(company=firm, account_id=waiting.pk, actor=make_owner(firm), now=NOW)
    assert deliver_file("company_accounts", [row]).changed_count == 0
    other = deliver_file("company_accounts", [row | {"number": "33050161000000777"}])
    assert (other.changed_count, firm.accounts.filter(usable_from=None, stopped_at=None).count()) == (1, 1)


def test_a_first_account_is_used_at_once_if_its_holder_is_the_firm() -> None:
    firm = make_company("杭州测试（集团）有限公司", has_account=False)
    account = enter(firm, holder_name="杭州测试(集团) 有限公司")
    assert (account.is_active, account.doubt, account.usable_from) == (True, "", NOW)


def test_an_account_of_another_holder_waits_for_officials() -> None:
    firm = make_company(has_account=False)
    account = enter(firm, holder_name="别家有限公司")
    assert (account.is_active, account.doubt, account.usable_from) == (False, Doubt.HOLDER, None)
    with pytest.raises(NeedsOfficials):
        confirm(account)


def test_a_bank_number_of_another_bank_is_refused() -> None:
    with pytest.raises(WrongAccount):
        enter(make_company(), bank_name="中国工商银行")
    given = POWER_COMPANY | BANK | {"bank_name": "中国工商银行"}
    with pytest.raises(WrongAccount):
        enter_account(**given, number=THIEFS, actor=make_user(), now=NOW)


@pytest.mark.parametrize("lane", Lane)
def test_money_waits_for_the_cool_off_and_then_goes_to_the_new_account(lane: Lane) -> None:
    payout = make_payout()
    account = confirm(enter(payout.company))
    assert (account.is_active, account.usable_from) == (True, NOW + DAY)
    assert paid_numbers(lane=lane) == []
    assert paid_numbers(NOW + DAY - MINUTE, lane=lane) == []
    assert paid_numbers(NOW + DAY, lane=lane) == [THIEFS]


def test_who_waits_holds_nobody_else_up() -> None:
    waiting, other = make_payout(), make_payout()
    confirm(enter(waiting.company))
    paid_numbers()
    assert [each.payout_id for each in Instruction.objects.all()] == [other.pk]


def test_a_member_stops_the_account_and_the_money_goes_where_it_went() -> None:
    payout = make_payout()
    before = payout.account
    account = confirm(enter(payout.company))
    stop_account(company=payout.company, account_id=account.pk, actor=make_user("colleague"), now=NOW + MINUTE)
    assert in_use(payout.company) == before
    assert THIEFS not in paid_numbers(NOW + DAY)
    assert Instruction.objects.get().account == before


def test_a_payout_claimed_in_the_cool_off_follows_the_account_that_was_before() -> None:
    payout = make_payout()
    before = payout.account
    account = confirm(enter(payout.company))
    Payout.objects.filter(pk=payout.pk).update(account=account)
    stop_account(company=payout.company, account_id=account.pk, actor=make_user("colleague"), now=NOW + MINUTE)
    paid_numbers(NOW + DAY)
    assert Instruction.objects.get().account == before


def test_an_account_in_use_is_not_stopped() -> None:
    firm = make_company()
    account = confirm(enter(firm))
    with pytest.raises(NothingWaits):
        stop_account(company=firm, account_id=account.pk, actor=make_user(), now=NOW + DAY)
    with pytest.raises(NothingWaits):
        confirm(account)


def test_the_next_entry_takes_the_place_of_one_that_waits() -> None:
    firm = make_company()
    first = enter(firm)
    second = enter(firm, number="33050161000000777")
    first.refresh_from_db()
    assert (first.stopped_at, second.stopped_at) == (NOW, None)


def test_another_account_of_a_third_party_has_its_cool_off_too() -> None:
    told = POWER_COMPANY | BANK | {"actor": make_user("maker"), "now": NOW}
    first = check_account(account_id=enter_account(**told, number=THIEFS).pk, actor=make_user("checker"), now=NOW)
    entered = enter_account(**told, number="33050161000000777")
    other = check_account(account_id=entered.pk, actor=make_user("checker"), now=NOW)
    assert (first.usable_from, other.usable_from) == (NOW, NOW + DAY)


# What anybody who can write SQL might try.
def test_a_second_account_is_not_written_as_usable() -> None:
    account = make_account()
    columns = (
        "company_id, holder_name, bank_name, bank_number, number_encrypted, number_hash, number_masked, usable_from"
    )
    insert = (
        f"INSERT INTO companies_payeeaccount ({columns}, is_active)"
        f" SELECT {columns}, false FROM companies_payeeaccount WHERE id = %s"
    )
    assert refusal_of(insert, account.pk) == "payee_account_is_first_or_waits"


def test_a_first_account_of_another_holder_is_not_written_as_usable() -> None:
    firm = make_company(has_account=False)
    account = enter(firm, holder_name="别家")
    update = "UPDATE companies_payeeaccount SET usable_from = now(), is_active = true WHERE id = %s"
    assert refusal_of(update, account.pk) == "payee_account_is_confirmed_before_use"


@pytest.mark.parametrize(
    ("change", "promise"),
    [
        ("usable_from = '2026-01-01'", "payee_account_is_confirmed_before_use"),
        ("is_active = true", "payee_account_in_use_is_confirmed"),
        ("doubt = ''", "payee_account_stays_as_entered"),
        (
            "usable_from = now(), confirmed_at = now(), confirmation = 'second_factor',"
            " confirmed_by_id = (SELECT max(id) FROM companies_user)",
            "payee_account_is_confirmed_before_use",
        ),
        (
            "usable_from = now(), confirmed_at = now(), confirmation = 'officials', confirmed_by_id = entered_by_id",
            "payee_account_takes_two_officials",
        ),
    ],
)
def test_a_waiting_account_is_not_made_usable_by_hand(change: str, promise: str) -> None:
    account = enter(make_company())
    make_user("no member")
    assert refusal_of(f"UPDATE companies_payeeaccount SET {change} WHERE id = %s", account.pk) == promise


@pytest.mark.parametrize("change", ["usable_from = '2026-01-01'", "confirmed_at = '2026-01-01'"])
def test_a_cool_off_is_not_shortened(change: str) -> None:
    account = confirm(enter(make_company()))
    update = f"UPDATE companies_payeeaccount SET {change} WHERE id = %s"
    assert refusal_of(update, account.pk) == "payee_account_is_confirmed_once"


def test_a_stopped_account_stays_stopped() -> None:
    firm = make_company()
    account = confirm(enter(firm))
    stop_account(company=firm, account_id=account.pk, actor=make_user(), now=NOW)
    update = "UPDATE companies_payeeaccount SET stopped_at = NULL WHERE id = %s"
    assert refusal_of(update, account.pk) == "payee_account_that_was_stopped_stays_so"


def test_an_account_in_use_is_not_stopped_by_hand() -> None:
    update = "UPDATE companies_payeeaccount SET stopped_at = now(), is_active = false WHERE id = %s"
    assert refusal_of(update, make_account().pk) == "payee_account_is_stopped_before_its_use"


@pytest.mark.parametrize("is_stopped", [True, False])
def test_no_instruction_is_made_to_an_account_that_is_not_usable(is_stopped: bool) -> None:
    payout = make_payout()
    account = confirm(enter(payout.company))
    Payout.objects.filter(pk=payout.pk).update(account=account)
    if is_stopped:
        stop_account(company=payout.company, account_id=account.pk, actor=make_user(), now=NOW)
    insert = (
        "INSERT INTO payouts_instruction"
        " (payout_id, attempt, end_to_end_id, fund_id, account_id, amount_cny, stored_at, valid_until)"
        " SELECT id, 1, 'Q1', fund_id, account_id, amount_cny, %s, %s FROM payouts_payout WHERE id = %s"
    )
    soon = NOW + (2 * DAY if is_stopped else MINUTE)
    assert refusal_of(insert, soon, soon, payout.pk) == "instruction_goes_to_a_usable_account"


def test_a_person_is_paid_to_another_account_only_after_officials_confirmed_it() -> None:
    person = make_employee()
    first = make_account(employee=person)
    second = make_account(employee=person, is_active=False, doubt=Doubt.DELIVERED)
    refused = refusal_of(
        "UPDATE companies_payeeaccount SET usable_from = now(), confirmed_at = now(), confirmation = 'second_factor',"
        " confirmed_by_id = %s WHERE id = %s",
        make_user().pk,
        second.pk,
    )
    assert refused == "payee_account_is_confirmed_before_use"
    confirm_by_officials(second, now=NOW)
    first.refresh_from_db()
    assert (first.is_active, second.usable_from) == (False, NOW + DAY)


def test_two_officials_put_an_account_of_another_holder_in_use() -> None:
    firm = make_company()
    before = in_use(firm)
    account = confirm_by_officials(enter(firm, holder_name="别家有限公司"), now=NOW)
    before.refresh_from_db()
    assert (account.is_active, account.usable_from, before.is_active) == (True, NOW + DAY, False)
    assert (account.confirmation, account.confirmed_by.username) == (Confirmation.OFFICIALS, "official")


def test_nobody_who_has_to_do_with_the_firm_confirms_its_account() -> None:
    firm = make_company()
    account = enter(firm)
    for person in (make_user("keeper"), make_owner(firm)):
        with pytest.raises(Concerned):
            propose_account(account_id=account.pk, because="是的", actor=person, now=NOW)


def test_one_official_does_not_confirm_an_account_by_hand() -> None:
    account = enter(make_company())
    update = (
        "UPDATE companies_payeeaccount SET usable_from = now(), confirmed_at = now(), confirmation = 'officials',"
        " confirmed_by_id = %s WHERE id = %s"
    )
    assert refusal_of(update, make_user().pk, account.pk) == "payee_account_takes_two_officials"


def test_an_account_that_was_stopped_meanwhile_is_not_confirmed() -> None:
    account = enter(make_company())
    proposal = propose_account(account_id=account.pk, because="是的", actor=make_user(), now=NOW)
    stop_account(account_id=account.pk, actor=make_user(), now=NOW)
    with pytest.raises(NothingWaits):
        confirm_proposal(proposal_id=proposal.pk, actor=make_user(), now=NOW)
    with pytest.raises(NothingWaits):
        propose_account(account_id=account.pk, because="是的", actor=make_user(), now=NOW)
