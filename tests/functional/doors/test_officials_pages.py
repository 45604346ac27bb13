"""The page of an account is read; what changes about it is proposed by one and confirmed by another, on pages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.urls import reverse

from companies.models import User
from qinqing.proposals.models import Proposal
from tests.factories.clients import sign_in, sign_in_official
from tests.factories.people import give_roles, make_user
from tests.functional.doors.test_password_by_mail import SENT, follows, link
from tests.functional.doors.test_second_factor import SECRET
from tests.functional.doors.test_step_up import stale

pytestmark = pytest.mark.django_db

PAGE = "admin:companies_user_"
STEPS = ("propose_roles", "propose_person", "propose_standing", "propose_removing_factors", "send_link")
WHY = {"because": "人事任免"}


@pytest.fixture
def qian() -> Client:
    return sign_in_official("security_administrator", "qian")


@pytest.fixture
def feng() -> Client:
    return sign_in_official("security_administrator", "feng")


@pytest.fixture
def clerk() -> User:
    person = make_user("wu", is_staff=True, email="wu@city.example")
    TOTP.activate(person, SECRET)
    return give_roles(person, "finance_maker")


def page(client: Client, name: str, *args: int) -> str:
    answer = client.get(reverse(PAGE + name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def press(client: Client, step: str, person: User, **typed: Any) -> str:
    return client.post(reverse(PAGE + step, args=[person.pk]), WHY | typed, follow=True).content.decode()


def confirm(client: Client) -> str:
    proposal = Proposal.objects.latest("pk")
    address = reverse("admin:proposals_proposal_confirm", args=[proposal.pk])
    return client.post(address, follow=True).content.decode()


def test_the_page_is_read_and_its_buttons_propose(qian: Client, clerk: User) -> None:
    text = page(qian, "change", clerk.pk)
    assert "finance clerk who makes batches" in text
    assert 'name="_save"' not in text
    for step in STEPS:
        address = reverse(PAGE + step, args=[clerk.pk])
        assert address in text
        assert qian.get(address).status_code == 200
    assert qian.post(reverse(PAGE + "change", args=[clerk.pk]), {"is_staff": ""}).status_code == 403


def test_the_own_page_has_a_button_for_a_link_alone(qian: Client) -> None:
    own = User.objects.get(username="qian")
    text = page(qian, "change", own.pk)
    assert [step for step in STEPS if reverse(PAGE + step, args=[own.pk]) in text] == ["send_link"]
    assert "somebody who had none has to propose it" in press(qian, "propose_standing", own)


def test_the_auditor_reads_and_has_no_buttons(clerk: User) -> None:
    text = page(sign_in_official("auditor"), "change", clerk.pk)
    assert not any(reverse(PAGE + step, args=[clerk.pk]) in text for step in STEPS)


def test_roles_are_proposed_on_one_page_and_confirmed_on_another(qian: Client, feng: Client, clerk: User) -> None:
    assert "Proposed; another" in press(qian, "propose_roles", clerk, roles=["finance", "finance_releaser"])
    assert "waits for a colleague already" in press(feng, "propose_roles", clerk, roles=[])
    waiting = feng.get(reverse("admin:proposals_proposal_change", args=[Proposal.objects.get().pk])).content.decode()
    assert "<del>finance clerk who makes batches</del>" in waiting
    assert "<ins>finance clerk, finance clerk who releases batches</ins>" in waiting
    assert "is now as proposed" in confirm(feng)
    assert sorted(clerk.groups.values_list("name", flat=True)) == ["finance", "finance_releaser"]
    assert "人事任免" in page(qian, "change", clerk.pk)


def test_roles_that_exclude_each_other_are_refused_with_their_names(qian: Client, clerk: User) -> None:
    said = press(qian, "propose_roles", clerk, roles=["officer", "auditor"])
    assert "“auditor” and “policy officer” exclude each other" in said
    assert not Proposal.objects.exists()


def test_a_lost_factor_and_an_account_go_by_two(qian: Client, feng: Client, clerk: User) -> None:
    press(qian, "propose_removing_factors", clerk)
    confirm(feng)
    assert not Authenticator.objects.filter(user=clerk).exists()
    inside = sign_in(clerk)
    press(qian, "propose_standing", clerk)
    assert inside.get(reverse("admin:index")).status_code == 200
    confirm(feng)
    assert inside.get(reverse("admin:index")).status_code == 302
    assert "Propose to open the account again" in page(qian, "propose_standing", clerk.pk)


def test_a_new_official_comes_in_by_the_link_and_sets_up_a_second_factor(
    qian: Client, feng: Client, settings: LazySettings, django_capture_on_commit_callbacks: Any
) -> None:
    new = WHY | {
        "username": "lin",
        "last_name": "林",
        "first_name": "建国",
        "email": "lin@city.example",
        "roles": ["officer"],
    }
    said = qian.post(reverse(PAGE + "add"), new, follow=True).content.decode()
    assert "Proposed; another" in said
    assert "or is proposed under it" in qian.post(reverse(PAGE + "add"), new).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        confirm(feng)
    assert mail.outbox[-1].to == ["lin@city.example"]
    settings.SECOND_FACTOR = "required"
    client = Client(headers={"accept-language": "en"})
    client.post(follows(client, link()), SENT)
    signed = client.post(reverse("sign-in"), {"username": "lin", "password": SENT["password1"]}, follow=True)
    assert signed.redirect_chain[-1][0] == reverse("mfa_index")


def test_a_factor_that_somebody_keeps_is_removed_by_its_own_person_alone(clerk: User) -> None:
    other = sign_in(make_user("other", is_staff=True))
    other.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(user=clerk).exists()
    sign_in(clerk).post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=clerk).exists()


@pytest.mark.parametrize("step", [*STEPS[:4], "add"])
def test_whoever_proposes_has_just_shown_who_it_is(qian: Client, clerk: User, step: str) -> None:
    stale(qian, User.objects.get(username="qian"))
    asked = qian.post(reverse(PAGE + step, args=[] if step == "add" else [clerk.pk]), WHY)
    assert re.match(reverse("account_reauthenticate"), asked["Location"])
    assert not Proposal.objects.exists()
