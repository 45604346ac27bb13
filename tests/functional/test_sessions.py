"""A session ends where it is kept: for whoever signed out elsewhere, whose account was closed, and by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company, User

pytestmark = pytest.mark.django_db

ENDINGS: dict[str, Callable[[], object]] = {
    "signed out elsewhere": lambda: Session.objects.all().delete(),
    "expired": lambda: Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1)),
    "account closed": lambda: User.objects.update(is_active=False),
    "password changed": lambda: User.objects.update(password="another"),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_next_page_asks_to_sign_in(owner: Client, firm: Company, ending: str) -> None:
    path = reverse("firm", args=[firm.credit_code])
    assert owner.get(path).status_code == 200
    ENDINGS[ending]()
    answer = owner.get(path)
    assert (answer.status_code, answer.headers.get("Location", "").partition("?")[0]) == (302, reverse("sign-in"))


def test_a_cookie_that_nobody_handed_out_opens_nothing(client: Client, firm: Company) -> None:
    client.cookies["sessionid"] = "x" * 32
    assert client.get(reverse("firm", args=[firm.credit_code])).status_code == 302
