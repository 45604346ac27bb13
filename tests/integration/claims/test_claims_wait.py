"""Neither a click nor the sweep pays by old facts where matching has not decided the newest deliveries."""

from __future__ import annotations

from decimal import Decimal

import pytest

from companies.models import Company
from payouts.claims.automatic import claim_automatic
from payouts.claims.claim import claim
from payouts.claims.clicks import Click
from payouts.claims.refusals import NotOpen
from payouts.offers.queries import list_firms, list_offers
from policies.authoring.publish import match_version_again
from policies.authoring.suspend import suspend_version
from policies.authoring.suspensions import pauses_for
from policies.matching.run import _set_version_aside, match_due
from policies.models import Entitlement, MatchRun, PolicyVersion
from qinqing.kernel.text import Bilingual
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import act_for, make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.decisions import lift_by_two
from tests.factories.deliveries import make_all_deliveries, make_delivery, make_row
from tests.factories.people import make_officer, make_user
from tests.factories.policies import make_published, match_all
from tests.factories.stacking import click, entitlement_statuses, paid_amounts

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

REVENUE = "tax[year = 2024].revenue"


def entitled(**fields: object) -> Entitlement:
    """An entitlement of a firm by its revenue."""
    make_all_deliveries()
    company = make_company()
    act_for(company, make_user("owner"))
    make_row(TaxYear, company, year=2024, revenue=5000)
    make_published(f"{REVENUE} >= 1000", amount=REVENUE, **fields)
    match_all()
    return Entitlement.objects.get(company=company)


def stopped(version: PolicyVersion) -> None:
    _set_version_aside(version, Bilingual("太慢。", "It took too long."), NOW)


def told(company: Company, revenue: int) -> None:
    """The tax office delivers another revenue, and matching runs."""
    TaxYear.objects.filter(company=company).update(revenue=revenue)
    make_delivery("tax", touching=[company])
    match_all()


def offered(right: Entitlement) -> Decimal:
    """The amount that the firm's page offers; the owner's list of firms offers the same."""
    shown = list_offers(company=right.company, on=TODAY)
    (listed,) = list_firms(user=make_user("owner"), on=TODAY)
    assert listed.claimable_cny == shown.amount_cny
    return listed.claimable_cny


def test_a_version_that_was_set_aside_pays_nobody_by_a_click() -> None:
    right = entitled()
    assert offered(right) == 5000
    stopped(right.version)
    told(right.company, 100)
    assert entitlement_statuses(right) == ["open"]
    with pytest.raises(NotOpen, match="could not be applied to the newest data"):
        click(right)
    beside = Click((right.pk,), right.company_id, "", make_user("owner").pk, NOW, Decimal(5000), None)
    assert {type(each) for each in claim(clicks=[beside, beside], now=NOW)} == {NotOpen}
    assert offered(right) == 0
    (why,) = pauses_for(company=right.company)
    assert "cannot be claimed since" in why.sentence
    assert paid_amounts(right) == [None]


def test_nor_does_it_pay_by_itself() -> None:
    right = entitled(track="automatic")
    stopped(right.version)
    told(right.company, 100)
    assert claim_automatic(limit=10, now=NOW) == 0
    assert not list_offers(company=right.company, on=TODAY).automatic


def test_an_officer_who_has_it_matched_again_opens_claims_when_it_is_done() -> None:
    right, _beside = entitled(track="automatic"), make_company()
    stopped(right.version)
    told(right.company, 2000)
    match_version_again(version=right.version, now=NOW)
    for _half in range(2):
        assert claim_automatic(limit=10, now=NOW) == 0
        with pytest.raises(NotOpen, match="is being decided by the newest data"):
            click(right)
        match_due(now=NOW, limit_companies=1)
    assert claim_automatic(limit=10, now=NOW) == 1
    assert paid_amounts(right) == [2000]


def test_what_is_asked_for_again_half_way_holds_claims_still() -> None:
    right, _beside = entitled(), make_company()
    stopped(right.version)
    for _time in range(2):
        match_version_again(version=right.version, now=NOW)
        match_due(now=NOW, limit_companies=1)
    with pytest.raises(NotOpen):
        click(right)
    match_all()
    click(right)


def test_a_suspension_that_is_lifted_opens_claims_when_the_city_is_decided() -> None:
    right = entitled(track="automatic")
    suspend_version(version=right.version, reason="A trial.", actor=make_officer(), now=NOW)
    told(right.company, 100)
    lift_by_two(right.version)
    assert claim_automatic(limit=10, now=NOW) == 0
    match_all()
    assert entitlement_statuses(right) == ["withdrawn"]
    assert not MatchRun.objects.filter(finished_at=None).exists()


def test_a_run_that_nothing_came_by_holds_nobody_up() -> None:
    right = entitled()
    match_version_again(version=right.version, now=NOW)
    assert click(right).payout_ids
