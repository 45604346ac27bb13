"""
No page sends more statements because it has more to show.

The test finds pages by walking all addresses of the site, so a new page is counted, or fails here until the test knows
its arguments.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from companies.models import Delivery, PayeeAccount, User
from payouts.models import Claim, HearingNotice, Objection, Payout, Publication, Recovery
from payouts.states import Status
from policies.models import Entitlement, WhiteList
from tests.factories.companies import act_for, make_company
from tests.factories.people import make_user
from tests.functional.conftest import in_force
from tests.functional.world import World, newest
from tests.rendering import without_rendered_contexts
from tests.worlds import world_of_a_module

# One fixture counts for all pages, in a transaction of its own.
pytestmark = pytest.mark.django_db
FEW, MORE = 2, 5

# Addresses that are not counted, each with its reason.
SPARED = {
    "set_language": "takes a choice and sends back",
    "sign-out": "takes a click and sends back",
    "mfa_deactivate_totp": "nothing is there without an app",
    "mfa_download_recovery_codes": "nothing is there without a second factor",
    "mfa_view_recovery_codes": "nothing is there without a second factor",
    "mfa_edit_webauthn": "nothing is there without a key",
    "mfa_remove_webauthn": "nothing is there without a key",
    "admin:login": "leads to the portal's door",
    "admin:logout": "takes a click and sends back",
    "admin:password_change_done": "a sentence",
    "admin:jsi18n": "words of the framework",
    "admin:view_on_site": "leads elsewhere",
    "admin:companies_apitoken_change": "a token has no page",
    "admin:companies_apitoken_delete": "the list takes tokens away",
    "admin:companies_apitoken_history": "a token has no page",
    "admin:autocomplete": "needs a field; the lists below are asked by their own search",
    "city-identity-callback": "needs the answer of a provider",
    "invitation": "needs the token of a link",
    "claim": "the same address as the history, which is counted",
    "admin:companies_delivery_template": "an empty file",
    "admin:policies_check_rule": "takes a text and answers about it alone",
    "admin:policies_preview_run": "takes a click and sends back",
    "admin:policies_policyversion_export": "a file of one version",
    "admin:policies_policyversion_export_older": "a file of one version",
    "admin:policies_stackinggroup_change": "its chooser looks up each policy of the one group, a handful",
    "admin:policies_stackinggroup_delete": "names the policies of the one group, a handful",
}
# 403 is a step that nobody may take now, 405 a step that only a POST takes; both are counted.
ANSWERS = (200, 302, 403, 405)
# No page of this world fills these tables: the lock at the door writes attempts to sign in.
EMPTY = {"axes.AccessAttempt", "axes.AccessLog", "axes.AccessFailureLog"}
# A list of values, a text or a number within a statement.
VALUES = re.compile(r"\(\s*(?:'[^']*'|[\d.]+)(?:\s*,\s*(?:'[^']*'|[\d.]+))*\s*\)|'[^']*'|\b\d[\d.]*\b")


class Sessions(NamedTuple):
    """The keys of the sessions of the two visitors."""

    owner: str
    official: str


def named_pages() -> dict[str, str]:
    """Every address of the site by its name, with its pattern."""
    return dict(sorted(_walk(get_resolver(), "", "")))


def _walk(resolver: URLResolver, before: str, space: str) -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, path, f"{space}{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern) and entry.name:
            yield space + entry.name, path


NAMED = named_pages()
PAGES = {name: path for name, path in NAMED.items() if name not in SPARED}
MODELS = {f"admin/{model._meta.app_label}/{model._meta.model_name}/": model for model in admin.site._registry}


def model_of(name: str) -> type[Model] | None:
    """The model whose admin a page belongs to."""
    return next((model for path, model in MODELS.items() if NAMED[name].startswith(path)), None)


# Their addresses name a dataset instead of a row.
NAMES_A_DATASET = ("admin:companies_delivery_template", "admin:companies_datasetcontract_rows")


def address(name: str, world: World) -> str | None:
    """The address of a page in this world; None if the world has nothing to show on it."""
    model = model_of(name)
    if name == "admin:app_list":
        return reverse(name, args=["payouts"])
    if model is not None:
        row = newest(model)
        assert row is not None or model._meta.label in EMPTY, f"The world of these tests has no {model._meta.label}."
        if "<" not in NAMED[name]:
            return reverse(name)
        if name in NAMES_A_DATASET:
            return reverse(name, args=["tax"])
        return reverse(name, args=[row.pk]) if row else None
    given: dict[str, Callable[[], Any]] = {
        "credit_code": lambda: world.firm.credit_code,
        "code": lambda: Entitlement.objects.filter(company=world.firm, status="open").latest("pk").policy.code,
        "account_id": lambda: PayeeAccount.objects.filter(company=world.firm).latest("pk").pk,
        "claim_id": lambda: Claim.objects.filter(company=world.firm).latest("pk").pk,
        "entitlement_id": lambda: Entitlement.objects.filter(company=world.firm, status="open").latest("pk").pk,
        "recovery_id": lambda: Recovery.objects.latest("pk").pk,
        "reference": lambda: Objection.objects.filter(recorded_by=None).latest("pk").reference,
        "payout_id": lambda: Payout.objects.filter(company=world.firm).latest("pk").pk,
        "member_id": lambda: world.firm.memberships.latest("pk").pk,
        "invitation_id": lambda: world.firm.invitations.latest("pk").pk,
        "pk": lambda: 1,
        "delivery_id": lambda: Delivery.objects.latest("pk").delivery_id,
    }
    if name == "account_reset_password_from_key":
        return reverse(name, args=["1", "a-key"])
    if name == "recovery":
        owed = Recovery.objects.latest("pk")
        return reverse(name, args=[owed.payout.company.credit_code, owed.pk])
    if name == "hearing-notice":
        given = HearingNotice.objects.latest("pk")
        return reverse(name, args=[given.recovery.payout.company.credit_code, given.pk])
    if name == "white-list":
        return reverse(name, args=[WhiteList.objects.filter(status="published").latest("pk").version.policy.code])
    if name == "objection":
        return reverse(name, args=[Publication.objects.filter(payout__status=Status.PUBLICISED).latest("pk").payout_id])
    return reverse(name, args=[given[argument]() for argument in re.findall(r"<\w+:(\w+)>", NAMED[name])])


def sign_in(user: User) -> str:
    """The key of a session of this person."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def visitor(name: str, sessions: Sessions) -> Client:
    """A client of the person for whom a page is."""
    client = Client(headers={"accept-language": "en"}, raise_request_exception=False)
    is_for_officials = name.startswith(("admin:", "api-"))
    client.cookies[settings.SESSION_COOKIE_NAME] = sessions.official if is_for_officials else sessions.owner
    return client


