"""The people of the portal's tests: an owner, a stranger, officials, and a firm with an entitlement to claim."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from companies.models import Company, Membership, User
from policies.models import PolicyVersion
from qinqing.roles import ROLES
from tests.factories.clients import sign_in_official
from tests.factories.companies import make_company
from tests.factories.entitlements import make_version
from tests.factories.people import give_roles, make_user

COMMITMENT = {"commitment_zh": "本企业承诺所报情况属实。", "commitment_en": "We state that this is true."}


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    cache.clear()


@pytest.fixture
def officer(db: None) -> Client:
    """An official who writes policies, before a browser."""
    return sign_in_official("officer")


@pytest.fixture
def firm(db: None) -> Company:
    return make_company("杭州清茶有限公司")


@pytest.fixture
def browser() -> Callable[..., Client]:
    """Sign somebody in: an owner of companies, an official of a role, or nobody; English unless told otherwise."""

    def sign_in(username: str = "", *companies: Company, role: str = "", language: str = "en") -> Client:
        client = Client(headers={"accept-language": language})
        if username:
            user = make_user(username, is_staff=True) if role else User.objects.create(username=username)
            Membership.objects.bulk_create(Membership(user=user, company=company) for company in companies)
            if role in ROLES:
                give_roles(user, role)
            client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def owner(browser: Callable[..., Client], firm: Company) -> Client:
    return browser("owner", firm)


def in_force(**fields: object) -> PolicyVersion:
    """A version that can be claimed today, with a commitment."""
    today = timezone.localdate()
    window = {"opens_on": today - timedelta(days=30), "closes_on": today + timedelta(days=30)}
    return make_version(**(window | COMMITMENT | fields))
