"""Who acts for which company, where its money goes, and how fresh its data is."""

from __future__ import annotations

import datetime as dt

import pytest

from companies.firms.load_districts import load_districts
from companies.firms.payee_accounts import WrongAccount, replace_account
from companies.firms.queries import (
    NoSuchCompany,
    active_account,
    companies_of,
    company_of,
    datasets_changed_by,
    freshness,
    known_rows,
    stale_datasets,
)
from companies.models import Delivery, District
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import (
    act_for,
    make_account,
    make_company,
    make_owner,
    read_account_number,
    use_other_account,
)
from tests.factories.deliveries import deliver_file
from tests.factories.people import id_number, make_user

pytestmark = pytest.mark.django_db
ACCOUNT = {
    "holder_name": "杭州试验有限公司",
    "bank_name": "杭州银行",
    "bank_number": "313331000014",
    "number": "33050161000000001",
}


def test_an_owner_finds_the_own_company_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    firm, other = make_company(has_account=False), make_company(has_account=False)
    user = make_owner(firm)
    assert company_of(user=user, credit_code=firm.credit_code) == firm
    assert list(companies_of(user=user)) == [firm]
    for code in (other.credit_code, "nonsense"):
        with pytest.raises(NoSuchCompany):
            company_of(user=user, credit_code=code)
    told = capsys.readouterr().err
    assert told.count("company.not_yours") == 2
    assert "is_known=True" in told
    with pytest.raises(NoSuchCompany):
        company_of(user=make_user(), credit_code=firm.credit_code)


def test_a_replaced_account_stays_and_is_not_used() -> None:
    old, owner = make_account(), make_user()
    new = use_other_account(company=old.company, **ACCOUNT, actor=owner, now=NOW)
    old.refresh_from_db()
    assert (old.is_active, new.is_active, new.entered_at, new.entered_by) == (False, True, NOW, owner)
    assert active_account(company=old.company) == new
    assert read_account_number(new) == ACCOUNT["number"]
    assert new.number_masked == "330************01"


def test_the_log_says_who_entered_an_account(capsys: pytest.CaptureFixture[str]) -> None:
    firm = make_company(has_account=False)
    owner = act_for(firm, make_user())
    replace_account(company=firm, **ACCOUNT, actor=owner, now=NOW)
    [line] = [line for line in capsys.readouterr().err.splitlines() if "account.entered" in line]
    assert f"actor={owner.pk}" in line


def test_the_same_account_again_changes_nothing() -> None:
    firm = make_company(has_account=False)
    owner = act_for(firm, make_user())
    first = replace_account(company=firm, **ACCOUNT, actor=owner, now=NOW)
    later = {"actor": act_for(firm, make_user()), "now": NOW + dt.timedelta(days=1)}
    again = replace_account(company=firm, **ACCOUNT, **later)
    assert (again, again.entered_by) == (first, owner)
    assert firm.accounts.count() == 1


def test_whoever_confirms_what_a_department_delivered_stands_beside_it() -> None:
    firm = make_company(has_account=False)
    owner = act_for(firm, make_user())
    deliver_file("company_accounts", [ACCOUNT | {"credit_code": firm.credit_code}])
    account = replace_account(company=firm, **ACCOUNT, actor=owner, now=NOW)
    assert (firm.accounts.count(), account.entered_by) == (1, owner)


@pytest.mark.parametrize(
    "wrong",
    [
        {"bank_number": "31333100001"},
        {"bank_number": "３１３３３１００００１４"},
        {"number": "1234567"},
        {"number": "6222 0212"},
        {"number": "６２２２０２１２３"},
        {"number": "6222021234567895"},
        {"holder_name": "  "},
        {"bank_name": ""},
    ],
)
def test_an_impossible_account_is_refused(wrong: dict[str, str]) -> None:
    account = make_account()
    with pytest.raises(WrongAccount):
        replace_account(company=account.company, **(ACCOUNT | wrong), actor=make_user(), now=NOW)
    assert active_account(company=account.company) == account


def test_data_is_as_fresh_as_its_newest_landed_delivery() -> None:
    deliver_file("credit", [], as_of_on=TODAY - dt.timedelta(days=31))
    deliver_file("credit", [], as_of_on=TODAY - dt.timedelta(days=60))
    Delivery.objects.create(
        delivery_id="failed", dataset="credit", as_of_on=TODAY, byte_count=0, status="failed", received_at=NOW
    )
    assert freshness() == {"credit": TODAY - dt.timedelta(days=31)}
    assert "credit" not in stale_datasets(as_of_on=TODAY)
    assert "credit" in stale_datasets(as_of_on=TODAY + dt.timedelta(days=1))


def test_what_was_never_delivered_is_stale_and_history_never_is() -> None:
    stale = stale_datasets(as_of_on=TODAY)
    assert {"credit", "employees", "titles"} <= stale
    assert {"tax", "insurance", "registration"}.isdisjoint(stale)


def test_derived_facts_change_with_what_they_come_from() -> None:
    assert datasets_changed_by(dataset="tax") == {"tax"}
    assert datasets_changed_by(dataset="annual_report") == {"annual_report", "registration"}
    of_spouses = {"contributions", "housing", "person_credit", "unemployment_benefits", "wages"}
    assert datasets_changed_by(dataset="marriage") == {"marriage"} | of_spouses


def test_the_rows_known_about_a_company_are_counted_by_one_query(django_assert_num_queries: object) -> None:
    firm = make_company(has_account=False)
    deliver_file("tax", [{"credit_code": firm.credit_code, "year": year} for year in (2023, 2024)])
    deliver_file("employees", [{"credit_code": firm.credit_code, "id_number": id_number(1), "name": "李一"}])
    with django_assert_num_queries(1):
        counted = {known.contract.name: known.rows for known in known_rows(company=firm)}
    assert counted == {"tax": 2, "employees": 1}


def test_the_districts_are_there_and_stay_as_they_are() -> None:
    load_districts()
    assert District.objects.count() == 15
    gone = District.objects.filter(valid_until__isnull=False)
    assert set(gone.values_list("code", flat=True)) == {"330103", "330104"}
