"""
Nobody but the owner can post what an owner posts: neither a neighbour, nor an official, nor somebody not signed in.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from companies.models import Company, PayeeAccount, User
from payouts.models import Appeal, Claim, Recovery
from qinqing.demo.campaign.stages.forms import form_to
from qinqing.roles import ROLES
from tests.factories.companies import make_company
from tests.factories.entitlements import make_entitlement
from tests.functional.conftest import in_force
from tests.integration.recovery.test_recovering import demanded

pytestmark = pytest.mark.django_db

ACCOUNT = {
    "holder_name": "杭州试验有限公司",
    "bank_name": "杭州银行",
    "bank_number": "313331000014",
    "number": "33050161000000001",
    "number_again": "33050161000000001",
    "is_confirmed": "on",
}


@pytest.fixture
def recovery() -> Recovery:
    # Without fraud, because fraud would keep the firm from claiming.
    return demanded(is_fraud=False)


@pytest.fixture
def posts(recovery: Recovery, browser: Callable[..., Client]) -> dict[str, dict[str, object]]:
    """What the firm's owner would post, by address."""
    firm = recovery.payout.company
    make_entitlement(of=in_force(), company=firm)
    claim = reverse("claim", args=[firm.credit_code])
    page = browser("the-owner", firm).get(reverse("firm", args=[firm.credit_code])).content.decode()
    return {
        claim: dict(form_to(page, path=claim).filled_in()),
        reverse("account", args=[firm.credit_code]): dict(ACCOUNT),
        reverse("recovery", args=[firm.credit_code, recovery.pk]): {"text": "我们一直在经营，可以来看。"},
    }


def counted() -> tuple[int, int, int]:
    return Claim.objects.count(), PayeeAccount.objects.count(), Appeal.objects.count()


@pytest.mark.parametrize("role", [*ROLES, "none", "neighbour", "stranger"])
def test_nobody_else_acts_for_a_firm(
    role: str, posts: dict[str, dict[str, object]], browser: Callable[..., Client]
) -> None:
    firms: list[Company] = [make_company("邻居有限公司")] if role == "neighbour" else []
    client = browser("" if role == "stranger" else "somebody", *firms, role="" if firms else role)
    before = counted()
    answers = {client.post(address, sent).status_code for address, sent in posts.items()}
    assert answers == {302 if role == "stranger" else 404}
    assert counted() == before


def test_the_owner_does(posts: dict[str, dict[str, object]]) -> None:
    """The very same posts count when the owner sends them; otherwise the test above would prove nothing."""
    before = counted()
    # The language is that of the page whose commitment the owner signs.
    owner = Client(headers={"accept-language": "en"})
    owner.force_login(User.objects.get(username="the-owner"))
    for address, sent in posts.items():
        assert owner.post(address, sent).status_code == 302, address
    assert counted() == tuple(number + 1 for number in before)
