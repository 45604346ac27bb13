"""Who asks for a run gets one over the whole city, whatever another run has decided already."""

from __future__ import annotations

from decimal import Decimal

import pytest

from companies.datasets.tables.tax import TaxYear
from policies.authoring.publish import match_version_again
from policies.authoring.suspend import lift_suspension, suspend_version
from policies.matching.run import match_due
from policies.models import Entitlement, EntitlementStatus, MatchRun
from tests.factories.policies import NOW, all_delivered, entitlements, firm, known, matched, officer, published

pytestmark = pytest.mark.django_db

REVENUE = "tax[year = 2024].revenue"


def test_a_run_that_is_half_done_makes_room_for_the_one_that_is_asked_for() -> None:
    all_delivered()
    firms = [firm() for _each in range(4)]
    rows = [known(TaxYear, company, year=2024, revenue_cny=100) for company in firms]
    version = published(f"{REVENUE} >= 1000", amount=REVENUE)
    assert match_due(now=NOW, limit_companies=2) == 0
    TaxYear.objects.filter(pk=rows[0].pk).update(revenue_cny=5000)

    match_version_again(version=version, now=NOW)
    matched(limit_companies=2)

    assert entitlements(version) == {f"company:{firms[0].pk}": (Decimal(5000), EntitlementStatus.OPEN)}
    assert not MatchRun.objects.filter(finished_at=None).exists()


def test_what_goes_on_while_a_run_lasts_decides_the_whole_city() -> None:
    all_delivered()
    firms = [firm() for _each in range(6)]
    version = published("true")
    match_due(now=NOW, limit_companies=2)
    suspend_version(version=version, reason="A trial.", actor=officer(), now=NOW)
    match_due(now=NOW, limit_companies=2)
    lift_suspension(version=version, because="It is fine.", actor=officer("another"), now=NOW)
    matched(limit_companies=2)
    assert len(entitlements(version)) == len(firms)


def test_a_run_beside_it_goes_on_where_it_was() -> None:
    all_delivered()
    for _each in range(4):
        firm()
    one, other = published("true"), published("true")
    assert match_due(now=NOW, limit_companies=2) == 4
    match_version_again(version=one, now=NOW)
    Entitlement.objects.filter(version=one).update(status=EntitlementStatus.WITHDRAWN)
    assert matched(limit_companies=2) == 6
    assert [run.entitlement_count for run in MatchRun.objects.order_by("pk")] == [2, 4, 4]
    assert len(entitlements(other)) == 4


def test_asking_twice_is_asking_once() -> None:
    all_delivered()
    firm()
    version = published("true")
    match_version_again(version=version, now=NOW)
    assert MatchRun.objects.filter(version=version).count() == 1
