"""What cannot be meant is refused with one sentence: the line, the place, what is wrong or what to write instead."""

from __future__ import annotations

import pytest

from companies.contracts.contract import MOST_CODES, MOST_PROPERTIES
from companies.contracts.document import MOST_CHARACTERS, WrongContract
from companies.contracts.read import read_contract
from tests.unit.contracts.texts import with_change

pytestmark = pytest.mark.usefixtures("in_english")
A_NAME = "a name has up to 40 small letters, digits and underscores, a letter first."
WORD = "which is a word of the rule language or of ours."
MONTH_REQUIRED = """\
    logicalTypeOptions: {format: yyyy-MM}
    required: true
"""
VALUES = """\
      value:
      - {code: fast, zh: 快, en: Fast}
      - {code: slow, zh: 慢, en: Slow}
"""
CHECK = """\
  quality:
  - {type: %s, engine: qinqing, implementation: rowShift, mustBeLessOrEqualTo: %d}
slaProperties:"""
TABLE = [
    # The document.
    (
        "version: 1.0.0",
        "version: [1.0.0",
        "Line 4 is no YAML (expected ',' or ']', but got ':'); check its indentation and its quotes.",
    ),
    (
        "version: 1.0.0",
        "version: 1.0.0\n---\nversion: 2.0.0",
        "Line 4 is no YAML (but found another document); check its indentation and its quotes.",
    ),
    (
        "version: 1.0.0",
        "version: &one 1.0.0\nid: *one",
        "Line 4: “*one” is a reference; write the value out.",
    ),
    ("version: 1.0.0", f"version: 1.0.0\nid: {'[' * 13}{']' * 13}", "Line 4: “…” is nested too deeply."),
    ("version: 1.0.0", "version: 1.0.0\nversion: 1.0.1", "Line 4: “version” stands there twice."),
    ("version: 1.0.0", "version: 1.0.0\nteam: roads", "Line 4: “team” is no mapping of names to values."),
    ("version: 1.0.0", "version: {major: 1}", "Line 3: “version” has several values where one is expected."),
    ("version: 1.0.0\n", "", "Line 1: “version” is missing."),
    ("version: 1.0.0", "version: 1.0", "Line 5: “schema[0].name” needs a version of three numbers, as 1.0.0."),
    ("version: 1.0.0", "version: 01.0.0", "Line 5: “schema[0].name” needs a version of three numbers, as 1.0.0."),
    ("DataContract", "DataProduct", "Line 2: “kind” is “DataProduct”; it must be one of: DataContract."),
    (
        "v3.1.0",
        "v2.2.2",
        "Line 1: “apiVersion” is “v2.2.2”; it must be one of: v3.1.0, v3.0.2, v3.0.1, v3.0.0.",
    ),
    # The dataset.
    (
        "slaProperties:",
        "- name: second\nslaProperties:",
        "Line 5: “schema” has 2 tables; a contract is about one.",
    ),
    ("- name: tolls", "- nom: tolls", "Line 5: “schema[0].name” is missing."),
    ("- name: tolls", "- name: Tolls", f"Line 5: “schema[0].name” is called “Tolls”; {A_NAME}"),
    ("- name: tolls", "- name: received", f"Line 5: “schema[0].name” is called “received”, {WORD}"),
    (
        "value: company}",
        "value: road}",
        "Line 7: “schema[0].customProperties.subject” is “road”; it must be one of: company, person, company_person.",
    ),
    (
        "value: company}",
        "value: person}",
        "Line 5: “schema[0].name” is about a person, so 0 of its columns has the role credit_code, not 1.",
    ),
    (
        "value: company}",
        "value: company_person}",
        "Line 5: “schema[0].name” is about a company_person, so 1 of its columns has the role id_number, not 0.",
    ),
    (
        "value: Tolls}",
        "value: ''}",
        "Line 5: “schema[0].name” needs a name of 1 to 60 characters in Chinese (zh) and in English (en).",
    ),
    (
        "{property: en, value: Tolls}",
        "{property: zh, value: Tolls}",
        "Line 10: “schema[0].customProperties[3].property” names “zh” a second time.",
    ),
    (
        "{property: en, value: Tolls}",
        "{property: en}",
        "Line 10: “schema[0].customProperties[3].value” is missing.",
    ),
    (
        "value: Tolls}",
        "value: Tolls}\n  - {property: item, value: tolls}",
        "Line 5: “schema[0].name” needs an item of small letters that is not the name of the dataset itself.",
    ),
    (
        "value: Tolls}",
        "value: Tolls}\n  - {property: absence, value: nothing}",
        "Line 11: “schema[0].customProperties.absence” is “nothing”; it must be one of: unknown, none.",
    ),
    (
        "value: Tolls}",
        "value: Tolls}\n  - {property: level, value: street}",
        "Line 11: “schema[0].customProperties.level” is “street”; it must be one of: city, district.",
    ),
    # The key.
    (
        MONTH_REQUIRED,
        "    logicalTypeOptions: {format: yyyy-MM}\n",
        "Line 5: “schema[0].name” has “month” in its key, which may be missing; a column of the key is required.",
    ),
    (
        MONTH_REQUIRED,
        "    logicalTypeOptions: {format: yyyy-MM}\n    required: maybe\n",
        "Line 21: “schema[0].properties[1].required” is neither true nor false.",
    ),
    (
        "    logicalTypeOptions: {format: credit-code}\n    required: true\n    primaryKey: true\n",
        "    logicalTypeOptions: {format: credit-code}\n    required: true\n",
        "Line 5: “schema[0].name” needs a primaryKey that begins with the column of the role credit_code.",
    ),
    # The columns.
    ("- name: fee", "- name: road", "Line 5: “schema[0].name” has the column “road” twice."),
    ("- name: fee", "- name: fee paid", f"Line 24: “schema[0].properties[2].name” is called “fee paid”; {A_NAME}"),
    (
        "- name: fee",
        f"- name: {'f' * 41}",
        f"Line 24: “schema[0].properties[2].name” is called “{'f' * 41}”; {A_NAME}",
    ),
    ("- name: fee", "- name: company_id", f"Line 24: “schema[0].properties[2].name” is called “company_id”, {WORD}"),
    ("- name: fee", "- name: satisfies", f"Line 24: “schema[0].properties[2].name” is called “satisfies”, {WORD}"),
    (
        "value: Fee}",
        "value: Fee}, {property: formerly, value: Fee}",
        f"Line 24: “schema[0].properties[2].name” is called “Fee”; {A_NAME}",
    ),
    (
        "logicalType: number\n    logicalTypeOptions",
        "logicalType: money\n    logicalTypeOptions",
        "Line 25: “schema[0].properties[2].logicalType” is “money”;"
        " it must be one of: string, integer, number, boolean, date.",
    ),
    (
        "format: yyyy-MM",
        "format: MM/yyyy",
        "Line 20: “schema[0].properties[1].logicalTypeOptions.format” is “MM/yyyy”;"
        " it must be one of: yyyy-MM-dd, yyyy-MM, yyyy'Q'q, yyyy.",
    ),
    (
        "maximum: 9000",
        "maximum: -1",
        "Line 24: “schema[0].properties[2].name” has a minimum above its maximum.",
    ),
    (
        "maximum: 9000",
        "maximum: many",
        "Line 26: “schema[0].properties[2].logicalTypeOptions.maximum” is no number.",
    ),
    (
        "maximum: 9000",
        "maximum: .nan",
        "Line 26: “schema[0].properties[2].logicalTypeOptions.maximum” is no number.",
    ),
    (
        "maxLength: 20",
        "maxLength: 20, minimum: 1",
        "Line 28: “schema[0].properties[3].name” has a minimum or a maximum; only numbers and years can have one.",
    ),
    (
        "maxLength: 20",
        "maxLength: 201",
        "Line 28: “schema[0].properties[3].name” needs a maxLength from 1 to 200.",
    ),
    ("{maxLength: 20}", "{}", "Line 28: “schema[0].properties[3].name” needs a maxLength from 1 to 200."),
    (
        "maxLength: 20",
        "maxLength: 2.5",
        "Line 30: “schema[0].properties[3].logicalTypeOptions.maxLength” is no whole number.",
    ),
    (
        "maxLength: 20",
        "maxLength: 1e9999999",
        "Line 30: “schema[0].properties[3].logicalTypeOptions.maxLength” is no number.",
    ),
    (
        "    physicalType: numeric(5, 2)\n",
        "",
        "Line 32: “schema[0].properties[4].physicalType” should tell the digits of the number, as “numeric(9, 2)”.",
    ),
    (
        "numeric(5, 2)",
        "numeric(30, 9)",
        "Line 32: “schema[0].properties[4].name” needs its digits, as in “numeric(9, 2)”:"
        " at most 8 behind the point and 20 before it.",
    ),
    (
        "value: Road}",
        "value: Road}, {property: unit, value: kilometres a day}",
        "Line 28: “schema[0].properties[3].name” has a unit of more than 10 characters.",
    ),
    # What a column is to the row.
    (
        "value: Fee}",
        "value: Fee}, {property: role, value: period}",
        "Line 24: “schema[0].properties[2].name” has the role period;"
        " only a day, a month, a quarter or a year can be one.",
    ),
    (
        "value: Road}",
        "value: Road}, {property: role, value: credit_code}",
        "Line 28: “schema[0].properties[3].name” has the role credit_code, which fits no text.",
    ),
    (
        "value: Road}",
        "value: Road}, {property: role, value: person_name}",
        "Line 28: “schema[0].properties[3].name” has the role person_name; the column of that role is called name.",
    ),
    (
        "{maxLength: 20}",
        "{format: id-number}",
        "Line 28: “schema[0].properties[3].name” is an ID number without “sealed”, or sealed and no ID number.",
    ),
    (
        "value: Road}",
        "value: Road}, {property: sealed, value: true}",
        "Line 28: “schema[0].properties[3].name” is an ID number without “sealed”, or sealed and no ID number.",
    ),
    (
        "{maxLength: 20}\n    customProperties: [",
        "{format: id-number}\n    customProperties: [{property: sealed, value: true}, ",
        "Line 28: “schema[0].properties[3].name” is an ID number without a role;"
        " a rule reads facts about persons, never their numbers.",
    ),
    # Codes.
    ("code: slow", "code: fast", "Line 36: “schema[0].properties[5].name” lists the value “fast” twice."),
    (
        "code: slow",
        "code: slow lane",
        "Line 44: “schema[0].properties[5].customProperties.values[1].code” has the code “slow lane”;"
        " a code has up to 40 letters, digits, dots, dashes and underscores.",
    ),
    (
        VALUES,
        "      value: fast\n",
        "Line 42: “schema[0].properties[5].customProperties.values” is no list; begin each of its lines with “- ”.",
    ),
    (
        "value: Fee}",
        "value: Fee}, {property: values, value: [{code: a, zh: 甲, en: A}]}",
        "Line 24: “schema[0].properties[2].name” is one of some codes and has no list of them,"
        " or has such a list and is none.",
    ),
    # What the database works out.
    (
        "month_of_year(month)",
        "quarter(month)",
        "Line 47: “schema[0].properties[6].transformLogic” is neither “year(…)” nor “month_of_year(…)”"
        " of a column of months.",
    ),
    (
        "month_of_year(month)",
        "month_of_year(fee)",
        "Line 5: “schema[0].name” has “month_of_year”, which can be worked out only from a column of months,"
        " as a whole number.",
    ),
    # What was agreed.
    ("value: 62", "value: 0", "Line 50: “slaProperties[0].value” should be a time of 1 day to 10 years."),
    ("value: 62", "value: soon", "Line 50: “slaProperties[0].value” is no number."),
    (
        "unit: d}",
        "unit: fortnights}",
        "Line 50: “slaProperties[0].unit” is “fortnights”;"
        " it must be one of: d, day, days, m, month, months, y, yr, years.",
    ),
    (
        "slaProperties:",
        CHECK % ("custom", 120),
        "Line 50: “schema[0].quality[0].mustBeLessOrEqualTo” should be a share of 0 to 100 per cent.",
    ),
    (
        "slaProperties:",
        CHECK % ("sql", 12),
        "Line 50: “schema[0].quality[0].type” is “sql”; it must be one of: custom.",
    ),
]


