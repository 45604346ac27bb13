"""The page of a circuit breaker: what is stricter is saved, and what is looser leads to a proposal."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from policies.models import Breaker
from policies.models.breaker import USUAL_TERMS
from qinqing.proposals.models import Proposal
from tests.factories.clients import sign_in_official
from tests.factories.policies import make_policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Client:
    return sign_in_official("officer")


def address(breaker: Breaker, page: str = "change") -> str:
    return reverse(f"admin:policies_breaker_{page}", args=[breaker.pk])


def form(**terms: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"policy": "", "because": "a large group", **USUAL_TERMS, **terms}
    return {name: "on" if value is True else value for name, value in given.items() if value is not False}


def test_what_is_stricter_is_saved_at_once(officer: Client) -> None:
    breaker = Breaker.objects.create()
    assert officer.post(address(breaker), form(refused_count=3)).status_code == 302
    breaker.refresh_from_db()
    assert breaker.refused_count == 3
    assert not Proposal.objects.exists()


def test_a_change_has_its_reason(officer: Client) -> None:
    breaker = Breaker.objects.create()
    assert officer.post(address(breaker), form(refused_count=3, because="")).status_code == 200
    breaker.refresh_from_db()
    assert breaker.refused_count == 20


def test_what_is_looser_is_proposed_and_shown_before_and_after(officer: Client) -> None:
    breaker = Breaker.objects.create()
    told = officer.post(address(breaker), form(payees_per_account=50, stops_when_stale=False), follow=True)
    assert "Nothing is looser yet" in told.content.decode()
    breaker.refresh_from_db()
    assert (breaker.payees_per_account, breaker.stops_when_stale) == (5, True)
    proposal = Proposal.objects.get()
    page = officer.get(address(breaker)).content.decode()
    assert reverse("admin:proposals_proposal_change", args=[proposal.pk]) in page
    assert all(said in page for said in ("<del>5</del>", "<ins>50</ins>", "<del>yes</del>", "<ins>no</ins>"))
    again = officer.post(address(breaker), form(payees_per_account=60), follow=True).content.decode()
    assert "waits for a colleague already" in again
    step = reverse("admin:proposals_proposal_confirm", args=[proposal.pk])
    assert officer.get(step).status_code == 403
    second = sign_in_official("officer", "second")
    assert "a large group" in second.get(step).content.decode()
    second.post(step)
    breaker.refresh_from_db()
    assert (breaker.payees_per_account, breaker.stops_when_stale) == (50, False)


def test_a_new_one_that_is_looser_begins_as_what_watches(officer: Client) -> None:
    policy = make_policy()
    told = officer.post(
        reverse("admin:policies_breaker_add"), form(policy=policy.pk, refused_count=100), follow=True
    ).content.decode()
    assert "Nothing is looser yet" in told
    breaker = Breaker.objects.get()
    assert (breaker.policy, breaker.refused_count) == (policy, 20)
    assert Proposal.objects.get().subject_id == breaker.pk


def test_deleting_one_is_proposed_with_a_reason(officer: Client) -> None:
    breaker = Breaker.objects.create()
    assert "Why is it deleted?" in officer.get(address(breaker, "delete")).content.decode()
    assert "Say why" in officer.post(address(breaker, "delete"), {"because": " "}).content.decode()
    officer.post(address(breaker, "delete"), {"because": "it is for all"})
    assert (Breaker.objects.count(), Proposal.objects.get().after) == (1, None)
    second = sign_in_official("officer", "second")
    second.post(reverse("admin:proposals_proposal_confirm", args=[Proposal.objects.get().pk]))
    assert not Breaker.objects.exists()


def test_none_is_deleted_from_the_list(officer: Client) -> None:
    breaker = Breaker.objects.create()
    listed = reverse("admin:policies_breaker_changelist")
    officer.post(listed, {"action": "delete_selected", "_selected_action": [breaker.pk], "post": "yes"})
    assert Breaker.objects.exists()


@pytest.mark.parametrize("role", ["auditor", "finance"])
def test_nobody_else_changes_one(role: str) -> None:
    breaker, client = Breaker.objects.create(), sign_in_official(role)
    assert client.post(address(breaker), form(refused_count=3)).status_code == 403
    assert client.post(address(breaker, "delete"), {"because": "so"}).status_code == 403


def test_an_auditor_reads_what_waits(officer: Client) -> None:
    breaker = Breaker.objects.create()
    officer.post(address(breaker), form(payees_per_account=50))
    page = sign_in_official("auditor").get(address(breaker)).content.decode()
    assert "<ins>50</ins>" in page
    assert "Why it changes" not in page
