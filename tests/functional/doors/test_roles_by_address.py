"""
Each person of the cast looks at every address of the site and posts to it; a table says who gets in.

An address without a line in the table fails, and so does a line without an address.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from copy import deepcopy
from typing import Literal

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.template.backends.django import Template
from django.test import Client, override_settings
from django.urls import reverse
from django.utils.safestring import SafeString

from companies.models import Membership, User
from tests.factories.companies import act_for, make_company
from tests.factories.people import give_roles, make_user
from tests.functional.conftest import in_force
from tests.functional.public.test_page_queries import address, named_pages
from tests.functional.roles_by_address import CAST, OFFICIALS, expected, expected_of_posts
from tests.functional.world import World
from tests.worlds import PROOFS_OF_AN_HOUR

pytestmark = pytest.mark.django_db

DOORS = ("/sign-in/", "/admin/login/")
# This page redirects to an object's own page elsewhere, and none of our objects has one.
NO_PAGES = {"admin:view_on_site"}
Method = Literal["get", "post"]


def sign_in(name: str, **confined: str) -> Client:
    # The test also posts empty forms to the pages of passwords, which count wrong passwords by address.
    address = f"2001:db8:{secrets.randbelow(65_536):x}:{secrets.randbelow(65_536):x}::1"
    client = Client(raise_request_exception=False, REMOTE_ADDR=address)
    if name == "stranger":
        return client
    username = " ".join(("cast", name, *confined.values()))
    user = give_roles(make_user(username, is_staff=name in OFFICIALS, **confined), name)
    if name == "neighbour":
        Membership.objects.create(user=user, company=make_company("邻居有限公司"))
    client.force_login(user)
    return client


@contextmanager
def unrendered() -> Iterator[None]:
    """Leave templates out, those of refusals too: the view decides who gets in before it renders."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "render", lambda *_told, **_options: SafeString(""))
        yield


def outcome(answer: HttpResponseBase) -> str:
    """The character of the table that stands for an answer, or "!" for an error of ours."""
    leads_to = answer.get("Location", "")
    if leads_to.startswith(DOORS) or answer.status_code == 401:
        return ">"
    if answer.status_code == 404 or leads_to == reverse("admin:index"):
        return "0"
    return {403: ".", 405: "-", 500: "!"}.get(answer.status_code, "+")


def asked(client: Client, where: str, method: Method, *, is_rendered: bool) -> str:
    """Ask for an address and return its character; undo what the request did, and sign the person in again."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic(), nullcontext() if is_rendered else unrendered():
        got = outcome(getattr(client, method)(where))
        transaction.set_rollback(True)
    client.cookies = cookies
    return got


def is_of_deliveries(name: str) -> bool:
    """Whether an address is for the people of one department, who deliver."""
    return name.startswith(("admin:companies_delivery_", "admin:companies_datasetcontract_", "api-"))


def walked(
    world: World, cast: dict[str, Client], delivering: dict[str, Client], method: Method
) -> Iterator[tuple[str, str]]:
    """Each address with the characters that the cast, or who delivers, gets there, in the cast's order."""
    for name in named_pages():
        if name in NO_PAGES or (where := address(name, world)) is None:
            continue
        got = ""
        for client in (delivering if is_of_deliveries(name) else cast).values():
            # The first of the cast who gets in reads the page; for the others it is enough that they get in.
            got += asked(client, where, method, is_rendered=method == "get" and "+" not in got)
        yield name, got


@override_settings(**PROOFS_OF_AN_HOUR)
def answers(method: Method) -> dict[str, str]:
    """What each address answers to the cast."""
    firm, owner = make_company("杭州清茶有限公司"), User.objects.create(username="owner-of-pages")
    act_for(firm, owner)
    official = make_user("official", is_staff=True, is_superuser=True)
    world = World(firm=firm, owner=owner, official=official, version=in_force())
    world.grow(1)
    cast = {name: sign_in(name) for name in CAST}
    cast["owner"].force_login(world.owner)
    delivering = cast | {"department": sign_in("department", department="tax")}
    return dict(walked(world, cast, delivering, method))


# Two tests instead of one for each address: whoever runs a part of them would walk the whole city again.
@pytest.mark.parametrize(
    ("method", "table"),
    [pytest.param("get", expected, id="looks"), pytest.param("post", expected_of_posts, id="sends")],
)
def test_everybody_gets_what_the_table_says(method: Method, table: Callable[[], dict[str, str]]) -> None:
    got, wanted = answers(method), table()
    assert set(got) == set(wanted)
    wrong = {name: (by_role(got[name]), by_role(wanted[name])) for name in wanted if got[name] != wanted[name]}
    assert wrong == {}


def by_role(got: str) -> dict[str, str]:
    return dict(zip(CAST, got, strict=True))
