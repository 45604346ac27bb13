"""An officer who presses a step of a version or a list twice or too late reads why it fails, and no prohibition."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import resolve, reverse

from policies.authoring.suspend import suspend_version
from policies.models import MatchRun, PolicyVersion, VersionMove, WhiteListWithdrawal
from qinqing.kernel.admin.admin_steps import is_pressed
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.people import give_rights, give_roles, make_officer
from tests.factories.policies import make_draft, make_published, make_submitted, match_all
from tests.factories.white_lists import (
    list_row,
    make_checked_list,
    make_draft_list,
    make_list_version,
    make_published_list,
)
from tests.functional.officers.test_policy_admin import address, stands

pytestmark = pytest.mark.django_db

CLOSED_TO = "Your account may not see this page"


def stopped() -> PolicyVersion:
    version = make_published("true")
    suspend_version(version=version, actor=make_officer("first"), reason="a doubt", now=NOW)
    return version


FORMS = {"add", "change", "changelist"}


@pytest.mark.parametrize("desk", ["payouts/payout", "policies/policyversion"])
def test_a_step_is_pressed_on_its_own_page_and_by_no_form(desk: str) -> None:
    def pressed(method: str, page: str) -> bool:
        request = getattr(RequestFactory(), method)(f"/admin/{desk}/{page}")
        request.resolver_match = resolve(request.path)
        return is_pressed(request)

    step = "cancel" if desk == "payouts/payout" else "submit"
    assert pressed("post", f"1/{step}/")
    assert not pressed("get", f"1/{step}/")
    assert not any(pressed("post", page) for page in ("", "add/", "1/change/"))


def test_no_step_has_an_address_that_is_taken_for_a_form() -> None:
    for model, desk in admin.site._registry.items():
        own = f"{model._meta.app_label}_{model._meta.model_name}_"
        names = {each.name.removeprefix(own) for each in desk.get_urls() if each.name and each.name.startswith(own)}
        assert {name for name in names if f"_{name}".endswith(("_add", "_change", "_changelist"))} <= FORMS


PRESSES: dict[str, tuple[Callable[[], PolicyVersion], str]] = {
    "submit": (lambda: make_draft("true"), "is not a draft any more"),
    "publish": (lambda: make_submitted("true"), "is not waiting for review"),
    "send_back": (lambda: make_submitted("true"), "is not waiting for review"),
    "suspend": (lambda: make_published("true"), "is suspended already"),
    "lift": (stopped, "waits for a colleague already"),
    "close": (lambda: make_published("true"), "is not in force"),
}


@pytest.mark.parametrize("step", PRESSES)
def test_a_step_of_a_version_that_is_pressed_twice_says_how_it_stands(step: str) -> None:
    made, said = PRESSES[step]
    version, client = made(), sign_in_official("officer")
    typed = {"because": "核实", "reviewed_hash": version.content_hash}
    assert client.post(address(version, step), typed).status_code == 302
    after, moves = stands(version), VersionMove.objects.count()
    answer = client.post(address(version, step), typed, follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert said in page
    assert CLOSED_TO not in page
    assert (stands(version), VersionMove.objects.count()) == (after, moves)


def test_who_takes_back_twice_reads_that_it_is_back() -> None:
    version, author = make_submitted("true"), Client(headers={"accept-language": "en"})
    give_roles(give_rights(version.submitted_by, is_staff=True), "officer")
    author.force_login(version.submitted_by)
    assert author.post(address(version, "take_back")).status_code == 302
    assert "is not waiting for review" in author.post(address(version, "take_back"), follow=True).content.decode()


def test_a_suspended_version_is_not_matched_again_and_says_when_it_is() -> None:
    version = stopped()
    match_all()
    page = sign_in_official("officer").post(address(version, "match_again"), follow=True).content.decode()
    assert "the city is decided anew when it goes on" in page
    assert not MatchRun.objects.filter(version=version, finished_at=None).exists()


def test_a_step_that_cannot_be_taken_is_not_offered() -> None:
    version, client = make_submitted("true"), sign_in_official("officer")
    for step in ("submit", "suspend", "lift", "close"):
        assert address(version, step) not in client.get(address(version)).content.decode()
        assert client.get(address(version, step)).status_code == 403


@pytest.mark.parametrize("step", ["check", "publish", "reopen", "put-away"])
def test_a_step_of_a_list_that_is_pressed_twice_says_how_it_stands(step: str) -> None:
    made = make_draft_list if step == "check" else make_checked_list
    white_list, client = made(make_list_version(), list_row(make_company(), 5)), sign_in_official("officer")
    page = f"/admin/policies/whitelist/{white_list.pk}/{step}/"
    assert client.post(page, {"because": "核实"}).status_code == 302
    white_list.refresh_from_db()
    status = white_list.status
    answer = client.post(page, {"because": "核实"}, follow=True)
    assert answer.status_code == 200
    assert "and cannot become" in answer.content.decode()
    white_list.refresh_from_db()
    assert white_list.status == status


def test_a_row_that_is_taken_back_twice_is_taken_back_once() -> None:
    entry, client = (
        make_published_list(make_list_version(), list_row(make_company(), 5)).entries.get(),
        sign_in_official("officer"),
    )
    page = reverse("admin:policies_whitelistentry_withdraw", args=[entry.pk])
    assert client.post(page, {"because": "误列"}).status_code == 302
    again = client.post(page, {"because": "误列"}, follow=True)
    assert "not taken back before" in again.content.decode()
    assert WhiteListWithdrawal.objects.count() == 1
