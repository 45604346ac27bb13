"""A firm's page: why the firm may claim something, why it may not, and where its money goes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from companies.models import Company, PayeeAccount
from payouts.claims.automatic import claim_automatic
from payouts.models import Payout
from policies.models import PolicyVersion
from tests.factories.claims import claim_entitlements
from tests.factories.companies import confirm_by_officials, make_account, make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import make_all_deliveries, make_employment, make_row
from tests.factories.entitlements import make_entitlement
from tests.factories.people import make_employee, make_user
from tests.factories.policies import break_amount, break_clauses, make_published, match_all
from tests.functional.conftest import in_force

pytestmark = pytest.mark.django_db

ACCOUNT = {
    "holder_name": "杭州清茶有限公司",
    "bank_name": "杭州银行武林支行",
    "bank_number": "3133 3100 0014",
    "number": "6222 0210 0091 2233",
    "number_again": "6222021000912233",
    "is_confirmed": "on",
}


@pytest.fixture
def shop() -> Company:
    """A firm about which departments have delivered facts."""
    make_all_deliveries(as_of_on=timezone.localdate())
    company = make_company("杭州清茶有限公司")
    make_row(TaxYear, company, year=2024, revenue=1_234_567)
    return company


@pytest.fixture
def keeper(browser: Callable[..., Client], shop: Company) -> Client:
    return browser("keeper", shop)


def open_policy(*clauses: str, **fields: object) -> str:
    """The code of a policy that is in force today and has been matched."""
    today = timezone.localdate()
    version = make_published(*clauses, opens_on=today, closes_on=today + timedelta(days=9), **fields)
    match_all(now=timezone.now())
    return version.policy.code


def page(client: Client, name: str, *args: object) -> str:
    return client.get(reverse(name, args=args)).content.decode()


def test_each_condition_is_ticked_with_its_facts(keeper: Client, shop: Company) -> None:
    open_policy("tax[year = 2024].revenue < 5000000", 'company.district = "330106"')
    text = page(keeper, "firm", shop.credit_code)
    assert "Condition 1" in text
    assert "Tax by year (2024) · Revenue" in text
    assert "1,234,567 yuan" in text
    assert ">Tax," in text
    assert "Market Regulation" in text


def test_another_policy_is_explained_on_demand_with_the_condition_that_fails(keeper: Client, shop: Company) -> None:
    code = open_policy("tax[year = 2024].revenue > 5000000", 'company.size = "small"')
    where = reverse("reasons", args=[shop.credit_code, code])
    assert where in page(keeper, "firm", shop.credit_code)
    whole = keeper.get(where).content.decode()
    fragment = keeper.get(where, headers={"hx-request": "true"}).content.decode()
    assert "<html" in whole
    assert "<html" not in fragment
    for text in (whole, fragment):
        assert "not met" in text
        assert "1,234,567 yuan" in text
        assert "1 condition is met" in text


def test_rules_that_no_longer_check_are_said_to_be_so(keeper: Client, shop: Company) -> None:
    code = open_policy("tax[year = 2024].revenue > 5000000")
    break_clauses(PolicyVersion.objects.get(policy__code=code))
    where = reverse("reasons", args=[shop.credit_code, code])
    whole, fragment = keeper.get(where), keeper.get(where, headers={"hx-request": "true"})
    assert (whole.status_code, fragment.status_code) == (503, 200)
    for answer in (whole, fragment):
        assert "The rules of this policy cannot be applied at present" in answer.content.decode()


def test_an_entitlement_that_is_not_open_any_more_says_what_became_of_it(owner: Client, firm: Company) -> None:
    right = make_entitlement(of=in_force(), company=firm)
    assert "pill" not in page(owner, "entitlement", firm.credit_code, right.pk)
    asked = {"entitlement_ids": [right.pk], "company": firm, "commitment": "yes", "actor": make_user("owner")}
    claim_entitlements(**asked, now=timezone.now())
    assert '<span class="pill">claimed</span>' in page(owner, "entitlement", firm.credit_code, right.pk)


def test_an_amount_that_no_longer_checks_takes_no_page_down_but_its_own(keeper: Client, shop: Company) -> None:
    code, other = (open_policy("tax[year = 2024].revenue > 5000000") for _each in range(2))
    break_amount(PolicyVersion.objects.get(policy__code=code))
    for name, args in {"home": [], "calculators": [], "policy": [code], "firm": [shop.credit_code]}.items():
        assert other in page(keeper, name, *args) or name == "policy"
    assert "what_was_renamed" in page(keeper, "policy", code)
    for name, args in {"calculator": [code], "reasons": [shop.credit_code, code]}.items():
        assert keeper.get(reverse(name, args=args)).status_code == 503


def test_whom_another_firm_has_is_said_to_be_there(keeper: Client, shop: Company) -> None:
    shared = make_employee("周八")
    make_employment(make_company(), shared)
    code = open_policy("employee.insured_months >= 6", subject="employee")
    make_employment(shop, shared)
    text = page(keeper, "reasons", shop.credit_code, code)
    assert "Another firm has the right to 1 of what meets the conditions here" in text
    assert "All conditions are met" not in text


def test_missing_data_names_the_department(keeper: Client, shop: Company) -> None:
    code = open_policy("tax[year = 2023].revenue > 5")
    text = page(keeper, "reasons", shop.credit_code, code)
    assert "says nothing about this firm" in text
    assert "Tax: “Tax by year”" in text


def test_a_stale_dataset_names_its_date(browser: Callable[..., Client]) -> None:
    make_all_deliveries(as_of_on=timezone.localdate() - timedelta(days=900))
    company = make_company()
    code = open_policy('count(credit[kind = "zombie"]) = 0')
    text = page(browser("keeper", company), "reasons", company.credit_code, code)
    assert "is too old" in text


def test_a_policy_with_nothing_on_record_says_so(keeper: Client, shop: Company) -> None:
    code = open_policy("compound.joined_epidemic_control", subject="compound", amount="1")
    text = page(keeper, "reasons", shop.credit_code, code)
    assert "nothing on record" in text
    assert "each residential compound" in text


def test_the_page_reads_in_both_languages(shop: Company, browser: Callable[..., Client]) -> None:
    open_policy("tax[year = 2024].revenue < 5000000")
    text = page(browser("chinese", shop, language="zh-CN"), "firm", shop.credit_code)
    assert "现在可兑付" in text
    assert "年度纳税（2024） · 营业收入" in text
    assert "税务局" in text


def test_what_came_without_applying_is_shown(keeper: Client, shop: Company) -> None:
    make_entitlement(of=in_force(track="automatic"), company=shop, amount_cny=1500)
    assert "coming by itself" in page(keeper, "firm", shop.credit_code)
    claim_automatic(limit=10, now=timezone.now())
    text = page(keeper, "firm", shop.credit_code)
    assert "Paid without applying" in text
    assert "¥1,500.00" in text
    assert "0 of 1 paid" in text


def test_a_page_costs_the_same_whatever_the_number_of_people(
    owner: Client, db: None, django_assert_max_num_queries: object
) -> None:
    company = Company.objects.get(name="杭州清茶有限公司")
    for version in [in_force(subject="employee", payee="employee") for _ in range(3)]:
        for number in range(40):
            person = make_employee(f"员工{number}")
            make_account(employee=person)
            make_entitlement(of=version, company=company, employee=person)
    with django_assert_max_num_queries(23):
        text = page(owner, "firm", company.credit_code)
    assert text.count('name="line"') == 120


def test_without_scripts_everything_is_a_link_or_a_form(keeper: Client, shop: Company) -> None:
    open_policy("tax[year = 2024].revenue < 5000000")
    code = open_policy("tax[year = 2024].revenue > 5000000")
    text = page(keeper, "firm", shop.credit_code)
    assert f'href="{reverse("reasons", args=[shop.credit_code, code])}"' in text
    assert f'action="{reverse("claim", args=[shop.credit_code])}"' in text
    assert "onclick" not in text


def test_a_first_account_is_used_at_once(browser: Callable[..., Client]) -> None:
    bare = make_company("杭州清茶有限公司", has_account=False)
    client = browser("both", bare)
    answer = client.post(reverse("account", args=[bare.credit_code]), ACCOUNT, follow=True)
    assert "new account from now on" in answer.content.decode()
    assert bare.accounts.get().is_active


def test_another_account_waits_and_the_old_one_stays_in_use(keeper: Client, shop: Company) -> None:
    answer = keeper.post(reverse("account", args=[shop.credit_code]), ACCOUNT, follow=True)
    assert "The new account waits until it is confirmed" in answer.content.decode()
    assert list(shop.accounts.order_by("pk").values_list("is_active", flat=True)) == [True, False]
    told = PayeeAccount.objects.get(company=shop, is_active=False)
    assert (told.number_masked, told.entered_by.username) == ("622***********33", "keeper")
    assert "6222021000912233" not in page(keeper, "account", shop.credit_code)


def test_who_tells_the_account_in_use_once_more_is_not_told_that_it_is_another(keeper: Client, shop: Company) -> None:
    address = reverse("account", args=[shop.credit_code])
    keeper.post(address, ACCOUNT)
    confirm_by_officials(shop.accounts.get(is_active=False), now=timezone.now())
    answer = keeper.post(address, ACCOUNT, follow=True).content.decode()
    assert "nothing was changed" in answer
    assert shop.accounts.count() == 2


def test_every_member_reads_of_the_change_and_stops_it_with_one_click(
    browser: Callable[..., Client], keeper: Client, shop: Company
) -> None:
    keeper.post(reverse("account", args=[shop.credit_code]), ACCOUNT)
    account = shop.accounts.get(is_active=False)
    colleague = browser("colleague", shop)
    for name in ("firm", "account"):
        assert re.search(
            r"Another account was entered for your firm on .* by keeper", page(colleague, name, shop.credit_code)
        )
    confirm_by_officials(account, now=timezone.now())
    assert "Your money waits until" in page(colleague, "firm", shop.credit_code)
    stop = reverse("account-stop", args=[shop.credit_code, account.pk])
    assert stop in page(colleague, "firm", shop.credit_code)
    assert "Stopped: no money goes" in colleague.post(stop, follow=True).content.decode()
    assert "data-changed-account" not in page(colleague, "firm", shop.credit_code)
    assert shop.accounts.get(is_active=True) != account
    assert "in use already, or was stopped" in colleague.post(stop, follow=True).content.decode()


def test_the_firm_confirms_its_account_by_a_second_factor(keeper: Client, shop: Company) -> None:
    keeper.post(reverse("account", args=[shop.credit_code]), ACCOUNT)
    account = shop.accounts.get(is_active=False)
    confirm = reverse("account-confirm", args=[shop.credit_code, account.pk])
    assert confirm in page(keeper, "account", shop.credit_code)
    assert "when its cool-off is over" in keeper.post(confirm, follow=True).content.decode()
    account.refresh_from_db()
    assert (account.is_active, account.confirmation) == (True, "second_factor")
    assert account.usable_from > timezone.now() + timedelta(hours=23)
    assert "confirmed or stopped meanwhile" in keeper.post(confirm, follow=True).content.decode()


def test_a_password_alone_confirms_no_account(keeper: Client, shop: Company) -> None:
    keeper.post(reverse("account", args=[shop.credit_code]), ACCOUNT)
    account = shop.accounts.get(is_active=False)
    session = keeper.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    answer = keeper.post(reverse("account-confirm", args=[shop.credit_code, account.pk]), follow=True)
    assert "A password alone confirms no account" in answer.content.decode()
    account.refresh_from_db()
    assert account.usable_from is None


def test_nobody_stops_the_account_of_another_firm(
    browser: Callable[..., Client], keeper: Client, shop: Company
) -> None:
    keeper.post(reverse("account", args=[shop.credit_code]), ACCOUNT)
    account = shop.accounts.get(is_active=False)
    other = make_company("别家有限公司")
    stranger = browser("stranger", other)
    assert stranger.post(reverse("account-stop", args=[shop.credit_code, account.pk])).status_code == 404
    stranger.post(reverse("account-stop", args=[other.credit_code, account.pk]))
    account.refresh_from_db()
    assert account.stopped_at is None


def test_money_that_waits_for_the_cool_off_says_until_when(keeper: Client, shop: Company) -> None:
    right = make_entitlement(company=shop)
    claimed = claim_entitlements(
        entitlement_ids=[right.pk], company=shop, commitment="", actor=make_user("keeper"), now=timezone.now()
    )
    keeper.post(reverse("account", args=[shop.credit_code]), ACCOUNT)
    confirm_by_officials(shop.accounts.get(is_active=False), now=timezone.now())
    usable_from = shop.accounts.get(is_active=True).usable_from
    moment = date_format(timezone.localtime(usable_from), "DATETIME_FORMAT")
    payout = Payout.objects.get(pk=claimed.payout_ids[0])
    text = page(keeper, "claim-progress", shop.credit_code, payout.claim_id)
    assert "Your money waits: the account was changed" in text
    assert f"sent there by itself from {moment} on" in text
    assert f"it is sent there from {moment} on" in page(keeper, "history", shop.credit_code)


def test_what_becomes_of_money_under_way_is_told_where_there_is_an_account(
    browser: Callable[..., Client], shop: Company
) -> None:
    bare = make_company(has_account=False)
    both = browser("both", shop, bare)
    assert "all the rest goes to the new one" in page(both, "account", shop.credit_code)
    assert "the old account" not in page(both, "account", bare.credit_code)


def test_an_official_redirects_no_firms_money(browser: Callable[..., Client], shop: Company) -> None:
    official = browser("both", shop, role="officer")
    assert "official’s account" in page(official, "account", shop.credit_code)
    answer = official.post(reverse("account", args=[shop.credit_code]), ACCOUNT)
    assert answer.status_code == 422
    assert "official’s account" in answer.content.decode()
    assert shop.accounts.count() == 1


@pytest.mark.parametrize("mistyped", [{"holder_name": "别家有限公司"}, {"bank_number": "313331000015"}])
def test_what_looks_mistyped_is_asked_about_before_money_follows_it(
    mistyped: dict[str, str], keeper: Client, shop: Company
) -> None:
    address, told = reverse("account", args=[shop.credit_code]), ACCOUNT | mistyped
    asked = keeper.post(address, told)
    assert (asked.status_code, shop.accounts.count()) == (422, 1)
    assert 'role="alert"' in asked.content.decode()
    [proof] = re.findall(r'name="compared" value="(\w+)"', asked.content.decode())
    # The proof holds for the account that was compared, and for no other.
    other = told | {"number": "33050161000000009", "number_again": "33050161000000009"}
    assert keeper.post(address, other | {"compared": proof}).status_code == 422
    assert keeper.post(address, told | {"compared": proof}).status_code == 302
    assert shop.accounts.count() == 2


def test_the_firm_reads_who_told_its_account(keeper: Client, shop: Company) -> None:
    keeper.post(reverse("account", args=[shop.credit_code]), ACCOUNT)
    confirm_by_officials(shop.accounts.get(is_active=False), now=timezone.now())
    assert "· keeper</dd>" in page(keeper, "account", shop.credit_code)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("bank_number", "31333100001", "A bank number has 12 digits"),
        ("bank_number", "３１３３３１００００１４", "A bank number has 12 digits"),
        ("number", "12ab", "An account number has"),
        ("number", "1234567", "An account number has 8 to 32 digits and nothing else"),
        ("number_again", "6222021000112234", "The two account numbers differ"),
        ("is_confirmed", "", "Tick to confirm"),
        ("holder_name", "", "required"),
    ],
)
def test_a_mistyped_account_is_refused_with_its_field(
    field: str, value: str, sentence: str, keeper: Client, shop: Company
) -> None:
    answer = keeper.post(reverse("account", args=[shop.credit_code]), ACCOUNT | {field: value})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert sentence in text
    assert f'id="id_{field}_error"' in text
    assert shop.accounts.count() == 1
