"""Matching decides by set who is entitled, who is not and who is unknown, and follows deliveries."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from companies.models import TouchedCompany
from policies.authoring.publish import close_version, match_version_again
from policies.deadlines.lapse import lapse_entitlements
from policies.matching import run as matching
from policies.matching.give_back import reopen_entitlements
from policies.models import Entitlement, EntitlementStatus, MatchedDelivery, MatchRun
from qinqing.kernel.database.statements import fetch_rows
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.dataset_models import CreditRecord, TaxYear
from tests.factories.deliveries import make_all_deliveries, make_delivery, make_row
from tests.factories.people import make_officer
from tests.factories.policies import entitlements_of, make_published, make_submitted, match_all, publish_version

pytestmark = pytest.mark.django_db

REVENUE = "tax[year = 2024].revenue"
OPEN, CLAIMED, WITHDRAWN, LAPSED = (
    EntitlementStatus.OPEN,
    EntitlementStatus.CLAIMED,
    EntitlementStatus.WITHDRAWN,
    EntitlementStatus.LAPSED,
)


def revenue(company, amount):
    return make_row(TaxYear, company, year=2024, revenue=amount)


def key(company):
    return f"company:{company.pk}"


def test_those_whose_conditions_all_hold_are_entitled() -> None:
    make_all_deliveries()
    rich, poor, _unknown = make_company(), make_company(), make_company()
    revenue(rich, 5_000_000)
    revenue(poor, 100)
    version = make_published('company.standing = "active"', f"{REVENUE} >= 1000000", amount=f"{REVENUE} * 0.001")

    assert match_all() == 1

    assert entitlements_of(version) == {key(rich): (Decimal("5000.00"), OPEN)}
    run = MatchRun.objects.get(version=version)
    assert (run.finished_at, run.entitlement_count, run.refusal) == (NOW, 1, "")


def test_a_decision_keeps_its_evidence() -> None:
    make_all_deliveries(as_of_on=dt.date(2026, 2, 1))
    company = make_company(district="330108")
    revenue(company, 5_000_000)
    version = make_published(f"{REVENUE} >= 1000000", 'company.industry in ("I6513", "C26")')
    match_all()

    entitlement = Entitlement.objects.get()
    assert entitlement.evidence == {
        "facts": {"tax[year = 2024].revenue": 5_000_000.0, "company.industry": "I6513"},
        "sources": {
            "tax": {"department": "tax", "as_of": "2026-02-01"},
            "registration": {"department": "market", "as_of": "2026-02-01"},
        },
    }
    assert entitlement.version_hash == version.content_hash
    assert entitlement.district == "330108"
    assert (entitlement.as_of_on, entitlement.decided_at) == (TODAY, NOW)


def test_the_district_is_the_one_in_force_on_the_as_of_date() -> None:
    make_all_deliveries(as_of_on=dt.date(2014, 1, 1))
    make_company(district="330103")
    before = make_published('company.district = "330103"', as_of_on=dt.date(2015, 5, 31))
    after = make_published('company.district = "330103"', as_of_on=dt.date(2015, 6, 1))
    match_all()
    assert (len(entitlements_of(before)), len(entitlements_of(after))) == (0, 1)


@pytest.mark.parametrize(
    ("amount", "limits", "entitled"),
    [
        ("33.335", {}, "33.34"),
        ("33.334999", {}, "33.33"),
        ("0.004", {}, None),
        ("-5", {}, None),
        ("99.995", {"minimum_cny": Decimal(100)}, "100.00"),
        ("99.99", {"minimum_cny": Decimal(100)}, None),
        ("5000", {"cap_cny": Decimal(1200)}, "1200.00"),
        ("10 ** 20", {"cap_cny": Decimal(1200)}, "1200.00"),
        ("10 ** 20", {}, None),
        ("tax[year = 1999].revenue", {}, None),
        ("tax[year = 1999].revenue", {"cap_cny": Decimal(1200)}, None),
    ],
)
def test_the_amount_is_rounded_then_held_against_its_limits(amount, limits, entitled) -> None:
    make_all_deliveries()
    company = make_company()
    version = make_published("true", amount=amount, **limits)
    match_all()
    assert entitlements_of(version) == ({key(company): (Decimal(entitled), OPEN)} if entitled else {})


def test_a_stale_dataset_entitles_nobody_until_it_arrives() -> None:
    make_all_deliveries(but=["credit"])
    company = make_company()
    version = make_published("count(credit) = 0")
    assert match_all() == 0

    # The delivery touches nobody, but now it is known that the list names nobody.
    make_delivery("credit")
    assert match_all() == 1
    assert entitlements_of(version) == {key(company): (Decimal(100), OPEN)}

    later = NOW + dt.timedelta(days=60)
    assert match_all(now=later) == 1
    assert entitlements_of(version) == {key(company): (Decimal(100), WITHDRAWN)}


def test_a_delivery_decides_anew_only_the_firms_and_policies_it_touches() -> None:
    make_all_deliveries()
    one, other = make_company(), make_company()
    rows = [revenue(company, 100) for company in (one, other)]
    by_revenue = make_published(f"{REVENUE} >= 1000000")
    by_credit = make_published("count(credit) = 0")
    match_all()
    assert set(entitlements_of(by_credit)) == {key(one), key(other)}

    for row in rows:
        row.revenue = 2_000_000
        row.save()
    make_row(CreditRecord, one, kind="zombie", listed_on=TODAY)
    delivery = make_delivery("tax", touching=[one])
    assert match_all() == 1

    assert entitlements_of(by_revenue) == {key(one): (Decimal(100), OPEN)}
    assert entitlements_of(by_credit)[key(one)][1] == OPEN
    assert MatchedDelivery.objects.get(delivery=delivery).matched_at == NOW
    assert not TouchedCompany.objects.exists()


def test_an_annual_report_decides_what_hangs_on_the_size() -> None:
    make_all_deliveries()
    company = make_company(size="large")
    version = make_published('company.size = "small"')
    match_all()
    company.size = "small"
    company.save()
    make_delivery("annual_report", touching=[company])
    assert match_all() == 1
    assert entitlements_of(version) == {key(company): (Decimal(100), OPEN)}


def test_a_delivery_that_no_policy_mentions_is_done_at_once() -> None:
    make_all_deliveries()
    delivery = make_delivery("loans", touching=[make_company()])
    assert match_all() == 0
    assert MatchedDelivery.objects.filter(delivery=delivery).exists()
    assert not TouchedCompany.objects.exists()


def test_a_large_delivery_is_decided_shard_by_shard() -> None:
    make_all_deliveries()
    firms = [make_company() for _ in range(5)]
    version = make_published("count(credit) = 0")
    match_all()
    for company in firms:
        make_row(CreditRecord, company, kind="zombie", listed_on=TODAY)
    delivery = make_delivery("credit", touching=firms)

    assert matching.match_due(now=NOW, limit_companies=2) == 2
    assert TouchedCompany.objects.count() == 3
    assert not MatchedDelivery.objects.filter(delivery=delivery).exists()
    assert match_all(limit_companies=2) == 3
    assert {status for _amount, status in entitlements_of(version).values()} == {WITHDRAWN}
    assert MatchedDelivery.objects.filter(delivery=delivery).exists()


def test_a_run_goes_on_where_a_worker_left_it() -> None:
    make_all_deliveries()
    firms = [make_company() for _ in range(5)]
    version = make_published("true")
    assert matching.match_due(now=NOW, limit_companies=2) == 2
    run = MatchRun.objects.get(version=version)
    assert [(shard.first_id, shard.last_id) for shard in run.shards.order_by("first_id")] == [
        (firms[2].pk, firms[3].pk),
        (firms[4].pk, firms[4].pk),
    ]
    assert run.finished_at is None
    assert match_all(limit_companies=2) == 3
    run.refresh_from_db()
    assert (run.entitlement_count, run.finished_at) == (5, NOW)


def test_what_is_withdrawn_opens_again_when_the_facts_come_back() -> None:
    make_all_deliveries()
    company = make_company()
    row = revenue(company, 2_000_000)
    version = make_published(f"{REVENUE} >= 1000000", amount=f"{REVENUE} / 1000")
    match_all()

    for amount, status, cny in ((100, WITHDRAWN, 2000), (3_000_000, OPEN, 3000), (None, WITHDRAWN, 3000)):
        row.revenue = amount
        row.save()
        make_delivery("tax", touching=[company])
        assert match_all() == 1
        assert entitlements_of(version) == {key(company): (Decimal(cny), status)}


def test_a_decision_that_stays_the_same_is_not_written_again() -> None:
    make_all_deliveries()
    company = make_company()
    revenue(company, 2_000_000)
    make_published(f"{REVENUE} >= 1000000")
    match_all()
    make_delivery("tax", touching=[company])
    assert match_all(now=NOW + dt.timedelta(hours=1)) == 0
    assert Entitlement.objects.get().decided_at == NOW


def test_a_claimed_entitlement_is_never_rewritten() -> None:
    make_all_deliveries()
    company = make_company()
    row = revenue(company, 2_000_000)
    version = make_published(f"{REVENUE} >= 1000000", amount=f"{REVENUE} / 1000")
    match_all()
    Entitlement.objects.update(status=CLAIMED)
    for amount in (9_000_000, 100):
        row.revenue = amount
        row.save()
        make_delivery("tax", touching=[company])
        assert match_all() == 0
        assert entitlements_of(version) == {key(company): (Decimal(2000), CLAIMED)}


def test_a_new_version_takes_over_what_is_open() -> None:
    make_all_deliveries()
    kept, lost, claimed = make_company(size="small"), make_company(size="large"), make_company(size="small")
    old = make_published("true")
    match_all()
    Entitlement.objects.filter(company=claimed).update(status=CLAIMED)
    new = publish_version(make_submitted('company.size = "small"', policy=old.policy, amount="700"), replaces=old)
    match_all()
    assert entitlements_of(new) == {
        key(kept): (Decimal(700), OPEN),
        key(lost): (Decimal(100), WITHDRAWN),
        key(claimed): (Decimal(100), CLAIMED),
    }
    assert Entitlement.objects.get(company=kept).version == new
    assert Entitlement.objects.get(company=claimed).version == old


def test_a_rule_that_takes_too_long_is_set_aside_and_stops_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    make_all_deliveries()
    company = make_company()
    good, slow = make_published("true"), make_published('company.size = "small"')
    composed = matching.decision_statement

    def slowly(*, versions, **rest):
        if slow in versions:
            fetch_rows("SELECT pg_sleep(5)")
        return composed(versions=versions, **rest)

    monkeypatch.setattr(matching, "decision_statement", slowly)
    # The limit leaves the good version enough time on a slow machine.
    monkeypatch.setattr(matching, "STATEMENT_SECONDS", 1)
    match_all()

    assert entitlements_of(good) == {key(company): (Decimal(100), OPEN)}
    assert entitlements_of(slow) == {}
    stopped = MatchRun.objects.get(version=slow, finished_at=None)
    assert str(slow) in stopped.refusal
    assert "没有哪个条件单独过慢" in stopped.refusal

    # Deliveries do not decide the version either, until an officer asks for another run.
    monkeypatch.setattr(matching, "decision_statement", composed)
    make_delivery("registration", touching=[company])
    match_all()
    assert entitlements_of(slow) == {}
    match_version_again(version=slow, now=NOW)
    match_all()
    assert entitlements_of(slow) == {key(company): (Decimal(100), OPEN)}


def test_a_closed_version_or_window_entitles_nobody_any_more() -> None:
    make_all_deliveries()
    make_company()
    closed, over = make_published("true"), make_published("true", closes_on=TODAY)
    close_version(version=closed, actor=make_officer(), because="no money left", now=NOW)
    assert match_all(now=NOW + dt.timedelta(days=1)) == 0
    assert (entitlements_of(closed), entitlements_of(over)) == ({}, {})


def test_unclaimed_entitlements_lapse_with_their_window_or_their_policy() -> None:
    make_all_deliveries()
    company = make_company()
    over, closed, open_ = make_published("true", closes_on=TODAY), make_published("true"), make_published("true")
    match_all()
    assert lapse_entitlements(now=NOW) == 0
    close_version(version=closed, actor=make_officer(), because="no money left", now=NOW)
    assert lapse_entitlements(now=NOW) == 1
    assert lapse_entitlements(now=NOW + dt.timedelta(days=1)) == 1
    assert [entitlements_of(version)[key(company)][1] for version in (over, closed, open_)] == [LAPSED, LAPSED, OPEN]


def test_what_a_cancelled_payout_gives_back_is_decided_by_the_facts_of_today() -> None:
    make_all_deliveries()
    kept, lost = make_company(), make_company()
    rows = [revenue(company, 2_000_000) for company in (kept, lost)]
    version = make_published(f"{REVENUE} >= 1000000", amount=f"{REVENUE} / 1000")
    match_all()
    Entitlement.objects.update(status=CLAIMED)
    for row, amount in zip(rows, (4_000_000, 100), strict=True):
        row.revenue = amount
        row.save()
    ids = list(Entitlement.objects.values_list("pk", flat=True))
    assert reopen_entitlements(entitlement_ids=ids, now=NOW) == 1
    assert entitlements_of(version) == {key(kept): (Decimal(4000), OPEN), key(lost): (Decimal(2000), WITHDRAWN)}


def test_all_policies_of_a_kind_are_decided_by_one_statement() -> None:
    make_all_deliveries()
    for _ in range(3):
        make_company()
    for _ in range(4):
        make_published("true", 'company.standing = "active"')
    with CaptureQueriesContext(connection) as queries:
        matching.match_due(now=NOW)
    deciding = [query for query in queries if "WITH decided" in query["sql"]]
    assert len(deciding) == 1
    assert len(queries) < 45
    assert Entitlement.objects.count() == 12
