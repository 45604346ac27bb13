"""Any number of rows may be set aside for newer data; they do not make the file a mistake."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from companies.models import Company, Delivery, PayeeAccount
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company, use_other_account
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import deliver_file, quarantine_of
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

LIMIT = 2
YEARS = range(2015, 2021)
MONTH_BEFORE = TODAY - dt.timedelta(days=30)
ACCOUNT = {"holder_name": "杭州试验有限公司", "bank_name": "杭州银行", "bank_number": "313331000014"}


@pytest.fixture(autouse=True)
def low_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("deliveries.staging.table", "deliveries.staging.checks", "deliveries.admin.deliveries"):
        monkeypatch.setattr(f"companies.{module}.MAX_QUARANTINED", LIMIT, raising=False)


def tax_of(firm: Company, revenue: int | str) -> list[dict[str, object]]:
    return [{"credit_code": firm.credit_code, "year": year, "revenue": revenue} for year in YEARS]


def late_tax() -> Delivery:
    firm, other = make_company(has_account=False), make_company(has_account=False)
    deliver_file("tax", tax_of(firm, 2))
    only_there = {"credit_code": other.credit_code, "year": 2020, "revenue": 1}
    return deliver_file("tax", [*tax_of(firm, 1), only_there], as_of_on=MONTH_BEFORE)


def test_a_late_file_of_older_values_lands_what_it_alone_has() -> None:
    late = late_tax()
    assert (late.landed_count, late.changed_count, late.quarantined_count) == (1, 1, len(YEARS))
    assert quarantine_of(late) == [(2, "year", "superseded"), (3, "year", "superseded")]
    assert sorted(TaxYear.objects.values_list("revenue", flat=True)) == [1, *[2] * len(YEARS)]


def test_wrong_rows_are_listed_whatever_is_set_aside() -> None:
    firm = make_company(has_account=False)
    deliver_file("tax", tax_of(firm, 2))
    wrong = {"credit_code": firm.credit_code, "year": 2014, "revenue": "?"}
    late = deliver_file("tax", [*tax_of(firm, 1), wrong], as_of_on=MONTH_BEFORE)
    assert late.quarantined_count == len(YEARS) + 1
    assert quarantine_of(late) == [(2, "year", "superseded"), (8, "revenue", "not_a_number")]


def test_accounts_that_payees_told_stay_and_the_others_land() -> None:
    firms = [make_company(has_account=False) for _time in range(4)]
    for firm in firms[:3]:
        use_other_account(company=firm, **ACCOUNT, number="33050161000000009", actor=make_user(), now=NOW)
    rows = [ACCOUNT | {"credit_code": firm.credit_code, "number": "33050161000000001"} for firm in firms]
    delivery = deliver_file("company_accounts", rows)
    assert (delivery.landed_count, delivery.quarantined_count) == (1, 3)
    assert quarantine_of(delivery) == [(2, "credit_code", "payees_word"), (3, "credit_code", "payees_word")]
    assert [account.number_masked[-1] for account in PayeeAccount.objects.order_by("company_id")] == list("9991")


def test_the_page_says_that_only_the_first_are_listed(client: Client) -> None:
    late = late_tax()
    client.force_login(make_user(is_superuser=True, is_staff=True))
    address = reverse("admin:companies_delivery_change", args=[late.pk])
    shown = client.get(address, headers={"accept-language": "en"}).content.decode()
    assert "6, of which the first 2 are listed below" in shown
