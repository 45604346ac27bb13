"""The progress of a claim that was cancelled: it never says that the money was reserved or left for the bank."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Membership
from payouts.exceptions.manual import cancel_payouts
from payouts.models import Payout
from payouts.states import Role
from tests.factories.clock import NOW
from tests.factories.companies import act_for, make_company
from tests.factories.entitlements import make_entitlement
from tests.factories.payouts import make_payout, settle_payouts
from tests.factories.people import make_user
from tests.factories.stacking import click

pytestmark = pytest.mark.django_db


def cancelled(payout: Payout) -> None:
    clerk = make_user("clerk")
    cancel_payouts(payout_ids=[payout.pk], role=Role.FINANCE, actor=clerk, because="a mistake", now=NOW)


def progress(payout: Payout) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(act_for(payout.company, make_user("its owner")))
    address = reverse("claim-progress", args=[payout.company.credit_code, payout.claim_id])
    text: str = client.get(address).content.decode()
    return text


def steps(text: str) -> list[tuple[str, str]]:
    """The class of each step, and how many payouts have come so far."""
    found = re.search(r'<ol class="steps">(.*?)</ol>', text, re.DOTALL)
    assert found
    return re.findall(r'<li class="([^"]*)">.*?<span class="soft">([^<]*)</span>\s*</li>', found[1], re.DOTALL)


def test_what_was_cancelled_was_neither_reserved_nor_sent() -> None:
    payout = make_payout()
    cancelled(payout)
    text = progress(payout)
    assert "The claim was cancelled" in text
    assert "could not be paid" not in text
    assert steps(text) == [("", "0 / 1"), ("", "0 / 1"), ("", "0 / 1")]


def test_what_is_left_of_a_claim_goes_on() -> None:
    firm = make_company()
    claimed = click(make_entitlement(company=firm), make_entitlement(company=firm))
    first, second = Payout.objects.filter(pk__in=claimed.payout_ids).order_by("pk")
    assert steps(progress(second))[0] == ("step-done", "2 / 2")
    cancelled(first)
    Membership.objects.all().delete()
    text = progress(second)
    assert steps(text) == [("step-done", "1 / 1"), ("step-now", "0 / 1"), ("", "0 / 1")]
    assert "¥100.00</strong> · 1 payout was cancelled and is not in the sum above." in " ".join(text.split())
    assert '<span class="sum">¥100.00</span>' in text


def test_what_is_left_of_a_claim_has_arrived_whole() -> None:
    firm = make_company()
    claimed = click(make_entitlement(company=firm), make_entitlement(company=firm))
    first, second = Payout.objects.filter(pk__in=claimed.payout_ids).order_by("pk")
    cancelled(first)
    settle_payouts(now=timezone.now())
    text = progress(second)
    assert "The money has arrived" in text
    assert "Part of the money" not in text
    assert "after the click" in text