def refusal(text: str) -> str:
    with pytest.raises(WrongContract) as refused:
        read_contract(text)
    return str(refused.value)


@pytest.mark.parametrize(("old", "new", "sentence"), TABLE)
def test_one_wrong_part_is_refused_with_its_line(old: str, new: str, sentence: str) -> None:
    assert refusal(with_change(old, new)) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is empty; it should hold a data contract."),
        ("# nothing\n", "The file is empty; it should hold a data contract."),
        ("- tolls\n", "Line 1: “–” is no mapping of names to values."),
        ("tolls", "Line 1: “–” is no mapping of names to values."),
        ("kind: \x00", "The file is no YAML; a contract is a text file of names and values."),
        (
            f"kind: {'x' * MOST_CHARACTERS}",
            f"The file has more than {MOST_CHARACTERS} characters; a contract is shorter.",
        ),
    ],
)
def test_what_is_no_contract_at_all_is_refused(text: str, sentence: str) -> None:
    assert refusal(text) == sentence


def test_a_dataset_has_no_more_columns_than_a_page_shows() -> None:
    words = "customProperties: [{property: zh, value: 列}, {property: en, value: Column}]"
    more = "".join(f"  - {{name: c{number}, logicalType: integer, {words}}}\n" for number in range(500))
    assert refusal(with_change("slaProperties:", f"{more}slaProperties:")) == (
        f"Line 5: “schema[0].name” needs 1 to {MOST_PROPERTIES} columns."
    )


def test_a_column_has_no_more_codes_than_a_person_chooses_from() -> None:
    more = "".join(f"      - {{code: c{number}, zh: 值, en: Value}}\n" for number in range(MOST_CODES - 1))
    assert refusal(with_change(VALUES, VALUES + more)) == (
        f"Line 36: “schema[0].properties[5].name” has more than {MOST_CODES} values; make it a text."
    )
