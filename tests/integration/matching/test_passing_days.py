"""A new day changes decisions about firms of which no department has delivered anything new."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.cache import cache

from companies.models import Company, CompanyDistrict, District
from policies.authoring.publish import publish_version
from policies.authoring.review import submit_version
from policies.models import EntitlementStatus, MatchRun, Parameter, ParameterValue, PolicyVersion
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.deliveries import make_all_deliveries
from tests.factories.people import make_officer
from tests.factories.policies import entitlements_of, make_draft, make_published, match_all

pytestmark = pytest.mark.django_db

OPEN, WITHDRAWN = EntitlementStatus.OPEN, EntitlementStatus.WITHDRAWN
TOMORROW = NOW + dt.timedelta(days=1)


def of(company: Company) -> str:
    return f"company:{company.pk}"


def in_force(version: PolicyVersion) -> PolicyVersion:
    return publish_version(
        version=submit_version(version=version, actor=make_officer("writer"), now=NOW), actor=make_officer(), now=NOW
    )


@pytest.fixture
def company() -> Company:
    cache.clear()
    make_all_deliveries()
    return make_company()


def test_a_value_of_a_parameter_that_begins_is_paid_from_its_day_on(company: Company) -> None:
    version = make_draft("true", amount="100")
    parameter = Parameter.objects.create(version=version, name="award", name_zh="奖励")
    ParameterValue.objects.create(parameter=parameter, value=Decimal(1000))
    ParameterValue.objects.create(parameter=parameter, value=Decimal(500), valid_from=TODAY + dt.timedelta(days=2))
    PolicyVersion.objects.filter(pk=version.pk).update(amount_feel="award")
    version = in_force(PolicyVersion.objects.get(pk=version.pk))
    match_all()
    assert entitlements_of(version) == {of(company): (Decimal(1000), OPEN)}

    assert match_all(now=TOMORROW) == 0
    assert MatchRun.objects.filter(version=version).count() == 1
    match_all(now=NOW + dt.timedelta(days=2))
    assert entitlements_of(version) == {of(company): (Decimal(500), OPEN)}


def test_a_rule_that_looks_at_the_day_is_asked_every_day(company: Company) -> None:
    version = make_published(f'as_of <= date("{TODAY}")')
    match_all()
    assert entitlements_of(version) == {of(company): (Decimal(100), OPEN)}
    match_all(now=TOMORROW)
    assert entitlements_of(version) == {of(company): (Decimal(100), WITHDRAWN)}


def test_a_firm_that_has_come_to_another_district_is_asked_again(company: Company) -> None:
    version = make_published('company.district = "330106"')
    CompanyDistrict.objects.create(
        company=company, district=District.objects.get(code="330108"), valid_from=TODAY + dt.timedelta(days=1)
    )
    match_all()
    assert entitlements_of(version) == {of(company): (Decimal(100), OPEN)}
    match_all(now=TOMORROW)
    assert entitlements_of(version) == {of(company): (Decimal(100), WITHDRAWN)}


def test_who_looks_at_no_day_or_has_a_day_of_its_own_is_left_alone(company: Company) -> None:
    of_no_day = make_published("true")
    of_its_own_day = make_published(f'as_of <= date("{TODAY}")', as_of_on=TODAY)
    match_all()
    assert match_all(now=TOMORROW) == 0
    assert MatchRun.objects.count() == 2
    for version in (of_no_day, of_its_own_day):
        assert entitlements_of(version) == {of(company): (Decimal(100), OPEN)}


def test_the_same_day_asks_once(company: Company) -> None:
    version = make_published(f'as_of <= date("{TODAY + dt.timedelta(days=9)}")')
    match_all()
    match_all(now=TOMORROW)
    match_all(now=TOMORROW + dt.timedelta(hours=5))
    assert MatchRun.objects.filter(version=version).count() == 2


def test_a_version_that_was_never_decided_here_holds_up_no_other(company: Company) -> None:
    elsewhere = make_published("true")
    MatchRun.objects.filter(version=elsewhere).delete()
    version = make_published("true")
    match_all()
    assert entitlements_of(version) == {of(company): (Decimal(100), OPEN)}
    assert not MatchRun.objects.filter(version=elsewhere).exists()
