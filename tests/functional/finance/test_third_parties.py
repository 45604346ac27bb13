"""The register of payees on the finance desk, and what a firm reads of money that is paid for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.firms.third_parties import enter_account
from companies.models import Company, PayeeAccount, ThirdParty
from payouts.claims.automatic import claim_automatic
from payouts.models import Payout
from tests.factories.entitlements import make_entitlement
from tests.factories.payouts import settle_payouts
from tests.factories.people import make_user
from tests.functional.conftest import in_force
from tests.integration.exceptions.test_third_parties import OTHER, UTILITY, entered, registered
from tests.tellers import Teller

pytestmark = pytest.mark.django_db

LIST = "admin:companies_thirdparty_changelist"
FORM = {
    "code": UTILITY,
    "name": "杭州市供电公司",
    "kind": "utility",
    "bank_name": "杭州银行",
    "bank_number": "313331000014",
    "number": "33010000000000001",
}


def page(action: str, payee: ThirdParty | None = None) -> str:
    return reverse(f"admin:companies_thirdparty_{action}", args=[payee.pk] if payee else [])


def test_one_enters_and_another_checks(browser: Callable[..., Client]) -> None:
    maker, checker = browser("maker", role="finance"), browser("checker", role="finance")
    said = maker.post(page("enter"), FORM, follow=True).content.decode()
    assert "somebody else has to check it" in said
    payee = ThirdParty.objects.get()
    shown = maker.get(page("change", payee)).content.decode()
    assert "330************01" in shown
    assert "33010000000000001" not in shown
    assert "somebody else has to check it" in maker.post(page("confirm", payee), follow=True).content.decode()
    assert not PayeeAccount.objects.filter(is_active=True).exists()
    assert "is paid at this account" in checker.post(page("confirm", payee), follow=True).content.decode()
    account = PayeeAccount.objects.get(is_active=True)
    assert (account.entered_by.username, account.checked_by.username) == ("maker", "checker")
    assert checker.get(page("confirm", payee)).status_code in (403, 404)


def test_the_day_of_an_account_is_the_day_in_hangzhou(browser: Callable[..., Client]) -> None:
    early = dt.datetime(2026, 3, 2, 7, 30, tzinfo=timezone.get_default_timezone())
    account = enter_account(**FORM, actor=make_user("maker"), now=early)
    shown = browser("finance", role="finance").get(page("change", account.third_party)).content.decode()
    assert "March 2, 2026" in shown


def test_a_look_changes_nothing(browser: Callable[..., Client]) -> None:
    account, checker = entered(), browser("finance", role="finance")
    for action in ("confirm", "turn_down"):
        asked = checker.get(page(action, account.third_party)).content.decode()
        assert "330************01" in asked
    account.refresh_from_db()
    assert account.checked_by is None


def test_what_is_turned_down_is_gone(browser: Callable[..., Client]) -> None:
    account, checker = entered(), browser("finance", role="finance")
    checker.post(page("turn_down", account.third_party))
    assert not PayeeAccount.objects.exists()
    assert "none" in checker.get(reverse(LIST)).content.decode()


def test_a_wrong_digit_is_said_beside_the_form(browser: Callable[..., Client]) -> None:
    maker = browser("maker", role="finance")
    wrong = UTILITY[:-1] + ("0" if UTILITY[-1] != "0" else "1")
    assert "check digit does not fit" in maker.post(page("enter"), FORM | {"code": wrong}, follow=True).content.decode()
    assert "18 digits" in maker.post(page("enter"), FORM | {"code": "short"}).content.decode()
    assert not ThirdParty.objects.exists()


def test_what_was_filled_in_stays_beside_the_refusal(browser: Callable[..., Client]) -> None:
    maker = browser("maker", role="finance")
    shown = maker.post(page("enter"), FORM | {"number": "6222021234567895"}, follow=True).content.decode()
    assert 'role="alert"' in shown
    for kept in (UTILITY, "杭州市供电公司", "杭州银行", "313331000014", "6222021234567895"):
        assert f'value="{kept}"' in shown, kept
    assert "somebody else has to check it" in maker.post(page("enter"), FORM, follow=True).content.decode()


@pytest.mark.parametrize(("role", "sees"), [("officer", True), ("auditor", True), ("department", False)])
def test_nobody_else_writes_in_the_register(browser: Callable[..., Client], role: str, sees: bool) -> None:
    account, somebody = entered(), browser("somebody", role=role)
    assert (somebody.get(reverse(LIST)).status_code == 200) is sees
    for action, payee in (("enter", None), ("confirm", account.third_party), ("turn_down", account.third_party)):
        assert somebody.post(page(action, payee), FORM).status_code == 403
    account.refresh_from_db()
    assert account.checked_by is None


@pytest.fixture
def owner_of_bills(browser: Callable[..., Client], firm: Company) -> Client:
    return browser("owner", firm)


def offered(firm: Company, code: str, **fields: object) -> None:
    version = in_force(payee="third_party", payee_feel="bill.supplier", subject="bill", **fields)
    right = make_entitlement(of=version, company=firm, subject_key=f"bill:{firm.pk}:electricity")
    right.payee_code = code
    right.save(update_fields=["payee_code"])


def test_the_firm_reads_who_is_paid_for_it(owner_of_bills: Client, firm: Company) -> None:
    registered()
    offered(firm, UTILITY, track="automatic")
    listed = reverse("firm", args=[firm.credit_code])
    assert "paid to 杭州市供电公司 for you" in owner_of_bills.get(listed).content.decode()
    assert claim_automatic(limit=10, now=timezone.now()) == 1
    settle_payouts(now=timezone.now())
    payout = Payout.objects.get()
    for address in (
        listed,
        reverse("history", args=[firm.credit_code]),
        reverse("receipt", args=[firm.credit_code, payout.pk]),
    ):
        assert "paid to 杭州市供电公司 for you" in owner_of_bills.get(address).content.decode()


def test_the_firm_reads_which_payee_is_missing(owner_of_bills: Client, firm: Company) -> None:
    offered(firm, OTHER)
    shown = owner_of_bills.get(reverse("firm", args=[firm.credit_code])).content.decode()
    assert OTHER in shown
    assert "the city’s finance office has still to enter and check" in shown


def test_the_firm_need_not_mend_the_account_of_another(owner_of_bills: Client, firm: Company) -> None:
    registered()
    offered(firm, UTILITY, track="automatic")
    claim_automatic(limit=10, now=timezone.now())
    settle_payouts(Teller(outcome="refused"), now=timezone.now())
    shown = owner_of_bills.get(reverse("firm", args=[firm.credit_code])).content.decode()
    assert "Tell us another account" not in shown
    history = owner_of_bills.get(reverse("history", args=[firm.credit_code])).content.decode()
    assert "account to be mended" not in history
