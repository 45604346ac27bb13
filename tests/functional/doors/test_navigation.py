"""The officials' side bar: each official sees the sections of her own work and no others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "seen", "unseen"),
    [
        ("officer", {"policies/policyversion", "payouts/fund"}, {"payouts/batch", "payouts/reply"}),
        ("finance", {"payouts/batch", "payouts/payout", "payouts/reply"}, {"companies/employee"}),
        ("department", {"companies/delivery"}, {"policies/policy", "payouts/payout", "companies/company"}),
        ("auditor", {"policies/policy", "payouts/batch", "companies/delivery", "companies/company"}, set()),
    ],
)
def test_each_role_sees_its_own_sections(
    role: str, seen: set[str], unseen: set[str], browser: Callable[..., Client]
) -> None:
    text = browser("official", role=role).get(reverse("admin:index")).content.decode()
    assert {place for place in seen | unseen if f"/admin/{place}/" in text} == seen
    assert reverse("cockpit") in text


def test_an_owner_has_no_business_in_the_admin(browser: Callable[..., Client]) -> None:
    answer = browser("owner").get(reverse("admin:index"))
    assert answer.status_code == 302
    assert reverse("sign-in") in Client().get(answer["Location"])["Location"]
