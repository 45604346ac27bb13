"""An officer who asks for a run gets one over the whole city, whatever another run has decided already."""

from __future__ import annotations

from decimal import Decimal

import pytest

from policies.authoring.publish import match_version_again
from policies.authoring.suspend import suspend_version
from policies.matching.run import match_due
from policies.models import Entitlement, EntitlementStatus, MatchRun
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.decisions import lift_by_two
from tests.factories.deliveries import make_all_deliveries, make_row
from tests.factories.people import make_officer
from tests.factories.policies import entitlements_of, make_published, match_all

pytestmark = pytest.mark.django_db

REVENUE = "tax[year = 2024].revenue"


def test_a_run_that_is_half_done_makes_room_for_the_one_that_is_asked_for() -> None:
    make_all_deliveries()
    firms = [make_company() for _each in range(4)]
    rows = [make_row(TaxYear, company, year=2024, revenue=100) for company in firms]
    version = make_published(f"{REVENUE} >= 1000", amount=REVENUE)
    assert match_due(now=NOW, limit_companies=2) == 0
    TaxYear.objects.filter(pk=rows[0].pk).update(revenue=5000)

    match_version_again(version=version, now=NOW)
    match_all(limit_companies=2)

    assert entitlements_of(version) == {f"company:{firms[0].pk}": (Decimal(5000), EntitlementStatus.OPEN)}
    assert not MatchRun.objects.filter(finished_at=None).exists()


def test_what_goes_on_while_a_run_lasts_decides_the_whole_city() -> None:
    make_all_deliveries()
    firms = [make_company() for _each in range(6)]
    version = make_published("true")
    match_due(now=NOW, limit_companies=2)
    suspend_version(version=version, reason="A trial.", actor=make_officer(), now=NOW)
    match_due(now=NOW, limit_companies=2)
    lift_by_two(version)
    match_all(limit_companies=2)
    assert len(entitlements_of(version)) == len(firms)


def test_a_run_beside_it_goes_on_where_it_was() -> None:
    make_all_deliveries()
    for _each in range(4):
        make_company()
    one, other = make_published("true"), make_published("true")
    assert match_due(now=NOW, limit_companies=2) == 4
    match_version_again(version=one, now=NOW)
    Entitlement.objects.filter(version=one).update(status=EntitlementStatus.WITHDRAWN)
    assert match_all(limit_companies=2) == 6
    assert [run.entitlement_count for run in MatchRun.objects.order_by("pk")] == [2, 4, 4]
    assert len(entitlements_of(other)) == 4


def test_asking_twice_is_asking_once() -> None:
    make_all_deliveries()
    make_company()
    version = make_published("true")
    match_version_again(version=version, now=NOW)
    assert MatchRun.objects.filter(version=version).count() == 1
