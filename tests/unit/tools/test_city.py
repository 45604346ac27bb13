"""The synthetic city: valid numbers, the same bytes for the same plan, plausible proportions."""

from __future__ import annotations

import csv
import gzip
import hashlib
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from stdnum.iso7064 import mod_11_10

from qinqing.demo.city.city import CityFile, cast_codes, write_city
from qinqing.demo.city.firms import CAST
from qinqing.demo.city.numbers import IdNumbers, bank_number, card_number, credit_code
from qinqing.demo.city.plan import CityPlan, NoSuchCity, usual_employees
from qinqing.kernel.identifiers import is_card_number, is_credit_code, is_id_number

TODAY = date(2026, 11, 23)
PLAN = CityPlan(companies=800, employees=usual_employees(800), seed=7, today=TODAY)
Rows = dict[str, list[dict[str, str]]]


def rows_of(files: list[CityFile]) -> Rows:
    """All rows by the name of the file."""
    found = {}
    for file in files:
        with gzip.open(file.path, "rt", newline="") as text:
            found[file.path.name.removesuffix(".csv.gz")] = list(csv.DictReader(text))
    return found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[CityFile]:
    return write_city(PLAN, folder=tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module")
def rows(files: list[CityFile]) -> Rows:
    return rows_of(files)


def digests(folder: Path, plan: CityPlan) -> dict[str, str]:
    folder.mkdir()
    return {
        file.delivery_id: hashlib.sha256(file.path.read_bytes()).hexdigest() for file in write_city(plan, folder=folder)
    }


def test_a_credit_code_is_the_one_of_the_standard_s_examples() -> None:
    assert credit_code(region="330106", seed=0, serial=3)[8:14] == "XX0000"
    assert is_credit_code(credit_code(region="330106", seed=0, serial=3))


@pytest.mark.parametrize("seed", [0, 1, 886, 887, 12345])
def test_credit_codes_are_valid_under_every_seed(seed: int) -> None:
    codes = {credit_code(region="330102", seed=seed, serial=serial) for serial in (*range(200), 999_999)}
    assert len(codes) == 201
    assert all(is_credit_code(code) for code in codes)


@pytest.mark.parametrize("year", range(1962, 2006))
def test_id_numbers_are_valid_for_every_year_of_birth_and_handed_out_once(year: int) -> None:
    ids = IdNumbers()
    taken = [ids.take(born_on=date(year, 2, 3), luck=step / 60) for step in range(60)]
    assert len(set(taken)) == 60
    assert all(is_id_number(number) for number in taken)


def test_account_numbers_pass_their_checks() -> None:
    assert all(is_card_number(card_number(serial)) for serial in (0, 1, 75_000, 597_000))
    assert mod_11_10.is_valid(bank_number(bank=310, branch=7))


def test_the_same_plan_makes_the_same_bytes(tmp_path: Path) -> None:
    plan = CityPlan(companies=40, employees=150, seed=3, today=TODAY)
    assert digests(tmp_path / "a", plan) == digests(tmp_path / "b", plan)


def test_another_seed_makes_another_city(tmp_path: Path) -> None:
    plans = [CityPlan(companies=40, employees=150, seed=seed, today=TODAY) for seed in (3, 4)]
    first, second = (digests(tmp_path / str(plan.seed), plan) for plan in plans)
    assert not {first["city-3-registration"], first["city-3-employees"]} & set(second.values())


def test_every_firm_and_person_has_a_number_of_its_own_that_is_valid(rows: Rows) -> None:
    codes = [row["credit_code"] for row in rows["registration"]]
    people = {row["id_number"] for row in rows["employees"]}
    assert len(set(codes)) == len(codes) == PLAN.companies
    assert all(is_credit_code(code) for code in codes)
    assert len(people) == PLAN.employees
    assert all(is_id_number(number) for number in people)


def test_rows_name_only_firms_and_people_that_exist(rows: Rows) -> None:
    codes = {row["credit_code"] for row in rows["registration"]}
    people = {row["id_number"] for row in rows["employees"]}
    for name, found in rows.items():
        assert {row["credit_code"] for row in found if "credit_code" in row} <= codes, name
        assert {row["id_number"] for row in found if "id_number" in row} <= people, name


def test_nobody_is_married_twice_and_couples_agree(rows: Rows) -> None:
    spouses = {row["id_number"]: row["spouse_id_number"] for row in rows["marriage"]}
    assert len(spouses) == len(rows["marriage"])
    within = {one: other for one, other in spouses.items() if other in spouses}
    assert len(within) > 100
    assert all(spouses[other] == one for one, other in within.items())
    assert [row for row in rows["marriage"] if (row["is_married"] == "true") != bool(row["spouse_id_number"])] == []


def test_firms_moved_when_the_districts_were_reformed(rows: Rows) -> None:
    before = {row["credit_code"]: row["district"] for row in rows["old_registration"]}
    after = {row["credit_code"]: row["district"] for row in rows["registration"]}
    gone, new = {"330103", "330104"}, {"330113", "330114"}
    assert gone <= set(before.values())
    assert not new & set(before.values())
    assert new <= set(after.values())
    assert not gone & set(after.values())
    assert all(row["district_from"] >= "2021-04-09" for row in rows["registration"])


def test_most_firms_are_micro_and_a_few_are_large(rows: Rows) -> None:
    staffs = sorted(Counter(row["credit_code"] for row in rows["employees"]).values())
    assert staffs[len(staffs) // 2] <= 3
    assert staffs[-1] > 100


def test_some_facts_are_missing_on_purpose(rows: Rows) -> None:
    accounts = {row["credit_code"] for row in rows["company_accounts"]}
    assert 0.003 < 1 - len(accounts) / PLAN.companies < 0.03
    assert 0.005 < 1 - len(rows["housing"]) / PLAN.employees < 0.03
    assert any(row["layoff_rate"] == "" for row in rows["insurance_year"])


def test_the_smallest_city_still_has_the_whole_cast(tmp_path: Path) -> None:
    plan = CityPlan(companies=len(CAST), employees=40, seed=1, today=TODAY)
    rows = rows_of(write_city(plan, folder=tmp_path))
    assert [row["industry"] for row in rows["registration"]] == [part.industry_code for part in CAST]
    assert rows["compounds"]
    assert rows["output"]
    assert rows["sales"]
    assert len(rows["company_accounts"]) == len(CAST) - 1


def test_the_cast_is_the_same_in_a_city_of_any_size() -> None:
    plans = [CityPlan(companies=size, employees=4 * size, seed=1, today=TODAY) for size in (10, 500)]
    assert cast_codes(plans[0]) == cast_codes(plans[1])
    assert len(set(cast_codes(plans[0]))) == len(CAST)


def test_a_city_without_people_is_a_city(tmp_path: Path) -> None:
    rows = rows_of(write_city(CityPlan(companies=3, employees=0, seed=1, today=TODAY), folder=tmp_path))
    assert len(rows["registration"]) == 3
    assert rows["employees"] == rows["wages"] == []


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"companies": 0}, "1 to 1,000,000 companies, not 0"),
        ({"companies": 1_000_001}, "not 1,000,001"),
        ({"employees": -1}, "not negative"),
        ({"seed": -1}, "not negative"),
    ],
)
def test_impossible_cities_are_refused(numbers: dict[str, int], words: str) -> None:
    with pytest.raises(NoSuchCity, match=words):
        CityPlan(**({"companies": 1, "employees": 1, "seed": 1, "today": TODAY} | numbers))


def test_deliveries_are_named_after_the_seed_and_dated_the_campaign_s_day(files: list[CityFile]) -> None:
    assert files[0].delivery_id == "city-7-old_registration"
    assert files[0].as_of_on < date(2021, 4, 9)
    assert {file.as_of_on for file in files[1:]} == {TODAY}
    assert [file.dataset for file in files][:3] == ["registration", "registration", "employees"]
