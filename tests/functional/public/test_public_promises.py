"""Public pages keep their word about money that is divided in proportion, and about lists whose claims have ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from payouts.ledger.pools import divide_due_pools
from policies.authoring.suspend import suspend_version
from policies.models import PolicyVersion, Pool
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import make_all_deliveries, make_row
from tests.factories.people import make_officer
from tests.factories.policies import make_published, match_all
from tests.factories.white_lists import list_row, make_list_version, make_published_list

pytestmark = pytest.mark.django_db

THE_MOST = "what the rules come to is the most that one gets"
LIMIT = "tax[year = 2024].tax_paid"


def page(client: Client, name: str, *args: object) -> str:
    text: str = client.get(reverse(name, args=args)).content.decode()
    return text


def pooled(**fields: object) -> str:
    """The code of a policy in force whose money is divided among bases of 100 yuan."""
    version = make_published(
        "tax[year = 2024].revenue > 0", pool=Pool.PROPORTIONAL, opens_on=timezone.localdate(), **fields
    )
    return version.policy.code


def test_the_notice_promises_no_more_than_a_portion_and_shows_what_limits_it() -> None:
    anybody, code = Client(headers={"accept-language": "en"}), pooled(limit_feel=LIMIT)
    text = page(anybody, "policy", code)
    assert "up to ¥100 for each company" in text
    assert "¥100.00 for each company" not in text
    assert THE_MOST in text
    assert LIMIT in text
    assert "up to ¥100 for each company" in page(anybody, "home")


def test_the_calculator_calls_its_amount_the_most() -> None:
    anybody, address = Client(headers={"accept-language": "en"}), reverse("calculator", args=[pooled()])
    assert THE_MOST not in anybody.get(address).content.decode()
    assert THE_MOST in anybody.post(address, {"tax-0-revenue": "5"}).content.decode()


def test_who_came_after_the_division_is_not_told_that_the_amount_is_his(browser: Callable[..., Client]) -> None:
    make_all_deliveries(as_of_on=timezone.localdate())
    first, late = make_company(), make_company("后来有限公司")
    make_row(TaxYear, first, year=2024, revenue=5)
    code = pooled(closes_on=timezone.localdate() + timedelta(days=9))
    match_all(now=timezone.now())
    assert divide_due_pools(now=timezone.now()) == 1
    make_row(TaxYear, late, year=2024, revenue=5)
    text = page(browser("late", late), "reasons", late.credit_code, code)
    assert "All conditions are met" in text
    assert "who had no part then gets none" in text
    assert "who had no part" not in page(browser("first", first), "reasons", first.credit_code, code)


def listed(**fields: object) -> str:
    """The address of the public list of a version that pays a firm by it; matching is done."""
    make_all_deliveries(as_of_on=timezone.localdate())
    closes_on = timezone.localdate() + timedelta(days=30)
    version = make_list_version(now=timezone.now(), list_is_public=True, closes_on=closes_on, **fields)
    make_published_list(version, list_row(make_company(), 900))
    match_all(now=timezone.now())
    return reverse("white-list", args=[version.policy.code])


def test_a_public_list_calls_nothing_claimable_while_its_policy_is_suspended() -> None:
    anybody, address = Client(headers={"accept-language": "en"}), listed(opens_on=timezone.localdate())
    assert ">can be claimed<" in anybody.get(address).content.decode()
    suspend_version(version=PolicyVersion.objects.get(), reason="审计中", actor=make_officer(), now=timezone.now())
    text = anybody.get(address).content.decode()
    assert ">can be claimed<" not in text
    assert "entitled, but it cannot be claimed now" in text
    assert "审计中" in text


def test_a_public_list_before_its_window_says_from_when_on() -> None:
    address = listed(opens_on=timezone.localdate() + timedelta(days=5))
    text = Client(headers={"accept-language": "en"}).get(address).content.decode()
    assert ">can be claimed<" not in text
    assert "can be claimed from" in text
