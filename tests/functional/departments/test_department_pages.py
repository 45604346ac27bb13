"""The pages of departments: one security administrator proposes a department or other names, another confirms."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from companies.models import Department
from qinqing.proposals.models import Proposal
from tests.factories.clients import sign_in, sign_in_official
from tests.factories.people import make_department_user

pytestmark = pytest.mark.django_db
ADD = "admin:companies_department_add"


@pytest.fixture
def first() -> Client:
    return sign_in_official("security_administrator")


@pytest.fixture
def second() -> Client:
    return sign_in_official("security_administrator", "second")


def asked(**fields: str) -> dict[str, str]:
    usual = {"code": "forestry", "name_zh": "市林业局", "name_en": "Forestry Bureau", "because": "founded in May"}
    return usual | fields


def confirm(client: Client) -> int:
    proposal = Proposal.objects.latest("pk")
    return client.post(reverse("admin:proposals_proposal_confirm", args=[proposal.pk])).status_code


def test_two_administrators_add_a_department(first: Client, second: Client) -> None:
    assert "give its people their accounts next" in first.get(reverse(ADD)).content.decode()
    answer = first.post(reverse(ADD), asked(), follow=True)
    assert "another security administrator has to confirm it" in answer.content.decode()
    confirm(first)
    assert not Department.objects.filter(code="forestry").exists()
    assert confirm(second) == 302
    forestry = Department.objects.get(code="forestry")
    page = reverse("admin:companies_department_change", args=[forestry.pk])
    assert "Forestry Bureau" in first.get(page).content.decode()


def test_two_administrators_rename_a_department(first: Client, second: Client) -> None:
    tax = Department.objects.get(code="tax")
    page = reverse("admin:companies_department_propose_names", args=[tax.pk])
    assert "its code stays" in first.get(page).content.decode()
    first.post(page, {"name_zh": "国家税务总局", "name_en": "Revenue Office", "because": "reform"})
    assert confirm(second) == 302
    changelist = first.get(reverse("admin:companies_department_changelist")).content.decode()
    assert "Revenue Office" in changelist
    assert "Tax registration" in changelist


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"code": "Forestry!"}, "Write 2 to 20 small letters"),
        ({"code": "tax"}, "Another department has this code"),
        ({"name_zh": "税务局"}, "Another department has this code"),
        ({"because": " "}, "required"),
    ],
)
def test_a_wrong_form_is_shown_again(first: Client, fields: dict[str, str], said: str) -> None:
    assert said in first.post(reverse(ADD), asked(**fields)).content.decode()
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("role", ["auditor", "finance", "officer", "system_administrator"])
def test_others_propose_no_department(role: str) -> None:
    assert sign_in_official(role).get(reverse(ADD)).status_code == 403


def test_a_department_proposes_no_department() -> None:
    assert sign_in(make_department_user()).get(reverse(ADD)).status_code == 403
