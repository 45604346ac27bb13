"""The key by which a policy pays once for a row of a declared dataset."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.utils import translation

from companies.contracts import registry
from companies.contracts.contract import Contract, Property, Role, Subject, Type, Unsound
from companies.contracts.registry import Register
from policies.models import PolicyVersion, subject_choices
from policies.subjects import catalogue_of, known_subjects, name_in_key
from tests.factories.contracts import FIRM, MONTH, PERSON, make_column, make_contract
from tests.shipped import SHIPPED, know_shipped

ROAD = make_column("road", Type.TEXT, is_required=True)
YEAR = make_column("year", Type.YEAR, is_required=True)
PERIOD = make_column("quarter", Type.QUARTER, is_required=True, role=Role.PERIOD)


@pytest.fixture(autouse=True)
def _shipped_afterwards() -> Iterator[None]:
    yield
    know_shipped()


def know(contract: Contract) -> None:
    """Believe that a contract is in force beside those that ship."""
    register = Register("1", {**SHIPPED.contracts, contract.name: contract}, SHIPPED.offices)
    registry.remember(register, now=time.monotonic(), seconds=60)


def toll(*columns: Property, **terms: object) -> Contract:
    """A contract about tolls whose key has these columns beside the firm."""
    usual = {"properties": (FIRM, *columns), "key": ("credit_code", *(each.name for each in columns)), "item": "toll"}
    return make_contract(**(usual | terms))


ROAD_TEXT = r"""replace(replace("i"."road"::text, '\', '\\'), ':', '\:')"""
TABLE = [
    ((YEAR,), """ || ':' || "i"."year"::text""", None),
    ((YEAR, ROAD), f""" || ':' || "i"."year"::text || ':' || {ROAD_TEXT}""", None),
    ((ROAD, PERIOD), f" || ':' || {ROAD_TEXT}", '"i"."quarter"::text'),
    ((PERIOD,), "", '"i"."quarter"::text'),
    # A month is a period where the contract says so.
    ((MONTH,), """ || ':' || "i"."month"::text""", None),
]


@pytest.mark.parametrize(("columns", "parts", "period"), TABLE)
def test_a_row_is_paid_once_per_firm_and_key(columns: tuple[Property, ...], parts: str, period: str | None) -> None:
    know(toll(*columns))
    rows = known_subjects()["toll"]
    key = rows.key.as_string(None)
    assert key.startswith(f"CASE WHEN length('tolls' || ':' || c.id{parts}) < 80 THEN")
    assert (rows.period and rows.period.as_string(None)) == period
    assert (rows.item, rows.reads, rows.is_person) == ("toll", {"tolls"}, False)


def test_a_row_about_a_person_at_a_firm_names_the_person() -> None:
    know(toll(PERSON, YEAR, subject=Subject.COMPANY_PERSON))
    rows = known_subjects()["toll"]
    assert """|| c.id || ':' || "i"."employee_id"::text || ':' || "i"."year"::text""" in rows.key.as_string(None)
    assert rows.is_person
    # The person's own datasets count.
    assert {"unemployment_benefits", "spouse_unemployment_benefits"} <= set(catalogue_of("toll").groups)


@pytest.mark.usefixtures("in_english")
def test_a_dataset_about_persons_alone_has_no_item() -> None:
    with pytest.raises(Unsound, match="has an item, but no firm"):
        make_contract(properties=(PERSON, YEAR), key=("id_number", "year"), subject=Subject.PERSON, item="toll")


def test_our_own_subjects_stay_what_they_are() -> None:
    assert set(known_subjects()) == {name for name, _label in subject_choices()}
    know(toll(YEAR))
    assert known_subjects()["loan"].key.as_string(None) == "'loan:' || i.contract"
    assert [*known_subjects()][-1] == "toll"


def test_a_declared_subject_has_its_name_in_both_languages(in_english: None) -> None:
    know(toll(YEAR, item="toll_road"))
    version = PolicyVersion(subject="toll_road")
    assert version.get_subject_display() == "each toll road"
    with translation.override("zh-hans"):
        assert version.get_subject_display() == "每条过路费"


def test_what_a_retired_dataset_decided_is_still_explained() -> None:
    assert "toll" not in known_subjects()
    assert set(catalogue_of("toll").groups) == set(catalogue_of("company").groups)
    assert PolicyVersion(subject="toll").get_subject_display() == "toll"


def test_djangos_checks_need_no_database() -> None:
    # They run before the first migration, too; here a look at the database would fail the test.
    registry.forget()
    assert PolicyVersion.check() == []


@pytest.mark.parametrize(
    ("key", "name"), [("tolls:12:2024:G60", "2024:G60"), ("loan:HT-12", "HT-12"), ("tolls:123:2024", "123:2024")]
)
def test_a_firm_reads_its_key_without_its_number(key: str, name: str) -> None:
    assert name_in_key(key, company_id=12) == name
