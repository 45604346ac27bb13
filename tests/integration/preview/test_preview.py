"""A preview says what matching would write, which clause excludes the other firms, and by how much."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation
from psycopg.sql import SQL
from stdnum.cn import uscc

from companies.models import Company, Delivery
from policies.explain.company import explain_company
from policies.models import Entitlement
from policies.preview import exact as whole_city
from policies.preview.exact import TooSlow, estimate, preview
from policies.preview.figures import Preview, Segment
from policies.preview.rows import fetch_rows
from policies.preview.serialise import as_json, from_json
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.dataset_models import Compound, CreditRecord, TaxYear, UtilityBill
from tests.factories.deliveries import make_all_deliveries, make_employment, make_row
from tests.factories.people import make_employee
from tests.factories.policies import make_draft, make_published, match_all

pytestmark = pytest.mark.django_db

REVENUE = "tax[year = 2024].revenue"


def with_revenue(amount: int | None, **columns: object) -> None:
    company = make_company(**columns)
    make_row(TaxYear, company, year=2024, revenue=amount)


def seen_of(*clauses: str, **fields: object) -> Preview:
    return preview(version=make_draft(*clauses, **fields), now=NOW)


def test_it_counts_a_draft_over_the_city_and_stores_nothing() -> None:
    make_all_deliveries(but=["credit"])
    for size in ("small", "small", "large", None):
        make_company(size=size)
    seen = seen_of('company.size = "small"', amount="company.founded_on.year / 10")
    assert (seen.rows, seen.count, seen.firm_count, seen.total_cny) == (4, 2, 2, Decimal("403.00"))
    assert (seen.ineligible, seen.unknown, seen.is_exact) == (1, 1, True)
    assert [(unknown.dataset, unknown.count, unknown.is_stale) for unknown in seen.unknown_for] == [
        ("registration", 1, False)
    ]
    assert (seen.firm_margin, seen.total_margin_cny) == (0, 0)
    assert not Entitlement.objects.exists()


def test_the_rows_of_a_stale_dataset_are_unknown() -> None:
    make_all_deliveries()
    make_employment(make_company(), make_employee())
    asked_for = {"amount": "500", "subject": "employee"}
    assert seen_of('company.standing = "active"', **asked_for).count == 1
    Delivery.objects.filter(dataset="employees").update(as_of_on=date(2020, 1, 1))
    seen = seen_of('company.standing = "active"', **asked_for)
    assert (seen.count, seen.unknown) == (0, 1)
    assert [(unknown.dataset, unknown.count, unknown.is_stale) for unknown in seen.unknown_for] == [
        ("employees", 1, True)
    ]


def test_it_names_what_is_stale_and_not_what_is_compared_with_it() -> None:
    make_all_deliveries(but=["credit"])
    with_revenue(1_000)
    rule = "count(tax[revenue > count(credit)]) >= 1"
    seen = seen_of(rule)
    assert [(unknown.dataset, unknown.is_stale) for unknown in seen.unknown_for] == [("credit", True)]
    told = explain_company(company=Company.objects.get(), version=make_published(rule), now=NOW)
    assert [missing.dataset.en for missing in told.missing] == ["Credit records"]


def test_it_names_stale_datasets() -> None:
    make_all_deliveries(but=["credit"])
    known_firm = make_company()
    make_company()
    seen = seen_of("count(credit) = 0", 'company.standing = "active"')
    assert (seen.count, seen.unknown) == (0, 2)
    assert [(unknown.dataset, unknown.is_stale) for unknown in seen.unknown_for] == [("credit", True)]
    make_row(CreditRecord, known_firm, kind="zombie", listed_on=TODAY)
    seen = seen_of("count(credit) = 0")
    assert (seen.count, seen.ineligible, seen.unknown) == (1, 1, 0)


def test_the_funnel_says_which_clause_removes_how_many() -> None:
    make_all_deliveries()
    for revenue, size in ((500, "small"), (90, "small"), (60, "small"), (None, "small"), (500, "large"), (10, "large")):
        with_revenue(revenue, size=size)
    seen = seen_of('company.size = "small"', f"{REVENUE} >= 100", amount=f"{REVENUE} - 100")
    size, revenue, amount = seen.steps
    assert (size.number, size.failed, size.unknown, size.left, size.fails_alone) == (1, 2, 0, 4, 2)
    assert (revenue.failed, revenue.unknown, revenue.left) == (2, 1, 1)
    assert (revenue.fails_alone, revenue.unknown_alone) == (3, 1)
    assert (amount.number, amount.failed, amount.unknown, amount.left) == (None, 0, 0, 1)
    # The large, rich firm fails the size alone; the firms with 90 and 60 fail the revenue alone, by 10 and by 40.
    assert (size.nearly, size.distance) == (1, None)
    assert (revenue.nearly, revenue.distance) == (2, Decimal(10))


def test_nothing_to_pay_is_the_last_step_of_the_funnel() -> None:
    make_all_deliveries()
    for revenue in (100, 150, None):
        with_revenue(revenue)
    last = seen_of('company.size = "small"', amount=f"{REVENUE} - 100").steps[-1]
    assert (last.number, last.failed, last.unknown, last.left) == (None, 1, 1, 1)


def test_it_cuts_the_city_by_district_industry_and_size() -> None:
    make_all_deliveries()
    make_company(district="330106", industry_code="C2661", size="small")
    make_company(district="330106", industry_code="I6513", size="small")
    make_company(district="330108", industry_code="C3011", size="large")
    seen = seen_of("true", amount='if company.size = "large" then 500 else 100')
    assert seen.parts.district == (Segment("330108", 1, 1, Decimal(500)), Segment("330106", 2, 2, Decimal(200)))
    assert [(part.key, part.count) for part in seen.parts.industry] == [("C", 2), ("I", 1)]
    assert [(part.key, part.total_cny) for part in seen.parts.size] == [("large", 500), ("small", 200)]
    assert seen.spread
    assert (seen.spread.least_cny, seen.spread.middle_cny, seen.spread.largest_cny) == (100, 100, 500)


def test_a_shared_subject_counts_once_and_for_the_firm_that_matching_would_choose() -> None:
    make_all_deliveries()
    for name in ("甲", "乙"):
        make_row(Compound, make_company(name), code="XQ1", managed_m2=100, joined_epidemic_control=True)
    seen = seen_of("compound.joined_epidemic_control", subject="compound", amount="compound.managed_m2")
    assert (seen.count, seen.firm_count, seen.total_cny) == (1, 1, Decimal(100))
    assert (seen.rows, seen.counted_elsewhere) == (2, 1)


def test_samples_show_every_clause_and_fact_and_mask_people() -> None:
    make_all_deliveries()
    company = make_company("杭州样本有限公司")
    make_employment(company, make_employee("王小明"), insured_months=12)
    make_employment(company, make_employee("李雷"), insured_months=3)
    seen = seen_of("employee.insured_months >= 6", subject="employee")
    by_verdict = {sample.verdict: sample for sample in seen.samples}
    assert (by_verdict[True].firm, by_verdict[True].clauses) == ("杭州样本有限公司", (True,))
    assert by_verdict[True].facts == {"employee.insured_months": 12}
    assert (by_verdict[False].clauses, by_verdict[False].nearly) == ((False,), True)
    assert by_verdict[False].person.startswith("李* 3***")
    assert "李雷" not in str(as_json(seen))


CASES = [
    ((f"{REVENUE} >= 100", 'company.standing = "active"'), {"amount": f"{REVENUE} * 0.5", "cap_cny": Decimal(200)}),
    (('company.size = "small"',), {"minimum_cny": Decimal(60), "amount": f"{REVENUE} * 0.5"}),
    (("employee.insured_months >= 6",), {"subject": "employee", "payee": "employee"}),
    (("employee.insured_months >= 6",), {"subject": "couple", "payee": "employee"}),
    (("compound.joined_epidemic_control",), {"subject": "compound", "amount": "compound.managed_m2"}),
]


@pytest.mark.parametrize(("clauses", "fields"), CASES)
def test_it_is_what_matching_then_writes(clauses: tuple[str, ...], fields: dict[str, object]) -> None:
    make_all_deliveries()
    wife = make_employee("韩梅梅")
    for place in range(8):
        company = make_company(size=("small", "large", None)[place % 3], district=("330106", "330108", "")[place % 3])
        make_row(TaxYear, company, year=2024, revenue=(None, 50, 130, 999)[place % 4])
        make_employment(
            company, make_employee("李雷", spouse=wife) if place == 3 else make_employee(), insured_months=place * 2
        )
        make_row(Compound, company, code=f"XQ{place // 2}", managed_m2=100 + place, joined_epidemic_control=place != 4)
    make_employment(company, wife)
    seen = seen_of(*clauses, **fields)
    version = make_published(*clauses, **fields)
    match_all()
    written = Entitlement.objects.filter(version=version)
    assert seen.count == written.count() > 0
    assert seen.total_cny == sum(one.amount_cny for one in written)
    assert seen.firm_count == written.values("company").distinct().count()
    people = written.exclude(employee=None).values("employee").distinct().count()
    assert seen.employee_count == people
    by_district = {part.key: (part.count, part.total_cny) for part in seen.parts.district}
    for code in {one.district for one in written}:
        there = [one.amount_cny for one in written if one.district == code]
        assert by_district[code] == (len(there), sum(there))


def test_a_large_city_is_estimated_from_a_lot_and_says_how_far_off_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    make_all_deliveries()
    for place in range(60):
        make_company(size="small" if place % 2 else "large")
    monkeypatch.setattr(whole_city, "SAMPLE_FIRMS", 30)
    version = make_draft('company.size = "small"', amount="1000")
    seen = estimate(version=version, now=NOW)
    exact = preview(version=version, now=NOW)
    assert not seen.is_exact
    assert (seen.city_firms, exact.looked_at, exact.firm_count) == (60, 60, 30)
    assert 10 < seen.looked_at < 50
    assert seen.firm_margin > 0
    assert seen.total_margin_cny > 0
    assert abs(seen.rows - 60) <= 1
    assert abs(seen.firm_count - exact.firm_count) <= 2 * seen.firm_margin
    assert seen.total_cny == pytest.approx(seen.firm_count * 1000, rel=Decimal("0.05"))
    # The second estimate draws the same firms.
    assert estimate(version=version, now=NOW) == seen


def test_a_small_city_is_decided_whole_at_once() -> None:
    make_all_deliveries()
    make_company()
    version = make_draft("true")
    assert estimate(version=version, now=NOW) == preview(version=version, now=NOW)


def test_pieces_come_to_the_same_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    make_all_deliveries()
    for place in range(7):
        with_revenue(place * 50)
    version = make_draft(f"{REVENUE} >= 100", amount=REVENUE)
    whole = preview(version=version, now=NOW)
    monkeypatch.setattr(whole_city, "SHARD_FIRMS", 3)
    told: list[tuple[int, int]] = []
    pieces = preview(version=version, now=NOW, progressed=lambda done, of: told.append((done, of)))
    assert pieces == whole
    assert told == [(0, 7), (2, 7), (4, 7), (7, 7)]


SUPPLIERS = [stem + uscc.calc_check_digit(stem) for stem in ("91330100XX0000100", "91330100XX0000200")]
BILLS = ("bill.amount >= 20", {"subject": "bill", "amount": "bill.amount"})
HALVES = [
    BILLS,
    (BILLS[0], BILLS[1] | {"payee": "third_party", "payee_feel": "bill.supplier", "track": "automatic"}),
    ("employee.insured_months >= 6", {"subject": "employee"}),
]


@pytest.mark.parametrize(("clause", "fields"), HALVES)
def test_subjects_of_pieces_come_to_the_same_as_the_whole(
    clause: str, fields: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_all_deliveries()
    shared = make_employee()
    for place in range(7):
        company = make_company(district=("330106", "330108")[place % 2])
        make_employment(company, shared if place in (1, 6) else make_employee(), insured_months=place + 4)
        for month in range(1, place + 1):
            supplier = SUPPLIERS[(place + month) % 2]
            bill = {"kind": "water", "month": f"2024-{month:02}", "amount": place * month * 5}
            make_row(UtilityBill, company, is_resident=False, supplier=supplier, **bill)
    version = make_draft(clause, **fields)
    whole = preview(version=version, now=NOW)
    assert whole.count > whole.rows / 2
    assert (whole.unpayable is None) == ("payee" not in fields)
    monkeypatch.setattr(whole_city, "SHARD_FIRMS", 3)
    assert preview(version=version, now=NOW) == whole


def test_nobody_at_all_is_an_answer() -> None:
    make_all_deliveries()
    seen = seen_of("true")
    assert (seen.rows, seen.count, seen.total_cny, seen.spread, seen.samples) == (0, 0, 0, None, ())


def test_what_is_stored_is_what_was_worked_out() -> None:
    make_all_deliveries()
    with_revenue(500)
    with_revenue(None)
    seen = seen_of(f"{REVENUE} >= 100", amount=f"{REVENUE} / 3")
    assert from_json(Preview, as_json(seen)) == seen


def test_rules_that_take_too_long_are_stopped_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    make_all_deliveries()
    make_company()
    monkeypatch.setattr(whole_city, "ESTIMATE_SECONDS", 0.2)
    monkeypatch.setattr(whole_city, "count_strata", lambda *_what, **_how: fetch_rows(SQL("SELECT pg_sleep(2)::text")))
    with translation.override("en"), pytest.raises(TooSlow, match="longer"):
        estimate(version=make_draft("true"), now=NOW)


@pytest.mark.parametrize("columns", [{}, {"size": None, "district": ""}])
def test_five_of_a_verdict_are_shown_however_their_numbers_fall(
    monkeypatch: pytest.MonkeyPatch, columns: dict[str, object]
) -> None:
    make_all_deliveries()
    firms = [make_company(**columns) for _each in range(60)]
    for company in firms:
        # Firms of one verdict all take part in the same one of three lots.
        revenue = {0: 200, 1: 50, 2: None}[company.pk % 3]
        make_row(TaxYear, company, year=2024, revenue=revenue)
    monkeypatch.setattr(whole_city, "SAMPLE_FIRMS", 36)
    version = make_draft(f"{REVENUE} >= 100", 'company.standing = "active"', amount="100")
    for seen in (preview(version=version, now=NOW), estimate(version=version, now=NOW)):
        shown = Counter(sample.verdict for sample in seen.samples)
        assert (shown[True] >= 5, shown[False], shown[None]) == (True, 6, 6)
        assert len({sample.credit_code for sample in seen.samples}) == len(seen.samples)
        assert all(sample.nearly for sample in seen.samples if sample.verdict is False)


def test_a_verdict_with_fewer_than_five_shows_them_all() -> None:
    make_all_deliveries()
    for revenue in (200, 200, 200, 200, 50, 50, 50, None):
        with_revenue(revenue)
    seen = seen_of(f"{REVENUE} >= 100")
    assert Counter(sample.verdict for sample in seen.samples) == {True: 4, False: 3, None: 1}
