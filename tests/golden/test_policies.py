"""The demo policies' golden numbers: from delivered facts to the entitlement, and on the plain engine too."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import pytest

from companies.contracts.facts import catalogue
from companies.datasets.catalogue import Absence
from companies.models import Company, Delivery
from policies.explain.company import explain_company
from policies.explain.types import Verdict
from policies.feel.python.evaluate import evaluate
from policies.models import Entitlement, PolicyVersion
from policies.rules.rules import checked_rules_of
from policies.subjects import known_subjects
from qinqing.demo.policies.loading import load_policies
from qinqing.demo.policies.twenty import POLICIES
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.dataset_models import (
    ROW_MODELS,
    DatasetRow,
    InsuranceMonth,
    Marriage,
    SalesMonth,
    Taxpayer,
    is_about_people,
)
from tests.factories.deliveries import make_all_deliveries, make_row, undeliver
from tests.factories.people import make_officer
from tests.factories.policies import match_all
from tests.golden import cast
from tests.golden.cast import insured_year, resident, stay_and_train

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Golden:
    """
    A firm with its entitlement.

    Without the rows of `missing` the verdict is unknown; with `stale` too old it is unknown as well.
    """

    code: str
    facts: cast.Facts
    amounts: tuple[str, ...]
    missing: str
    stale: str | None


GOLDEN = (
    Golden("P-01", cast.couple, ("500.00",), missing="wages", stale="housing"),
    Golden("P-02", cast.property_firm, ("40000.00",), missing="compounds", stale=None),
    Golden("P-05", cast.seller("retail", 20_000_000, 30_000_000), ("100000.00",), missing="sales", stale="library"),
    Golden("P-05", cast.seller("catering", 2_000_000, 3_000_000), ("50000.00",), missing="sales", stale="library"),
    Golden("P-07", cast.manufacturer, ("300000.00",), missing="output", stale="library"),
    Golden(
        "P-14",
        lambda: insured_year(make_company(), layoff_rate=Decimal("0.12")),
        ("72000.00",),
        missing="insurance_year",
        stale="credit",
    ),
    Golden("P-16", stay_and_train, ("15750.00",), missing="insurance", stale="credit"),
    Golden("P-17", cast.hirer, ("1500.00",), missing="employees", stale="employees"),
    Golden("P-23", cast.titled("first"), ("200000.00",), missing="titles", stale="titles"),
    Golden("P-23", cast.titled("renewal"), ("100000.00",), missing="titles", stale="titles"),
    Golden("P-37", cast.small_payer, ("1500.00",), missing="utilities", stale=None),
    Golden("P-09", cast.newcomer("retail", 4_200_000), ("100000.00",), missing="sales", stale="library"),
    Golden("P-09", cast.newcomer("catering", 4_100_000), ("80000.00",), missing="sales", stale="library"),
    Golden("P-11", cast.dealer("250000"), ("6000.00",), missing="car_sales", stale="person_credit"),
    Golden("P-19", cast.trainer, ("500.00",), missing="trainings", stale="trainings"),
    Golden("P-21", cast.hirer_out_of_hardship, ("6000.00",), missing="contributions", stale="hardship_hires"),
    Golden("P-24", cast.entrant, ("100000.00",), missing="library", stale="library"),
    Golden("P-27", lambda: cast.researcher(3_000_000), ("3000000.00",), missing="research", stale="library"),
    Golden(
        "P-28",
        lambda: cast.borrower(("A", 60_000_000, dt.date(2026, 2, 10), dt.date(2028, 2, 10))),
        ("1500000.00",),
        missing="loans",
        stale="lists",
    ),
    Golden("P-33", lambda: cast.tenant(30_000), ("18000.00",), missing="rents", stale="library"),
    Golden("P-35", lambda: cast.keeper(100, 99, 96, 95, 94), ("48000.00",), missing="insurance", stale="lists"),
    Golden("P-36", cast.payer_of_bills, ("123.45",), missing="utilities", stale=None),
    Golden("P-40", cast.giant, ("750000.00",), missing="titles", stale="titles"),
)
EACH = pytest.mark.parametrize("golden", GOLDEN, ids=[f"{golden.code}-{golden.amounts[0]}" for golden in GOLDEN])
OLD = dt.date(2010, 1, 1)


def version_of(code: str) -> PolicyVersion:
    wanted = [demo for demo in POLICIES if demo.code == code]
    load_policies(actor=make_officer("writer"), publisher=make_officer(), today=TODAY, now=NOW, wanted=wanted)
    return PolicyVersion.objects.get(policy__code=code)


def amounts(code: str) -> tuple[str, ...]:
    rows = Entitlement.objects.filter(policy__code=code).order_by("pk")
    return tuple(str(row.amount_cny) for row in rows)


@EACH
def test_delivered_facts_become_the_golden_amount(golden: Golden) -> None:
    make_all_deliveries()
    company = golden.facts()
    version = version_of(golden.code)
    match_all()
    assert amounts(golden.code) == golden.amounts
    assert explain_company(company=company, version=version, now=NOW).verdict == Verdict.ELIGIBLE


@EACH
def test_the_plain_engine_gives_the_same_amount(golden: Golden) -> None:
    make_all_deliveries()
    company = golden.facts()
    version = version_of(golden.code)
    wording, as_of = checked_rules_of(version), version.as_of_on
    answers = [
        evaluate(wording.amount, facts=facts, as_of=as_of)
        for facts in facts_of(company, wording.subject)
        if all(evaluate(clause, facts=facts, as_of=as_of) is True for clause in wording.clauses)
    ]
    # The engine decides rows; matching sees to it that a couple is paid once.
    assert {Decimal(str(answer)) for answer in answers} == {Decimal(amount) for amount in golden.amounts}


@EACH
def test_missing_rows_entitle_nobody_and_are_unknown(golden: Golden) -> None:
    make_all_deliveries()
    company = golden.facts()
    forget(ROW_MODELS[golden.missing])
    version = version_of(golden.code)
    match_all()
    assert amounts(golden.code) == ()
    told = explain_company(company=company, version=version, now=NOW)
    # A complete register answers no where it has no row.
    is_complete = ROW_MODELS[golden.missing].dataset.absence is Absence.NONE
    assert told.verdict == (Verdict.INELIGIBLE if is_complete else Verdict.UNKNOWN)


@EACH
def test_a_stale_dataset_entitles_nobody_and_is_unknown(golden: Golden) -> None:
    if golden.stale is None:
        # The policy reads only history, which never goes stale.
        ages = [
            ROW_MODELS[name].dataset.freshness_days for name in version_of(golden.code).datasets if name in ROW_MODELS
        ]
        assert set(ages) == {None}
        return
    make_all_deliveries(but=[golden.stale])
    company = golden.facts()
    Delivery.objects.filter(dataset=golden.stale).update(as_of_on=OLD)
    version = version_of(golden.code)
    match_all()
    assert amounts(golden.code) == ()
    told = explain_company(company=company, version=version, now=NOW)
    assert told.verdict == Verdict.UNKNOWN
    assert len([missing for missing in told.missing if missing.is_stale]) == 1


def forget(model: type[DatasetRow]) -> None:
    if model is not SalesMonth:
        undeliver(model.objects.all())
        return
    # The month itself is delivered; the compared month and the year's end are unknown.
    undeliver(SalesMonth.objects.exclude(month="2022-02"))


def facts_of(company: Company, subject: str) -> list[dict[str, object]]:
    """The delivered rows in the form of the plain engine: one mapping for each row that the policy decides."""
    item = known_subjects()[subject].item
    known_groups = catalogue(item=item).groups
    district = company.districts.get().district_id
    base: dict[str, object] = {
        "company": {
            name: district if name == "district" else getattr(company, fact.column)
            for name, fact in known_groups["company"].facts.items()
        }
    }
    # Nobody here was paid before or broke a commitment.
    base |= {"received": [], "blacklist": []}
    for name, model in ROW_MODELS.items():
        if not is_about_people(model):
            base |= {name: grouped(known_groups[name], list(model.objects.filter(company=company)))}
    if not item:
        return [base]
    rows = list(
        next(model for model in ROW_MODELS.values() if model.dataset.item == item).objects.filter(company=company)
    )
    return [base | {item: record(known_groups[item], row)} | personal(known_groups, row) for row in rows]


def personal(groups: dict, row: DatasetRow) -> dict[str, object]:
    employee = getattr(row, "employee", None)
    found: dict[str, object] = {}
    for model in ROW_MODELS.values():
        if employee is None or not is_about_people(model):
            continue
        for prefix, one in (("", employee), ("spouse_", employee.spouse)):
            group = groups[prefix + model.dataset.name]
            found[group.name] = grouped(group, list(model.objects.filter(employee=one)) if one else [])
    return found


def grouped(group, rows: list[DatasetRow]) -> object:
    if not group.is_list:
        return record(group, rows[0]) if rows else None
    if not rows and group.absence is Absence.UNKNOWN:
        return None
    return [record(group, row) for row in rows]


def record(group, row: DatasetRow) -> dict[str, object]:
    return {name: getattr(row, fact.column) for name, fact in group.facts.items()}


def test_p_14_at_31_staff_the_same_layoffs_are_too_many() -> None:
    make_all_deliveries()
    company = insured_year(make_company(), layoff_rate=Decimal("0.12"), insured=31)
    version = version_of("P-14")
    match_all()
    assert amounts("P-14") == ()
    assert explain_company(company=company, version=version, now=NOW).verdict == Verdict.INELIGIBLE


def test_p_14_a_large_firm_gets_back_less() -> None:
    make_all_deliveries()
    insured_year(make_company(size="large"), layoff_rate=Decimal("0.05"), insured=500)
    version_of("P-14")
    match_all()
    assert amounts("P-14") == ("36000.00",)


def test_p_16_a_new_firm_is_averaged_since_its_founding() -> None:
    make_all_deliveries()
    company = make_company(industry_code="H6210", founded_on=dt.date(2022, 3, 15))
    for month, insured in (("2022-03", 3), ("2022-04", 4)):
        make_row(InsuranceMonth, company, month=month, insured=insured)
    version_of("P-16")
    match_all()
    assert amounts("P-16") == ("1750.00",)


def test_p_16_a_month_that_nobody_delivered_is_unknown_not_less() -> None:
    make_all_deliveries()
    company = stay_and_train()
    undeliver(InsuranceMonth.objects.filter(month="2022-03"))
    version = version_of("P-16")
    match_all()
    assert amounts("P-16") == ()
    assert explain_company(company=company, version=version, now=NOW).verdict == Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("wage", "district", "is_entitled"),
    [
        ({"total": 71_999}, "330106", True),
        ({"total": 72_000}, "330106", False),
        # Five months at 6,000 are 72,000 a year.
        ({"total": 30_000, "months": 5}, "330106", False),
        ({"total": 29_990, "months": 5}, "330106", True),
        ({"total": 60_000}, "330127", False),
        ({"total": 56_999}, "330127", True),
    ],
)
def test_p_01_the_wage_is_annualised_and_the_limit_follows_the_district(
    wage: dict[str, object], district: str, is_entitled: bool
) -> None:
    make_all_deliveries()
    company = make_company(district=district)
    make_row(Taxpayer, company, district=district, is_normal=True)
    resident(company, **wage)
    version_of("P-01")
    match_all()
    assert bool(amounts("P-01")) is is_entitled


def test_p_01_a_spouse_nobody_knows_is_unknown() -> None:
    make_all_deliveries()
    company = make_company()
    make_row(Taxpayer, company, district="330106", is_normal=True)
    resident(company)
    Marriage.objects.update(is_married=True)
    version = version_of("P-01")
    match_all()
    assert amounts("P-01") == ()
    assert explain_company(company=company, version=version, now=NOW).verdict == Verdict.UNKNOWN


def test_p_01_pays_the_person_and_once_for_two_employed_spouses() -> None:
    make_all_deliveries()
    cast.couple()
    version = version_of("P-01")
    match_all()
    entitlement = Entitlement.objects.get(policy__code="P-01")
    assert entitlement.subject_key.startswith("couple:")
    assert entitlement.employee is not None
    assert (version.payee, version_of("P-17").payee) == ("employee", "company")


def test_loading_twice_adds_nothing() -> None:
    first = load_policies(
        actor=make_officer("writer"), publisher=make_officer(), today=TODAY, now=NOW, grant_share=Decimal("0.01")
    )
    assert [version.policy.code for version in first] == [demo.code for demo in POLICIES]
    assert first[0].granted_cny == Decimal(3_200_000)
    assert load_policies(actor=make_officer("writer"), publisher=make_officer(), today=TODAY, now=NOW) == []
