"""A higher version of a contract gives its table more room at once, and the rows that there are stay as they are."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection

from companies.contracts.contract import Derived, Part, Role, Subject, Type
from companies.contracts.facts import catalogue
from companies.contracts.registry import contracts
from companies.deliveries.registry.targets import UnknownDataset, deliverables
from companies.models import Company
from tests.factories.companies import make_company
from tests.factories.contracts import FIRM, PERSON, declare, declare_by_two, make_column, make_contract, retire
from tests.factories.deliveries import deliver_file, make_delivery, quarantine_of
from tests.factories.policies import entitlements_of, make_published, match_all
from tests.factories.rows import refusal_of

pytestmark = pytest.mark.django_db

FEE = make_column("fee", Type.YUAN)
ROAD = make_column("road", Type.TEXT, length=3)


@pytest.fixture
def firm() -> Company:
    return make_company(has_account=False)


def deliver(firm: Company, **values: object) -> list[tuple[int, str, str]]:
    """Deliver one row, and say what kept it out."""
    return quarantine_of(deliver_file("tolls", [{"credit_code": firm.credit_code, "month": "2026-01"} | values]))


def rows(*columns: str, table: str = "dataset_tolls") -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY id, delivery_id")
        return list(cursor.fetchall())


def test_a_dataset_that_is_declared_is_delivered_and_decides_at_once(firm: Company) -> None:
    with pytest.raises(UnknownDataset):
        deliver(firm)
    declare(make_contract(FEE))
    assert deliver(firm, fee="90.50") == []
    assert rows("company_id", "month", "fee") == [(firm.pk, "2026-01", Decimal("90.50"))]
    version = make_published('tolls[month = "2026-01"].fee > 90')
    match_all()
    assert list(entitlements_of(version)) == [f"company:{firm.pk}"]


def test_a_new_column_is_empty_in_the_rows_that_there_are(firm: Company) -> None:
    declare(make_contract(FEE))
    deliver(firm, fee=1)
    declare(make_contract(FEE, ROAD, version="1.1.0"))
    assert rows("fee", "road") == [(1, None)]
    assert deliver(firm, fee=1, road="G60") == []
    assert rows("fee", "road") == [(1, "G60")]
    assert rows("fee", "road", table="history_tolls") == [(1, None)]


def test_a_longer_text_has_room(firm: Company) -> None:
    declare(make_contract(ROAD))
    assert deliver(firm, road="G6001") == [(2, "road", "too_long")]
    declare(make_contract(replace(ROAD, length=5), version="1.1.0"))
    assert deliver(firm, road="G6001") == []
    assert rows("road") == [("G6001",)]


def test_a_number_gets_more_digits(firm: Company) -> None:
    share = make_column("share", Type.NUMBER, digits=3, places=1)
    declare(make_contract(share))
    assert deliver(firm, share="12.34") == [(2, "share", "too_precise")]
    declare(make_contract(replace(share, digits=6, places=2), version="1.1.0"))
    assert deliver(firm, share="1234.56") == []
    assert rows("share") == [(Decimal("1234.56"),)]


def test_a_value_that_was_required_may_be_missing(firm: Company) -> None:
    declare(make_contract(replace(FEE, is_required=True)))
    assert deliver(firm) == [(2, "fee", "missing")]
    declare(make_contract(FEE, version="1.1.0"))
    assert deliver(firm) == []
    assert rows("fee") == [(None,)]


def test_a_range_that_grows_lets_more_values_in(firm: Company) -> None:
    count = make_column("count", maximum=Decimal(9))
    declare(make_contract(count))
    assert deliver(firm, count=10) == [(2, "count", "out_of_range")]
    declare(make_contract(replace(count, maximum=Decimal(10)), version="1.1.0"))
    assert deliver(firm, count=10) == []
    # The database itself keeps the new limit.
    update = "UPDATE dataset_tolls SET count = 11"
    assert refusal_of(update) == "tolls_count_fits"


def test_a_code_more_is_delivered(firm: Company) -> None:
    declare(make_contract(make_column("lane", Type.CODE, codes="fast slow")))
    assert deliver(firm, lane="middle") == [(2, "lane", "not_a_choice")]
    declare(make_contract(make_column("lane", Type.CODE, codes="fast slow middle"), version="1.1.0"))
    assert deliver(firm, lane="middle") == []


def test_a_part_of_the_month_is_worked_out_for_the_rows_that_there_are(firm: Company) -> None:
    declare(make_contract())
    deliver(firm)
    parts = [make_column("year", derived=Derived("month", Part.YEAR))]
    parts += [make_column("month_of_year", derived=Derived("month", Part.MONTH_OF_YEAR))]
    declare(make_contract(*parts, version="1.1.0"))
    assert rows("year", "month_of_year") == [(2026, 1)]


def test_versions_are_compared_as_numbers() -> None:
    declare(make_contract(version="1.9.0"))
    declare(make_contract(FEE, version="1.10.0"))
    assert contracts()["tolls"].version == "1.10.0"


def test_a_fact_is_known_to_rules_as_soon_as_it_is_declared() -> None:
    declare(make_contract())
    assert set(catalogue().groups["tolls"].facts) == {"month"}
    declare(make_contract(FEE, version="1.1.0"))
    assert set(catalogue().groups["tolls"].facts) == {"month", "fee"}


def test_a_dataset_about_persons_at_firms_has_both(firm: Company) -> None:
    contract = make_contract(
        properties=(FIRM, PERSON, FEE), key=("credit_code", "id_number"), subject=Subject.COMPANY_PERSON, item="toll"
    )
    declare(contract)
    delivery = make_delivery("tolls").pk
    insert = "INSERT INTO dataset_tolls (company_id, employee_id, delivery_id) VALUES (%s, 0, %s)"
    assert refusal_of(insert, firm.pk, delivery) == "row_names_known_employee_id"
    assert contract.of_role(Role.ID_NUMBER) == PERSON
    assert catalogue(item="toll").groups["toll"].relation == "dataset_tolls"


def test_two_people_rename_a_column_and_its_history_with_it(firm: Company) -> None:
    declare(make_contract(FEE))
    for fee in (1, 2):
        deliver(firm, fee=fee)
    declare_by_two(make_contract(replace(FEE, name="paid", formerly="fee"), version="2.0.0"))
    assert (rows("paid"), rows("paid", table="history_tolls")) == ([(2,)], [(1,)])
    assert deliver(firm, paid=3) == []
    assert rows("paid", table="history_tolls") == [(1,), (2,)]


def test_two_people_drop_a_column_and_its_values_stay(firm: Company) -> None:
    declare(make_contract(replace(FEE, is_required=True)))
    deliver(firm, fee=1)
    declare_by_two(make_contract(version="2.0.0"))
    other = make_company(has_account=False)
    assert deliver(other) == []
    assert rows("company_id", "fee") == [(firm.pk, 1), (other.pk, None)]
    assert "fee" not in catalogue().groups["tolls"].facts


def test_two_people_give_it_another_key(firm: Company) -> None:
    road = replace(ROAD, is_required=True)
    declare(make_contract(road))
    deliver(firm, road="G60")
    declare_by_two(make_contract(road, version="2.0.0", key=("credit_code", "month", "road")))
    assert deliver(firm, road="G2") == []
    assert sorted(rows("road")) == [("G2",), ("G60",)]
    update = "UPDATE dataset_tolls SET road = 'G60'"
    assert refusal_of(update) == "tolls_once_per_key"


def test_what_two_people_retire_is_delivered_no_more_and_its_rows_stay(firm: Company) -> None:
    declare(make_contract(FEE))
    deliver(firm, fee=1)
    retire("tolls")
    assert "tolls" not in deliverables()
    assert "tolls" not in catalogue().groups
    assert rows("fee") == [(1,)]
    assert refusal_of("DELETE FROM dataset_tolls") == "row_is_never_deleted"


def test_an_item_names_the_rows_of_a_list_one_by_one() -> None:
    declare(make_contract(FEE, item="toll"))
    assert catalogue(item="toll").groups["toll"].dataset == "tolls"
