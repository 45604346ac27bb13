"""The firm's page when policies exclude each other: the best one is offered, the others say why not."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company
from payouts.claims.automatic import claim_automatic
from payouts.models import Payout
from payouts.offers.queries import list_firms, list_offers
from policies.models import Entitlement, Pool
from tests.factories.entitlements import make_entitlement
from tests.factories.people import make_user
from tests.factories.stacking import click, entitlement_statuses, make_group
from tests.functional.conftest import in_force

pytestmark = pytest.mark.django_db


def pair(firm: Company, low: int = 100, high: int = 250, **rule: object) -> tuple[Entitlement, Entitlement]:
    versions = [in_force(), in_force()]
    versions[0].policy.title_en = "The lower"
    versions[1].policy.title_en = "The higher"
    for version in versions:
        version.policy.save()
    make_group(*versions, **rule)
    lower, higher = (
        make_entitlement(of=version, company=firm, amount_cny=amount)
        for version, amount in zip(versions, (low, high), strict=True)
    )
    return lower, higher


def page(client: Client, firm: Company) -> str:
    return client.get(reverse("firm", args=[firm.credit_code])).content.decode()


def post(client: Client, firm: Company, *tickets: str) -> tuple[int, str]:
    answer = client.post(reverse("claim", args=[firm.credit_code]), {"offer": list(tickets), "is_accepted": "on"})
    return answer.status_code, answer.content.decode()


def test_the_higher_is_offered_and_the_lower_says_why_not(owner: Client, firm: Company) -> None:
    pair(firm)
    text = page(owner, firm)
    assert "¥250.00" in text
    assert "¥350.00" not in text
    assert "Excluded by another policy" in text
    assert "“The higher” pays more, and only the higher one is paid." in text
    (ticket,) = re.findall(r'name="offer" value="([^"]+)"', text)
    status, _text = post(owner, firm, ticket)
    assert status == 302
    text = page(owner, firm)
    assert "“The higher” has been claimed already; the two exclude each other." in text


def test_a_forged_click_on_the_lower_is_refused_kindly(owner: Client, firm: Company) -> None:
    lower, _higher = pair(firm)
    status, text = post(owner, firm, f"1:{lower.pk}=100.00")
    assert status == 409
    assert "“The higher” pays more" in text
    assert not Payout.objects.exists()


def test_of_equals_the_owner_chooses(owner: Client, firm: Company) -> None:
    lower, higher = pair(firm, rule="first_wins")
    text = page(owner, firm)
    assert "“The lower” goes first" in text
    assert "Claim this one instead" in text
    (ticket,) = re.findall(rf'name="offer" value="(1:{higher.pk}=250.00[^"]*)"', text)
    status, _text = post(owner, firm, ticket)
    assert status == 302
    assert entitlement_statuses(lower, higher) == ["superseded", "claimed"]


def test_a_cut_amount_is_shown_with_its_reason_and_paid(owner: Client, firm: Company) -> None:
    pair(firm, rule="cap_together", cap_cny=300)
    text = page(owner, firm)
    assert "¥300.00" in text
    assert "Cut to what is left of the limit of “A trial group”." in text
    status, _text = post(owner, firm, *re.findall(r'name="offer" value="([^"]+)"', text))
    assert status == 302
    assert sorted(Payout.objects.values_list("amount_cny", flat=True)) == [100, 200]


def test_what_is_unticked_leaves_more_to_the_rest(owner: Client, firm: Company) -> None:
    pair(firm, rule="cap_together", cap_cny=300)
    _first, second = re.findall(r'name="offer" value="([^"]+)"', page(owner, firm))
    assert post(owner, firm, second)[0] == 302
    assert [payout.amount_cny for payout in Payout.objects.all()] == [250]


def test_the_difference_says_what_it_is_to(owner: Client, firm: Company) -> None:
    lower, _higher = pair(firm, pays_difference=True)
    click(lower, now=timezone.now())
    text = page(owner, firm)
    assert "What “The lower” paid counts against it: this is the difference." in text
    assert "¥150.00" in text


def test_the_list_of_firms_counts_what_a_click_brings(owner: Client, firm: Company) -> None:
    pair(firm)
    make_entitlement(of=in_force(), company=firm, amount_cny=7)
    (shown,) = list_firms(user=make_user("owner"), on=timezone.localdate())
    assert shown.claimable_cny == list_offers(company=firm, on=timezone.localdate()).amount_cny == 257


@pytest.mark.parametrize("rule", [{"rule": "first_wins"}, {"rule": "cap_together", "cap_cny": 50}, {}])
def test_the_list_of_firms_leaves_room_for_what_comes_by_itself(
    owner: Client, firm: Company, rule: dict[str, object]
) -> None:
    versions = in_force(track="automatic"), in_force()
    make_group(*versions, **rule)
    for version, amount in zip(versions, (30, 50), strict=True):
        make_entitlement(of=version, company=firm, amount_cny=amount)
    user, on = make_user("owner"), timezone.localdate()
    (before,) = list_firms(user=user, on=on)
    assert before.claimable_cny == list_offers(company=firm, on=on).amount_cny
    claim_automatic(limit=10, now=timezone.now())
    (after,) = list_firms(user=user, on=on)
    assert after.claimable_cny == list_offers(company=firm, on=on).amount_cny == before.claimable_cny


def test_of_what_all_comes_by_itself_a_click_brings_nothing(owner: Client, firm: Company) -> None:
    versions = in_force(track="automatic"), in_force(track="automatic")
    make_group(*versions, rule="cap_together", cap_cny=50)
    for version in versions:
        make_entitlement(of=version, company=firm, amount_cny=40)
    (shown,) = list_firms(user=make_user("owner"), on=timezone.localdate())
    assert shown.claimable_cny == 0


def test_reasons_name_what_was_claimed(owner: Client, firm: Company) -> None:
    lower, higher = pair(firm)
    click(higher, now=timezone.now())
    text = owner.get(reverse("reasons", args=[firm.credit_code, lower.policy.code])).content.decode()
    assert "Not paid beside “The higher”" in text


def test_a_pool_that_is_not_divided_is_shown_with_its_day(owner: Client, firm: Company) -> None:
    opens_on = timezone.localdate() + timedelta(days=3)
    make_entitlement(of=in_force(pool=Pool.PROPORTIONAL, opens_on=opens_on), company=firm, amount_cny=900)
    text = page(owner, firm)
    assert "up to ¥900.00" in text
    assert "the pool is divided on" in text
    assert 'name="offer"' not in text


def test_without_groups_a_page_asks_no_more_than_once_about_them(
    owner: Client, firm: Company, django_assert_max_num_queries: object
) -> None:
    make_entitlement(of=in_force(), company=firm)
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        list_offers(company=firm, on=timezone.localdate())
