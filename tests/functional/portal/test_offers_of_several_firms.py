"""People of one firm have the same entitlement at another: both pages offer only what a click would be paid."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company
from payouts.models import Blacklisting, Payout
from payouts.offers.queries import list_firms, list_offers
from policies.models import Entitlement
from tests.factories.companies import act_for, make_company
from tests.factories.entitlements import make_entitlement
from tests.factories.people import make_employee, make_user
from tests.factories.stacking import make_group
from tests.functional.conftest import in_force
from tests.integration.recovery.test_recovering import demanded

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(firm: Company) -> Company:
    """A second firm of the same owner."""
    second = make_company("杭州二号有限公司")
    act_for(second, make_user("owner"))
    act_for(firm, make_user("owner"))
    return second


@pytest.fixture
def client(other: Company) -> Client:
    """The browser of the owner of both."""
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(make_user("owner"))
    return browser


def of_one_person(high: Company, low: Company, **rule: Any) -> tuple[Entitlement, Entitlement]:
    """Entitlements of one person under two policies of a group: 900 at one firm, 100 at the other."""
    somebody, versions = make_employee(), (in_force(payee="company"), in_force(payee="company"))
    make_group(*versions, **({"holder": "person"} | rule))
    return (
        make_entitlement(of=versions[0], company=high, employee=somebody, amount_cny=900),
        make_entitlement(of=versions[1], company=low, employee=somebody, amount_cny=100),
    )


def tickets(client: Client, firm: Company) -> list[str]:
    text = client.get(reverse("firm", args=[firm.credit_code])).content.decode()
    return re.findall(r'name="offer" value="([^"]+)"', text)


def click(client: Client, firm: Company) -> int:
    sent = {"offer": tickets(client, firm), "is_accepted": "on"}
    return client.post(reverse("claim", args=[firm.credit_code]), sent).status_code


def worth() -> dict[str, Decimal]:
    """The amount that the list of firms promises for a click at each firm, by credit code."""
    shown = list_firms(user=make_user("owner"), on=timezone.localdate())
    return {each.credit_code: each.claimable_cny for each in shown}


def test_what_the_click_would_refuse_is_not_offered(client: Client, firm: Company, other: Company) -> None:
    of_one_person(firm, other)
    assert tickets(client, other) == []
    assert (
        "pays more, and only the higher one is paid"
        in client.get(reverse("firm", args=[other.credit_code])).content.decode()
    )
    assert worth() == {firm.credit_code: 900, other.credit_code: 0}
    assert click(client, firm) == 302
    assert Payout.objects.get().amount_cny == 900


def test_a_subject_is_shared_by_firms_as_well(client: Client, firm: Company, other: Company) -> None:
    high, low = in_force(subject="loan"), in_force(subject="loan")
    make_group(high, low, holder="subject")
    first = make_entitlement(of=high, company=firm, amount_cny=900)
    make_entitlement(of=low, company=other, amount_cny=100, subject_key=first.subject_key)
    assert tickets(client, other) == []
    assert worth() == {firm.credit_code: 900, other.credit_code: 0}


@pytest.mark.parametrize("rule", [{"rule": "first_wins"}, {"rule": "cap_together", "cap_cny": 900}])
def test_each_firm_is_told_what_its_own_click_brings(
    client: Client, firm: Company, other: Company, rule: dict[str, Any]
) -> None:
    of_one_person(firm, other, **rule)
    assert worth() == {firm.credit_code: 900, other.credit_code: 100}
    assert click(client, other) == 302
    assert Payout.objects.get().amount_cny == 100


def test_what_cannot_be_claimed_at_the_other_firm_stands_in_nobodys_way(
    client: Client, firm: Company, other: Company
) -> None:
    of_one_person(make_company(has_account=False), other)
    assert worth() == {firm.credit_code: 0, other.credit_code: 100}
    assert click(client, other) == 302


def test_nor_does_what_a_firm_on_the_list_may_not_claim(client: Client, firm: Company, other: Company) -> None:
    recovery = demanded()
    of_one_person(recovery.payout.company, other)
    today = timezone.localdate()
    assert Blacklisting.objects.filter(begins_on__lte=today, ends_on__gte=today).exists()
    assert worth()[other.credit_code] == 100
    assert click(client, other) == 302


def test_rivals_at_other_firms_are_asked_for_together(
    firm: Company, other: Company, django_assert_max_num_queries: Any
) -> None:
    for _each in range(4):
        of_one_person(firm, other)
    with django_assert_max_num_queries(12):
        found = list_offers(company=other, on=timezone.localdate())
    assert (len(found.claimable), len(found.excluded)) == (0, 4)
    with django_assert_max_num_queries(8):
        worth()
