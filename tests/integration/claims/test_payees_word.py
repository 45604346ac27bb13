"""No department's file replaces an account that the owner named, nor at once one that a department delivered."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from companies.models import Company, PayeeAccount
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company, use_other_account
from tests.factories.deliveries import deliver_file, quarantine_of
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

DELIVERED = {
    "holder_name": "杭州试验有限公司",
    "bank_name": "杭州银行",
    "bank_number": "313331000014",
    "number": "33050161000000001",
}
TOLD = DELIVERED | {"number": "33050161000000002"}
NEXT_MONTH = TODAY + dt.timedelta(days=30)


def in_use(firm: Company) -> str:
    return firm.accounts.get(is_active=True).number_masked[-2:]


def tell(firm: Company, account: dict[str, str], *, now: dt.datetime = NOW) -> PayeeAccount:
    return use_other_account(company=firm, **account, actor=make_user(), now=now)


def next_month(firm: Company, account: dict[str, str]) -> list[tuple[int, str, str]]:
    """The quarantine of next month's file of accounts."""
    later = NOW + dt.timedelta(days=30)
    row = account | {"credit_code": firm.credit_code}
    return quarantine_of(deliver_file("company_accounts", [row], as_of_on=NEXT_MONTH, now=later))


@pytest.fixture
def firm() -> Company:
    """A firm whose account a department delivered."""
    firm = make_company(has_account=False)
    deliver_file("company_accounts", [DELIVERED | {"credit_code": firm.credit_code}])
    return firm


@pytest.mark.parametrize("number", ["33050161000000001", "33050161000000003"])
def test_a_file_does_not_replace_what_the_owner_told(firm: Company, number: str) -> None:
    tell(firm, TOLD)
    assert next_month(firm, DELIVERED | {"number": number}) == [(2, "credit_code", "payees_word")]
    assert in_use(firm) == "02"
    assert firm.accounts.count() == 2


def test_the_department_reads_why(firm: Company) -> None:
    tell(firm, TOLD)
    late = deliver_file("company_accounts", [DELIVERED | {"credit_code": firm.credit_code}])
    with translation.override("en"):
        assert "the account that the payee told us on 2026-03-02, which stays in use" in str(
            late.quarantined_rows.get().sentence
        )


def test_a_file_that_agrees_with_the_owner_is_no_fault(firm: Company) -> None:
    tell(firm, TOLD)
    assert next_month(firm, TOLD) == []
    assert in_use(firm) == "02"


def test_what_was_delivered_and_the_owner_tells_again_is_the_owners_word(firm: Company) -> None:
    assert tell(firm, DELIVERED).pk == firm.accounts.get().pk
    assert next_month(firm, TOLD) == [(2, "credit_code", "payees_word")]
    assert in_use(firm) == "01"


def test_the_owner_may_tell_another(firm: Company) -> None:
    tell(firm, TOLD)
    tell(firm, DELIVERED)
    assert in_use(firm) == "01"


def test_what_a_department_delivers_anew_waits(firm: Company) -> None:
    assert next_month(firm, TOLD) == []
    assert in_use(firm) == "01"
    assert firm.accounts.get(is_active=False).doubt == "delivered"
