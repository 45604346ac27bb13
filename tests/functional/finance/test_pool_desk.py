"""Finance divides a proportional pool from the fund's page."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from payouts.ledger.pools import divide_due_pools
from payouts.models import Fund
from policies.models import Entitlement, Pool, PoolDivision
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW, TODAY
from tests.factories.entitlements import make_entitlement, make_entitlements
from tests.factories.payouts import grant_more, make_payout
from tests.functional.conftest import in_force

pytestmark = pytest.mark.django_db


@pytest.fixture
def fund() -> Fund:
    """The fund of a pool whose claims open later; the sweep has opened it."""
    version = in_force(pool=Pool.PROPORTIONAL, granted_cny=50, opens_on=TODAY.replace(year=2030), closes_on=None)
    Entitlement.objects.filter(pk=make_entitlement(of=version).pk).update(base_cny=100)
    assert divide_due_pools(now=NOW) == 0
    return Fund.objects.get()


def address(fund: Fund, action: str) -> str:
    return reverse(f"admin:payouts_fund_{action}", args=[fund.pk])


def test_a_page_says_what_will_be_divided_and_a_post_does_it(fund: Fund) -> None:
    clerk = sign_in_official("finance")
    assert "when claims open" in clerk.get(address(fund, "change")).content.decode()
    page = clerk.get(address(fund, "divide")).content.decode()
    assert "¥100.00" in page
    assert "¥50.00" in page
    assert not PoolDivision.objects.exists()
    assert clerk.post(address(fund, "divide")).status_code == 302
    division = PoolDivision.objects.get()
    assert (division.divided_cny, division.divided_by and division.divided_by.is_staff) == (50, True)
    assert "¥50.00" in clerk.get(address(fund, "change")).content.decode()


def test_a_pool_that_was_not_divided_on_its_day_says_why() -> None:
    version = in_force(pool=Pool.PROPORTIONAL, granted_cny=0)
    divide_due_pools(now=NOW)
    clerk, page = sign_in_official("finance"), address(Fund.objects.get(), "change")
    assert "Nobody is entitled yet" in clerk.get(page).content.decode()
    Entitlement.objects.filter(pk=make_entitlement(of=version).pk).update(base_cny=100)
    text = clerk.get(page).content.decode()
    assert "The fund has no money to divide." in text
    assert "when claims open" not in text
    grant_more(50, to=version)
    assert "The platform divides it in a moment." in clerk.get(page).content.decode()
    assert divide_due_pools(now=timezone.now()) == 1
    assert "portions of ¥50.00" in clerk.get(page).content.decode()


def test_a_pool_of_nobody_says_so_before_it_is_pressed() -> None:
    version = in_force(pool=Pool.PROPORTIONAL, granted_cny=50, opens_on=TODAY.replace(year=2030), closes_on=None)
    divide_due_pools(now=NOW)
    page = sign_in_official("finance").get(address(Fund.objects.get(version=version), "divide")).content.decode()
    assert "Nobody is entitled yet" in page
    assert "0 entitlements" not in page


def test_how_many_divide_it_is_said_in_words_and_figures(fund: Fund) -> None:
    clerk = sign_in_official("finance")
    assert (
        "1 entitlement with a base of ¥100.00 has ¥50.00 to itself."
        in clerk.get(address(fund, "divide")).content.decode()
    )
    make_entitlements(1_000, of=fund.version)
    Entitlement.objects.update(base_cny=100)
    said = "1,001 entitlements with bases of ¥100,100.00 divide ¥50.00 among them."
    assert said in clerk.get(address(fund, "divide")).content.decode()


def test_it_is_offered_once_and_to_finance_alone(fund: Fund) -> None:
    assert sign_in_official("auditor").post(address(fund, "divide")).status_code == 403
    assert sign_in_official("officer").post(address(fund, "divide")).status_code == 403
    assert Client().post(address(fund, "divide")).status_code == 302
    clerk = sign_in_official("finance")
    clerk.post(address(fund, "divide"))
    assert "divided already" in clerk.post(address(fund, "divide"), follow=True).content.decode()


def test_a_fund_of_first_come_is_not_divided() -> None:
    payout = make_payout()
    clerk = sign_in_official("finance")
    assert "first come, first served" in clerk.get(address(payout.fund, "change")).content.decode()
    assert clerk.get(address(payout.fund, "divide")).status_code == 403
