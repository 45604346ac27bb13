"""Matching decides by set: who is entitled, who is not, who is unknown, and what a delivery changes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from psycopg.sql import SQL, Composed

from companies.datasets.tables.credit import CreditRecord
from companies.datasets.tables.tax import TaxYear
from companies.models import TouchedCompany
from policies.authoring.publish import close_version, match_version_again
from policies.deadlines.lapse import lapse_entitlements
from policies.matching import run as matching
from policies.matching.give_back import reopen_entitlements
from policies.models import Entitlement, EntitlementStatus, MatchedDelivery, MatchRun
from tests.factories.policies import (
    NOW,
    TODAY,
    all_delivered,
    entitlements,
    firm,
    known,
    landed,
    matched,
    officer,
    published,
    signed,
    submitted,
)

pytestmark = pytest.mark.django_db

REVENUE = "tax[year = 2024].revenue"
OPEN, CLAIMED, WITHDRAWN, LAPSED = (
    EntitlementStatus.OPEN,
    EntitlementStatus.CLAIMED,
    EntitlementStatus.WITHDRAWN,
    EntitlementStatus.LAPSED,
)


def revenue(company, amount):
    return known(TaxYear, company, year=2024, revenue_cny=amount)


def key(company):
    return f"company:{company.pk}"


def test_those_whose_conditions_all_hold_are_entitled() -> None:
    all_delivered()
    rich, poor, _unknown = firm(), firm(), firm()
    revenue(rich, 5_000_000)
    revenue(poor, 100)
    version = published('company.standing = "active"', f"{REVENUE} >= 1000000", amount=f"{REVENUE} * 0.001")

    assert matched() == 1

    assert entitlements(version) == {key(rich): (Decimal("5000.00"), OPEN)}
    run = MatchRun.objects.get(version=version)
    assert (run.finished_at, run.entitlement_count, run.refusal) == (NOW, 1, "")


def test_a_decision_keeps_its_evidence() -> None:
    all_delivered(as_of_on=dt.date(2026, 2, 1))
    company = firm(district="330108")
    revenue(company, 5_000_000)
    version = published(f"{REVENUE} >= 1000000", 'company.industry in ("I6513", "C26")')
    matched()

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
    all_delivered(as_of_on=dt.date(2014, 1, 1))
    firm(district="330103")
    before = published('company.district = "330103"', as_of_on=dt.date(2015, 5, 31))
    after = published('company.district = "330103"', as_of_on=dt.date(2015, 6, 1))
    matched()
    assert (len(entitlements(before)), len(entitlements(after))) == (0, 1)


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
    all_delivered()
    company = firm()
    version = published("true", amount=amount, **limits)
    matched()
    assert entitlements(version) == ({key(company): (Decimal(entitled), OPEN)} if entitled else {})


def test_a_stale_dataset_entitles_nobody_until_it_arrives() -> None:
    all_delivered(but=["credit"])
    company = firm()
    version = published("count(credit) = 0")
    assert matched() == 0

    # Nobody was touched by the delivery: that nothing is listed has become known.
    landed("credit")
    assert matched() == 1
    assert entitlements(version) == {key(company): (Decimal(100), OPEN)}

    later = NOW + dt.timedelta(days=60)
    assert matched(now=later) == 1
    assert entitlements(version) == {key(company): (Decimal(100), WITHDRAWN)}


def test_a_delivery_decides_anew_only_the_firms_and_policies_it_touches() -> None:
    all_delivered()
    one, other = firm(), firm()
    rows = [revenue(company, 100) for company in (one, other)]
    by_revenue = published(f"{REVENUE} >= 1000000")
    by_credit = published("count(credit) = 0")
    matched()
    assert set(entitlements(by_credit)) == {key(one), key(other)}

    for row in rows:
        row.revenue_cny = 2_000_000
        row.save()
    known(CreditRecord, one, kind="zombie", listed_on=TODAY)
    delivery = landed("tax", touching=[one])
    assert matched() == 1

    assert entitlements(by_revenue) == {key(one): (Decimal(100), OPEN)}
    assert entitlements(by_credit)[key(one)][1] == OPEN
    assert MatchedDelivery.objects.get(delivery=delivery).matched_at == NOW
    assert not TouchedCompany.objects.exists()


def test_an_annual_report_decides_what_hangs_on_the_size() -> None:
    all_delivered()
    company = firm(size="large")
    version = published('company.size = "small"')
    matched()
    company.size = "small"
    company.save()
    landed("annual_report", touching=[company])
    assert matched() == 1
    assert entitlements(version) == {key(company): (Decimal(100), OPEN)}


def test_a_delivery_that_no_policy_mentions_is_done_at_once() -> None:
    all_delivered()
    delivery = landed("loans", touching=[firm()])
    assert matched() == 0
    assert MatchedDelivery.objects.filter(delivery=delivery).exists()
    assert not TouchedCompany.objects.exists()


def test_a_large_delivery_is_decided_shard_by_shard() -> None:
    all_delivered()
    firms = [firm() for _ in range(5)]
    version = published("count(credit) = 0")
    matched()
    for company in firms:
        known(CreditRecord, company, kind="zombie", listed_on=TODAY)
    delivery = landed("credit", touching=firms)

    assert matching.match_due(now=NOW, limit_companies=2) == 2
    assert TouchedCompany.objects.count() == 3
    assert not MatchedDelivery.objects.filter(delivery=delivery).exists()
    assert matched(limit_companies=2) == 3
    assert {status for _amount, status in entitlements(version).values()} == {WITHDRAWN}
    assert MatchedDelivery.objects.filter(delivery=delivery).exists()


def test_a_run_goes_on_where_a_worker_left_it() -> None:
    all_delivered()
    firms = [firm() for _ in range(5)]
    version = published("true")
    assert matching.match_due(now=NOW, limit_companies=2) == 2
    run = MatchRun.objects.get(version=version)
    assert [(shard.first_id, shard.last_id) for shard in run.shards.order_by("first_id")] == [
        (firms[2].pk, firms[3].pk),
        (firms[4].pk, firms[4].pk),
    ]
    assert run.finished_at is None
    assert matched(limit_companies=2) == 3
    run.refresh_from_db()
    assert (run.entitlement_count, run.finished_at) == (5, NOW)


def test_what_is_withdrawn_opens_again_when_the_facts_come_back() -> None:
    all_delivered()
    company = firm()
    row = revenue(company, 2_000_000)
    version = published(f"{REVENUE} >= 1000000", amount=f"{REVENUE} / 1000")
    matched()

    for amount, status, cny in ((100, WITHDRAWN, 2000), (3_000_000, OPEN, 3000), (None, WITHDRAWN, 3000)):
        row.revenue_cny = amount
        row.save()
        landed("tax", touching=[company])
        assert matched() == 1
        assert entitlements(version) == {key(company): (Decimal(cny), status)}


def test_a_decision_that_stays_the_same_is_not_written_again() -> None:
    all_delivered()
    company = firm()
    revenue(company, 2_000_000)
    published(f"{REVENUE} >= 1000000")
    matched()
    landed("tax", touching=[company])
    assert matched(now=NOW + dt.timedelta(hours=1)) == 0
    assert Entitlement.objects.get().decided_at == NOW


def test_a_claimed_entitlement_is_never_rewritten() -> None:
    all_delivered()
    company = firm()
    row = revenue(company, 2_000_000)
    version = published(f"{REVENUE} >= 1000000", amount=f"{REVENUE} / 1000")
    matched()
    Entitlement.objects.update(status=CLAIMED)
    for amount in (9_000_000, 100):
        row.revenue_cny = amount
        row.save()
        landed("tax", touching=[company])
        assert matched() == 0
        assert entitlements(version) == {key(company): (Decimal(2000), CLAIMED)}


def test_a_new_version_takes_over_what_is_open() -> None:
    all_delivered()
    kept, lost, claimed = firm(size="small"), firm(size="large"), firm(size="small")
    old = published("true")
    matched()
    Entitlement.objects.filter(company=claimed).update(status=CLAIMED)
    new = signed(submitted('company.size = "small"', policy=old.policy, amount="700"), replaces=old)
    matched()
    assert entitlements(new) == {
        key(kept): (Decimal(700), OPEN),
        key(lost): (Decimal(100), WITHDRAWN),
        key(claimed): (Decimal(100), CLAIMED),
    }
    assert Entitlement.objects.get(company=kept).version == new
    assert Entitlement.objects.get(company=claimed).version == old


def test_a_rule_that_takes_too_long_is_set_aside_and_stops_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    all_delivered()
    company = firm()
    good, slow = published("true"), published('company.size = "small"')
    deciding = matching.deciding

    def slowly(*, versions, **rest):
        statement = deciding(versions=versions, **rest)
        return Composed([statement, SQL("; SELECT pg_sleep(5)" if slow in versions else "")])

    monkeypatch.setattr(matching, "deciding", slowly)
    # Enough for the good one on a slow machine.
    monkeypatch.setattr(matching, "STATEMENT_SECONDS", 1)
    matched()

    assert entitlements(good) == {key(company): (Decimal(100), OPEN)}
    assert entitlements(slow) == {}
    stopped = MatchRun.objects.get(version=slow, finished_at=None)
    assert str(slow) in stopped.refusal
    assert "没有哪个条件单独过慢" in stopped.refusal

    # It stays aside for deliveries too, until an officer asks for another run.
    monkeypatch.setattr(matching, "deciding", deciding)
    landed("registration", touching=[company])
    matched()
    assert entitlements(slow) == {}
    match_version_again(version=slow, now=NOW)
    matched()
    assert entitlements(slow) == {key(company): (Decimal(100), OPEN)}


def test_a_closed_version_or_window_entitles_nobody_any_more() -> None:
    all_delivered()
    firm()
    closed, over = published("true"), published("true", closes_on=TODAY)
    close_version(version=closed, actor=officer(), because="no money left", now=NOW)
    assert matched(now=NOW + dt.timedelta(days=1)) == 0
    assert (entitlements(closed), entitlements(over)) == ({}, {})


def test_unclaimed_entitlements_lapse_with_their_window_or_their_policy() -> None:
    all_delivered()
    company = firm()
    over, closed, open_ = published("true", closes_on=TODAY), published("true"), published("true")
    matched()
    assert lapse_entitlements(now=NOW) == 0
    close_version(version=closed, actor=officer(), because="no money left", now=NOW)
    assert lapse_entitlements(now=NOW) == 1
    assert lapse_entitlements(now=NOW + dt.timedelta(days=1)) == 1
    assert [entitlements(version)[key(company)][1] for version in (over, closed, open_)] == [LAPSED, LAPSED, OPEN]


def test_what_a_cancelled_payout_gives_back_is_decided_by_the_facts_of_today() -> None:
    all_delivered()
    kept, lost = firm(), firm()
    rows = [revenue(company, 2_000_000) for company in (kept, lost)]
    version = published(f"{REVENUE} >= 1000000", amount=f"{REVENUE} / 1000")
    matched()
    Entitlement.objects.update(status=CLAIMED)
    for row, amount in zip(rows, (4_000_000, 100), strict=True):
        row.revenue_cny = amount
        row.save()
    ids = list(Entitlement.objects.values_list("pk", flat=True))
    assert reopen_entitlements(entitlement_ids=ids, now=NOW) == 1
    assert entitlements(version) == {key(kept): (Decimal(4000), OPEN), key(lost): (Decimal(2000), WITHDRAWN)}


def test_all_policies_of_a_kind_are_decided_by_one_statement() -> None:
    all_delivered()
    for _ in range(3):
        firm()
    for _ in range(4):
        published("true", 'company.standing = "active"')
    with CaptureQueriesContext(connection) as queries:
        matching.match_due(now=NOW)
    deciding = [query for query in queries if "WITH decided" in query["sql"]]
    assert len(deciding) == 1
    assert len(queries) < 45
    assert Entitlement.objects.count() == 12
