"""Long lists of the admin turn pages by keys: they count nothing, skip nothing and read an index."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from policies.models import Entitlement
from qinqing.kernel.admin.keyset import KeysetLists
from tests.factories.entitlements import make_entitlements, make_version

pytestmark = pytest.mark.django_db
# Tables of the desk that do not grow with the city, so their lists need no keys.
FEW = ("Bank", "BankTemplate", "ReplyTemplate")
LIST = "admin:policies_entitlement_changelist"


@pytest.fixture
def auditor(browser: Callable[..., Client]) -> Client:
    return browser("auditor", role="auditor")


@pytest.fixture
def rights() -> list[int]:
    return sorted(make_entitlements(230, of=make_version()), reverse=True)


def shown(page: str) -> list[int]:
    return [int(number) for number in re.findall(r"entitlement/(\d+)/change", page)]


def way(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return found[1].replace("&amp;", "&") if found else ""


def test_one_walks_to_the_oldest_and_back(auditor: Client, rights: list[int]) -> None:
    address, seen = reverse(LIST), []
    page = auditor.get(address).content.decode()
    assert "100 rows, newest first" in page
    assert not way(page, "prev")
    seen += dict.fromkeys(shown(page))
    while older := way(page, "next"):
        page = auditor.get(address + older).content.decode()
        seen += dict.fromkeys(shown(page))
    assert seen == rights
    page = auditor.get(address + way(page, "prev")).content.decode()
    assert list(dict.fromkeys(shown(page))) == rights[100:200]
    assert "Newest" in page


def test_nothing_is_counted_and_nothing_skipped(auditor: Client, rights: list[int]) -> None:
    with CaptureQueriesContext(connection) as asked:
        auditor.get(reverse(LIST), {"older_than": rights[150]})
    statements = "\n".join(each["sql"] for each in asked.captured_queries)
    assert "COUNT(" not in statements
    assert "OFFSET" not in statements


def test_a_filter_stays_on_the_next_page_and_begins_at_the_newest(auditor: Client, rights: list[int]) -> None:
    Entitlement.objects.filter(pk__in=rights[:60]).update(status="withdrawn")
    page = auditor.get(reverse(LIST), {"status__exact": "open"}).content.decode()
    assert list(dict.fromkeys(shown(page))) == rights[60:160]
    assert "status__exact=open" in way(page, "next")
    page = auditor.get(reverse(LIST) + way(page, "next")).content.decode()
    assert list(dict.fromkeys(shown(page))) == rights[160:]
    assert "older_than" not in "".join(re.findall(r'href="\?([^"]*status__exact=withdrawn[^"]*)"', page))


@pytest.mark.parametrize("wrong", ["x", "-1", "9" * 30, ""])
def test_a_place_that_is_none_is_the_newest(wrong: str, auditor: Client, rights: list[int]) -> None:
    page = auditor.get(reverse(LIST), {"older_than": wrong}).content.decode()
    assert shown(page)[0] == rights[0]


def test_a_row_is_found_by_its_number_and_by_the_credit_code(auditor: Client, rights: list[int]) -> None:
    wanted = Entitlement.objects.select_related("company").get(pk=rights[200])
    for term in (str(wanted.pk), wanted.company.credit_code, f" {wanted.company.credit_code.lower()} "):
        page = auditor.get(reverse(LIST), {"q": term}).content.decode()
        assert set(shown(page)) == {wanted.pk}
    assert not shown(auditor.get(reverse(LIST), {"q": "nobody"}).content.decode())


def test_every_list_of_a_table_that_grows_goes_by_keys() -> None:
    registered = {model.__name__: model_admin for model, model_admin in admin.site._registry.items()}
    growing = ["Company", "Employee", "Membership", "Delivery", "Entitlement", "Reminder"]
    growing += [m.__name__ for m in admin.site._registry if m._meta.app_label == "payouts" and m.__name__ not in FEW]
    assert [name for name in growing if not isinstance(registered[name], KeysetLists)] == []
