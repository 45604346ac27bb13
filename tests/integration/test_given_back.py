"""What a cancelled payout gives back is decided by the facts of today before anybody can claim it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from companies.datasets.tables.tax import TaxYear
from companies.models import Company
from payouts.claims.claim import claim_automatic
from payouts.claims.refusals import NotOpen
from payouts.models import Payout
from payouts.publicity.publicise import decide_objection, object_to
from policies.models import Entitlement, PolicyVersion, WhiteListEntry
from policies.white_lists.lists import withdraw_entry
from tests.factories import payouts as made
from tests.factories.policies import NOW, all_delivered, firm, known, landed, matched, officer, published
from tests.factories.stacking import click, group, paid, standing, undo
from tests.factories.white_lists import listed_version, published_list, row

pytestmark = pytest.mark.django_db

REVENUE = "tax[year = 2024].revenue"


def taxed(revenue: int = 5000) -> Company:
    company = firm()
    made.account(company=company)
    known(TaxYear, company, year=2024, revenue_cny=revenue)
    return company


def told(company: Company, revenue: int) -> None:
    """The tax office says something else, and matching has seen it."""
    TaxYear.objects.filter(company=company).update(revenue_cny=revenue)
    landed("tax", touching=[company])
    matched()


def right(version: PolicyVersion) -> Entitlement:
    return Entitlement.objects.get(policy=version.policy)


def pair(company: Company, **first: object) -> tuple[Entitlement, Entitlement]:
    """What a firm may claim, and what that supersedes: it comes by itself, for a revenue of 1,000."""
    clicked = published("true", amount="300", **first)
    by_itself = published(f"{REVENUE} >= 1000", amount=f"{REVENUE} / 10", track="automatic")
    group(clicked, by_itself, rule="first_wins")
    matched()
    return right(clicked), right(by_itself)


class TestWhatWasSuperseded:
    def test_is_not_paid_by_facts_that_nobody_followed(self) -> None:
        all_delivered()
        company = taxed()
        clicked, by_itself = pair(company)
        click(clicked)
        told(company, 100)
        assert standing(clicked, by_itself) == ["claimed", "superseded"]
        undo(clicked)
        assert standing(clicked, by_itself) == ["open", "withdrawn"]
        assert claim_automatic(limit=10, now=NOW) == 0

    def test_comes_back_at_its_amount_of_today(self) -> None:
        all_delivered()
        company = taxed()
        clicked, by_itself = pair(company)
        click(clicked)
        told(company, 9000)
        undo(clicked)
        assert claim_automatic(limit=10, now=NOW) == 1
        assert paid(clicked, by_itself) == [None, 900]

    def test_is_decided_when_an_objection_stopped_the_other(self) -> None:
        all_delivered()
        company = taxed()
        clicked, by_itself = pair(company, track="publicised", publicise_days=7, counts_working_days=False)
        click(clicked)
        told(company, 100)
        payout = Payout.objects.get()
        raised = object_to(payout_id=payout.pk, name="王一", contact="139", text="不符合条件", now=NOW)
        decide_objection(objection_id=raised.pk, is_upheld=True, decision="属实", actor=officer(), now=NOW)
        assert standing(clicked, by_itself) == ["claimed", "withdrawn"]
        assert claim_automatic(limit=10, now=NOW) == 0


class TestWhatWasClaimed:
    def test_is_withdrawn_where_the_facts_changed(self) -> None:
        all_delivered()
        company = taxed()
        version = published(f"{REVENUE} >= 1000")
        matched()
        click(right(version))
        told(company, 100)
        undo(right(version))
        assert standing(right(version)) == ["withdrawn"]
        with pytest.raises(NotOpen):
            click(right(version))

    def test_is_open_at_its_amount_of_today(self) -> None:
        all_delivered()
        company = taxed()
        version = published(f"{REVENUE} >= 1000", amount=REVENUE)
        matched()
        click(right(version))
        told(company, 7000)
        undo(right(version))
        click(right(version), shown_cny=Decimal(7000))
        assert paid(right(version)) == [7000]

    def test_is_withdrawn_where_a_departments_row_was_taken_back(self) -> None:
        all_delivered()
        company = taxed()
        version = listed_version("true")
        published_list(version, row(company, 500))
        matched()
        click(right(version))
        withdraw_entry(entry=WhiteListEntry.objects.get(), because="误列", actor=officer(), now=NOW)
        undo(right(version))
        assert standing(right(version)) == ["withdrawn"]

    def test_others_are_decided_only_where_they_share_it(self) -> None:
        all_delivered()
        company, elsewhere = taxed(), taxed()
        version = published(f"{REVENUE} >= 1000", amount=REVENUE)
        matched()
        own = Entitlement.objects.get(company=company)
        click(own)
        TaxYear.objects.update(revenue_cny=100)
        undo(own)
        assert standing(own, Entitlement.objects.get(company=elsewhere)) == ["withdrawn", "open"]
        assert not version.match_runs.filter(finished_at=None).exists()
