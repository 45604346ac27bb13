"""A contract that is written reads as the same one, and what the platform keeps without using it is named."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from companies.contracts.contract import Contract, Derived, Level, Part, Role, Shift, Subject, Type
from companies.contracts.facts import FACT_TYPES
from companies.contracts.read import API_VERSIONS, read_contract
from companies.contracts.shape import shape_of
from companies.contracts.shipped import read_shipped
from companies.contracts.write import write_contract
from companies.datasets.catalogue import Absence
from tests.shipped import SHIPPED
from tests.unit.contracts.texts import TOLLS, with_change


def read_tolls() -> Contract:
    return read_contract(TOLLS)


@pytest.mark.parametrize("text", read_shipped(), ids=SHIPPED.contracts)
def test_a_shipped_contract_is_written_as_its_file_says(text: str) -> None:
    contract = read_contract(text)
    assert write_contract(contract) == text
    assert contract.unread == ()


def test_the_file_of_a_shipped_contract_has_its_name() -> None:
    assert len(read_shipped()) == len(SHIPPED.contracts) == 28
    assert list(SHIPPED.contracts) == sorted(SHIPPED.contracts)


def test_every_term_survives_writing() -> None:
    contract = replace(
        read_tolls(),
        item="toll",
        absence=Absence.NONE,
        level=Level.DISTRICT,
        every_days=31,
        purpose="过路费：按月",
        owner="Toll office # 2",
        shift=Shift(rows=Decimal("12.5"), losing_firms=Decimal(0), new_nulls=Decimal(100)),
    )
    assert read_contract(write_contract(contract)) == contract


def test_a_text_that_looks_like_another_value_stays_a_text() -> None:
    """YAML would read "no" as a truth and "1.10" as a number."""
    contract = replace(read_tolls(), purpose="no", owner="1.10")
    assert read_contract(write_contract(contract)) == contract


def test_a_contract_says_what_its_text_says() -> None:
    contract = read_tolls()
    assert (contract.name, contract.table, contract.department) == ("tolls", "dataset_tolls", "tax")
    assert (contract.subject, contract.owners, contract.is_list) == (Subject.COMPANY, ("company_id",), True)
    assert (contract.key, contract.key_columns) == (("credit_code", "month"), ("company_id", "month"))
    assert (contract.freshness_days, contract.absence, contract.level) == (62, Absence.UNKNOWN, Level.CITY)
    assert {each.name: each.type for each in contract.facts} == {
        "month": Type.MONTH,
        "fee": Type.YUAN,
        "road": Type.TEXT,
        "share": Type.NUMBER,
        "lane": Type.CODE,
        "month_of_year": Type.WHOLE,
    }
    assert contract.of_role(Role.CREDIT_CODE) == contract.by_name["credit_code"]
    assert contract.by_name["month_of_year"].derived == Derived("month", Part.MONTH_OF_YEAR)
    assert [each.name for each in contract.properties if each not in contract.delivered] == ["month_of_year"]
    assert [code.code for code in contract.by_name["lane"].codes] == ["fast", "slow"]


def test_the_key_goes_by_its_positions() -> None:
    placed = with_change(
        "format: yyyy-MM}\n    required: true\n", "format: yyyy-MM}\n    primaryKeyPosition: 3\n    required: true\n"
    )
    placed = placed.replace(
        "- name: road\n", "- name: road\n    required: true\n    primaryKey: true\n    primaryKeyPosition: 2\n"
    )
    placed = placed.replace("- name: credit_code\n", "- name: credit_code\n    primaryKeyPosition: 1\n")
    assert read_contract(placed).key == ("credit_code", "road", "month")


@pytest.mark.parametrize("version", API_VERSIONS)
def test_every_version_of_the_standard_that_is_known_reads_alike(version: str) -> None:
    assert read_contract(with_change("v3.1.0", version)) == read_tolls()


@pytest.mark.parametrize(
    ("unit", "days"), [("d", 2), ("days", 2), ("m", 62), ("months", 62), ("y", 732), ("years", 732), ("yr", 732)]
)
def test_how_old_the_data_may_be_is_counted_in_days(unit: str, days: int) -> None:
    text = with_change("value: 62, unit: d}", f"value: 2, unit: {unit}}}")
    assert read_contract(text).freshness_days == days


def test_what_the_platform_does_not_use_is_named_by_its_place() -> None:
    text = with_change("version: 1.0.0\n", "version: 1.0.0\nprice: {priceAmount: 1}\nroles: [{role: reader}]\n")
    text = text.replace("  - name: fee\n", "  - name: fee\n    classification: public\n")
    text = text.replace("{minimum: 0,", "{multipleOf: 5, minimum: 0,")
    text = text.replace("value: Fee}", "value: Fee}, {property: colour, value: red}")
    text = text.replace("- {property: latency,", "- {property: retention, value: 5, unit: y}\n- {property: latency,")
    assert read_contract(text).unread == (
        "price",
        "roles",
        "schema[0].properties[2].classification",
        "schema[0].properties[2].customProperties.colour",
        "schema[0].properties[2].logicalTypeOptions.multipleOf",
        "slaProperties[0].value",
        "slaProperties[0].unit",
    )


def test_a_quality_check_of_another_engine_is_not_ours() -> None:
    checks = (
        "  quality:\n  - {type: sql, engine: soda, implementation: rowShift, mustBeLessOrEqualTo: 120}\nslaProperties:"
    )
    contract = read_contract(with_change("slaProperties:", checks))
    assert contract.shift == Shift()
    assert contract.unread == ("schema[0].quality[0].type", "schema[0].quality[0].mustBeLessOrEqualTo")


def test_the_shape_has_every_column_of_the_table_and_its_limits() -> None:
    shape = shape_of(read_tolls())
    assert (shape["owners"], shape["key"]) == (["company_id"], ["company_id", "month"])
    columns = {each["name"]: each for each in shape["columns"]}
    assert list(columns) == ["month", "fee", "road", "share", "lane", "month_of_year"]
    assert (columns["fee"]["minimum"], columns["fee"]["maximum"]) == ("0", "9000")
    assert (columns["share"]["digits"], columns["share"]["places"]) == (5, 2)
    assert columns["lane"]["codes"] == ["fast", "slow"]
    assert columns["month_of_year"]["derived"] == {"source": "month", "part": "month_of_year"}


def test_a_year_is_plausible_without_a_word() -> None:
    year = with_change("format: yyyy-MM}", "format: yyyy}").partition("  - name: month_of_year")[0]
    column = shape_of(read_contract(year))["columns"][0]
    assert (column["type"], column["minimum"], column["maximum"]) == ("year", "1900", "2199")


def test_every_type_that_is_stored_is_a_fact() -> None:
    assert set(FACT_TYPES) == set(Type) - {Type.ID_NUMBER}
