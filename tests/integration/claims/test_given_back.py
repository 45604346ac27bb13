"""When a clerk cancels a payout, its entitlements are decided by the facts of today before anybody can claim them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from companies.models import Company
from payouts.claims.automatic import claim_automatic
from payouts.claims.refusals import NotOpen
from payouts.models import Payout
from payouts.publicity.publicise import decide_objection
from policies.models import Entitlement, PolicyVersion, WhiteListEntry
from policies.white_lists.lists import withdraw_entry
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import make_all_deliveries, make_delivery, make_row
from tests.factories.objections import object_to
from tests.factories.people import make_officer
from tests.factories.policies import make_published, match_all
from tests.factories.stacking import click, entitlement_statuses, make_group, paid_amounts, undo
from tests.factories.white_lists import list_row, make_list_version, make_published_list

pytestmark = pytest.mark.django_db

REVENUE = "tax[year = 2024].revenue"


def taxed(revenue: int = 5000) -> Company:
    company = make_company()
    make_row(TaxYear, company, year=2024, revenue=revenue)
    return company


def told(company: Company, revenue: int) -> None:
    """The tax office delivers another revenue, and matching runs."""
    TaxYear.objects.filter(company=company).update(revenue=revenue)
    make_delivery("tax", touching=[company])
    match_all()


def right(version: PolicyVersion) -> Entitlement:
    return Entitlement.objects.get(policy=version.policy)


def pair(company: Company, **first: object) -> tuple[Entitlement, Entitlement]:
    """
    An entitlement to click for, and one that it supersedes: the sweep would claim that one, for a revenue of 1,000.
    """
    clicked = make_published("true", amount="300", **first)
    by_itself = make_published(f"{REVENUE} >= 1000", amount=f"{REVENUE} / 10", track="automatic")
    make_group(clicked, by_itself, rule="first_wins")
    match_all()
    return right(clicked), right(by_itself)


class TestWhatWasSuperseded:
    def test_is_not_paid_by_facts_that_nobody_followed(self) -> None:
        make_all_deliveries()
        company = taxed()
        clicked, by_itself = pair(company)
        click(clicked)
        told(company, 100)
        assert entitlement_statuses(clicked, by_itself) == ["claimed", "superseded"]
        undo(clicked)
        assert entitlement_statuses(clicked, by_itself) == ["open", "withdrawn"]
        assert claim_automatic(limit=10, now=NOW) == 0

    def test_comes_back_at_its_amount_of_today(self) -> None:
        make_all_deliveries()
        company = taxed()
        clicked, by_itself = pair(company)
        click(clicked)
        told(company, 9000)
        undo(clicked)
        assert claim_automatic(limit=10, now=NOW) == 1
        assert paid_amounts(clicked, by_itself) == [None, 900]

    def test_is_decided_when_an_objection_stopped_the_other(self) -> None:
        make_all_deliveries()
        company = taxed()
        clicked, by_itself = pair(company, track="publicised", publicise_days=7, counts_working_days=False)
        click(clicked)
        told(company, 100)
        payout = Payout.objects.get()
        raised = object_to(payout_id=payout.pk, name="王一", text="不符合条件", now=NOW)
        decide_objection(objection_id=raised.pk, is_upheld=True, decision="属实", actor=make_officer(), now=NOW)
        assert entitlement_statuses(clicked, by_itself) == ["claimed", "withdrawn"]
        assert claim_automatic(limit=10, now=NOW) == 0


class TestWhatWasClaimed:
    def test_is_withdrawn_where_the_facts_changed(self) -> None:
        make_all_deliveries()
        company = taxed()
        version = make_published(f"{REVENUE} >= 1000")
        match_all()
        click(right(version))
        told(company, 100)
        undo(right(version))
        assert entitlement_statuses(right(version)) == ["withdrawn"]
        with pytest.raises(NotOpen):
            click(right(version))

    def test_is_open_at_its_amount_of_today(self) -> None:
        make_all_deliveries()
        company = taxed()
        version = make_published(f"{REVENUE} >= 1000", amount=REVENUE)
        match_all()
        click(right(version))
        told(company, 7000)
        undo(right(version))
        click(right(version), shown_cny=Decimal(7000))
        assert paid_amounts(right(version)) == [7000]

    def test_is_withdrawn_where_a_departments_row_was_taken_back(self) -> None:
        make_all_deliveries()
        company = taxed()
        version = make_list_version("true")
        make_published_list(version, list_row(company, 500))
        match_all()
        click(right(version))
        withdraw_entry(entry=WhiteListEntry.objects.get(), because="误列", actor=make_officer(), now=NOW)
        undo(right(version))
        assert entitlement_statuses(right(version)) == ["withdrawn"]

    def test_others_are_decided_only_where_they_share_it(self) -> None:
        make_all_deliveries()
        company, elsewhere = taxed(), taxed()
        version = make_published(f"{REVENUE} >= 1000", amount=REVENUE)
        match_all()
        own = Entitlement.objects.get(company=company)
        click(own)
        TaxYear.objects.update(revenue=100)
        undo(own)
        assert entitlement_statuses(own, Entitlement.objects.get(company=elsewhere)) == ["withdrawn", "open"]
        assert not version.match_runs.filter(finished_at=None).exists()
