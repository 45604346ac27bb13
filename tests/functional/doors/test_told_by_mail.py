"""Whoever's password, second factor or place in a firm was changed is told by mail, in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from companies.memberships.members import change_role, remove_member
from companies.models import FirmRole, User
from tests.factories.clients import sign_in
from tests.factories.companies import act_for, make_company
from tests.factories.people import PASSWORD, make_user
from tests.functional.doors.test_second_factor import SECRET

pytestmark = pytest.mark.django_db

NEW = "battery staple 9"


@pytest.fixture
def user() -> User:
    return make_user("an-owner-of-tea", password=PASSWORD, email="tea@example.test")


def told() -> str:
    [message] = mail.outbox
    assert message.to == ["tea@example.test"]
    assert "an-owner-of-tea" in message.body
    return str(message.body)


def test_of_another_password(user: User, django_capture_on_commit_callbacks: Any) -> None:
    typed = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    with django_capture_on_commit_callbacks(execute=True):
        sign_in(user).post(reverse("password"), typed)
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert "Your password was changed." in told()
    assert NEW not in told()


def test_of_a_second_factor_that_is_gone(user: User, django_capture_on_commit_callbacks: Any) -> None:
    TOTP.activate(user, SECRET)
    with django_capture_on_commit_callbacks(execute=True):
        sign_in(user).post(reverse("mfa_deactivate_totp"))
    assert "An app is your second factor no more." in told()


def test_of_another_role_in_a_firm_and_of_none(user: User, django_capture_on_commit_callbacks: Any) -> None:
    firm = make_company("杭州清茶有限公司")
    act_for(firm, user)
    boss = act_for(firm, make_user("boss", email="boss@example.test"))
    given = {"company": firm, "member_id": user.memberships.get().pk, "actor": boss, "now": timezone.now()}
    with django_capture_on_commit_callbacks(execute=True):
        change_role(**given, role=FirmRole.VIEWER, day_limit_cny=None)
    assert "What you may do for 杭州清茶有限公司 was changed: got another role (viewer)." in told()
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        remove_member(**given)
    assert "was removed" in told()


def test_who_has_no_address_is_told_nothing(django_capture_on_commit_callbacks: Any) -> None:
    typed = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    with django_capture_on_commit_callbacks(execute=True):
        sign_in(make_user("without-mail", password=PASSWORD)).post(reverse("password"), typed)
    assert mail.outbox == []