def list_statements(name: str, world: World, sessions: Sessions) -> list[str] | str:
    """The statements that a page sends, or a sentence about a wrong answer."""
    where = address(name, world)
    if where is None:
        return []
    cache.clear()
    with transaction.atomic(), CaptureQueriesContext(connection) as statements:
        answer = visitor(name, sessions).get(where)
        transaction.set_rollback(True)
    if answer.status_code not in ANSWERS:
        return f"{where} answered {answer.status_code}."
    return [each["sql"] for each in statements.captured_queries]


def shapes(statements: list[str] | str) -> list[str]:
    """The statements, in order of their texts, without their values."""
    return sorted(VALUES.sub("?", each) for each in statements)


@pytest.fixture(scope="module")
def counted(django_db_setup: None, django_db_blocker: Any) -> dict[str, tuple[Any, Any]]:
    """
    The statements of each page in a small city and in a larger one.

    The first visit to a page may send statements that the process needs once. So a page that sends other statements in
    the larger city is visited a second time in the small one, which is there again when the growth is rolled back.
    """
    with world_of_a_module(django_db_blocker), without_rendered_contexts():
        firm, owner = make_company("杭州清茶有限公司"), User.objects.create(username="owner-of-pages")
        act_for(firm, owner)
        official = make_user("official", is_staff=True, is_superuser=True)
        world = World(firm=firm, owner=owner, official=official, version=in_force())
        logging.disable(logging.CRITICAL)
        world.grow(FEW)
        sessions = Sessions(owner=sign_in(owner), official=sign_in(official))
        few = {name: list_statements(name, world, sessions) for name in PAGES}
        with world_of_a_module(django_db_blocker):
            world.grow(MORE)
            more = {name: list_statements(name, world, sessions) for name in PAGES}
        few |= {
            name: list_statements(name, world, sessions) for name in PAGES if shapes(few[name]) != shapes(more[name])
        }
        logging.disable(logging.NOTSET)
    return {name: (few[name], more[name]) for name in PAGES}


# One test instead of one for each page: whoever runs a part of them would walk through both cities again.
def test_a_page_takes_as_many_statements_for_many_as_for_one(counted: dict[str, tuple[Any, Any]]) -> None:
    wrong = {name: sentence for name in PAGES if (sentence := describe_growth(*counted[name]))}
    assert wrong == {}


def describe_growth(few: list[str] | str, more: list[str] | str) -> str:
    """What is wrong with the statements of a page in the two cities, or nothing."""
    if isinstance(few, str) or isinstance(more, str):
        return few if isinstance(few, str) else str(more)
    if len(more) <= len(few):
        return ""
    added = sorted(set(more) - set(few))
    return f"{len(few)} became {len(more)}:\n" + "\n".join(each[:300] for each in added[:12])


def test_no_page_is_spared_that_is_gone() -> None:
    assert set(SPARED) <= set(NAMED)
