"""Whoever makes a machine's token sees it once, and the token expires by itself."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import ApiToken, User
from tests.factories.people import make_department_user, make_user

pytestmark = pytest.mark.django_db
LIST, ADD = "admin:companies_apitoken_changelist", "admin:companies_apitoken_add"


@pytest.fixture
def admin() -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def department() -> User:
    return make_department_user()


def handed_out(admin: Client, user: User, days: int = 30) -> str:
    page = admin.post(reverse(ADD), {"user": user.pk, "days": days}).content.decode()
    [key] = re.findall("<code>([0-9a-f]{64})</code>", page)
    return key


def answer_to(key: str) -> int:
    return Client().get(reverse("api-datasets"), headers={"authorization": f"Token {key}"}).status_code


def test_a_token_is_shown_once_and_kept_as_its_hash(admin: Client, department: User) -> None:
    key = handed_out(admin, department)
    assert answer_to(key) == 200
    [line] = LogEntry.objects.values_list("object_repr", flat=True)
    assert line == f"{key[:4]}… · {department}"
    shown = admin.get(reverse(LIST)).content.decode()
    assert f"{key[:4]}…" in shown
    assert key[:8] not in shown
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, '') FROM knox_authtoken t")
        assert key not in cursor.fetchone()[0]


def test_the_form_has_one_button_and_says_what_follows(admin: Client) -> None:
    page = admin.get(reverse(ADD)).content.decode()
    assert 'name="_save"' in page
    for superfluous in ("_addanother", "_continue", "related-widget-wrapper-link"):
        assert superfluous not in page
    assert "shown once, on the next page" in page


def test_the_list_speaks_chinese(admin: Client, department: User) -> None:
    handed_out(admin, department)
    shown = admin.get(reverse(LIST), headers={"accept-language": "zh-hans"}).content.decode()
    for title in ("部门账号", "发放时间", "失效时间"):
        assert title in shown
    assert "Expiry" not in shown


def test_a_token_ends_by_itself(admin: Client, department: User) -> None:
    key = handed_out(admin, department)
    left = ApiToken.objects.get().expiry - timezone.now()
    assert timedelta(days=29) < left <= timedelta(days=30)
    ApiToken.objects.update(expiry=timezone.now())
    assert answer_to(key) == 401


@pytest.mark.parametrize("days", ["0", "731", ""])
def test_no_token_is_for_ever(days: str, admin: Client, department: User) -> None:
    assert admin.post(reverse(ADD), {"user": department.pk, "days": days}).status_code == 200
    assert not ApiToken.objects.exists()


def test_a_token_is_taken_away(admin: Client, department: User) -> None:
    key = handed_out(admin, department)
    sent = {"action": "delete_selected", "_selected_action": ApiToken.objects.get().pk, "post": "yes"}
    admin.post(reverse(LIST), sent)
    assert answer_to(key) == 401


@pytest.mark.parametrize("role", ["officer", "finance", "department", "auditor"])
def test_no_role_sees_or_hands_out_tokens(role: str) -> None:
    client = Client()
    client.force_login(make_department_user(role=role))
    assert [client.get(reverse(page)).status_code for page in (LIST, ADD)] == [403, 403]
