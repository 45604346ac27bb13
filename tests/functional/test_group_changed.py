"""A group whose cap is raised, or that a policy leaves, opens again what it shut out, decided by the facts of today."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Membership
from payouts.queries.offers import offers
from policies.models import Entitlement, MatchRun, PolicyVersion, StackingGroup
from tests.factories import payouts as made
from tests.factories.policies import all_delivered, firm, matched, published
from tests.factories.stacking import click, group, standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def shut_out() -> tuple[Entitlement, Entitlement]:
    """What fills the cap of a group, and what the group leaves nothing for."""
    now = timezone.now()
    all_delivered(as_of_on=timezone.localdate(now))
    company = firm()
    made.account(company=company)
    Membership.objects.create(company=company, user=made.person())
    versions = [published("true", amount=amount, now=now) for amount in ("100", "50")]
    group(*versions, rule="cap_together", cap_cny=100)
    matched(now=now)
    paid, other = (Entitlement.objects.get(version=version) for version in versions)
    click(paid, now=now)
    assert standing(paid, other) == ["claimed", "superseded"]
    return paid, other


def saved(client: Client, *, leaves: PolicyVersion | None = None, **changed: object) -> str:
    """The group's form as it stands but for what is changed; without the policy that leaves."""
    opened = StackingGroup.objects.get()
    columns = ("code", "title_zh", "title_en", "rule", "holder", "span", "cap_cny")
    form = {name: getattr(opened, name) for name in columns} | changed
    members = list(opened.members.order_by("policy__code"))
    form |= {"members-TOTAL_FORMS": len(members), "members-INITIAL_FORMS": len(members)}
    for number, member in enumerate(members):
        form |= {f"members-{number}-{name}": getattr(member, f"{name}_id", None) for name in ("group", "policy")}
        form[f"members-{number}-id"] = member.pk
        if leaves is not None and member.policy_id == leaves.policy_id:
            form[f"members-{number}-DELETE"] = "on"
    address = reverse("admin:policies_stackinggroup_change", args=[opened.pk])
    answer = client.post(address, form, follow=True)
    assert answer.redirect_chain
    return answer.content.decode()


def test_a_cap_that_is_raised(browser: Callable[..., Client], shut_out: tuple[Entitlement, Entitlement]) -> None:
    paid, other = shut_out
    assert "decided anew now" in saved(browser("officer", role="officer"), cap_cny=150)
    matched(now=timezone.now())
    assert standing(paid, other) == ["claimed", "open"]
    assert offers(company=other.company, on=timezone.localdate()).amount_cny == 50


def test_a_policy_that_leaves(browser: Callable[..., Client], shut_out: tuple[Entitlement, Entitlement]) -> None:
    paid, other = shut_out
    third = published("true", now=timezone.now())
    StackingGroup.objects.get().members.create(policy=third.policy)
    saved(browser("officer", role="officer"), leaves=other.version)
    matched(now=timezone.now())
    assert standing(paid, other) == ["claimed", "open"]
    click(other, now=timezone.now())


def test_another_title_decides_nothing(
    browser: Callable[..., Client], shut_out: tuple[Entitlement, Entitlement]
) -> None:
    assert "decided anew now" not in saved(browser("officer", role="officer"), title_zh="另一个名称")
    assert not MatchRun.objects.filter(finished_at=None).exists()
