"""Every step that an officer confirms is logged with its reason, and a refusal keeps what the officer typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from policies.authoring.suspend import suspend_version
from policies.models import Breaker, PolicyVersion
from tests.factories.clients import sign_in, sign_in_official
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.people import give_rights, give_roles, make_officer
from tests.factories.policies import make_draft, make_published, make_submitted
from tests.factories.stacking import make_group
from tests.factories.white_lists import (
    list_row,
    make_checked_list,
    make_draft_list,
    make_list_version,
    make_published_list,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Client:
    return sign_in_official("officer")


def make_suspended() -> PolicyVersion:
    version = make_published("true")
    suspend_version(version=version, actor=make_officer("first"), reason="a doubt", now=NOW)
    return version


def with_list(make: Callable[..., Model]) -> Callable[[], Model]:
    return lambda: make(make_list_version(), list_row(make_company(), 5))


def make_entry() -> Model:
    return with_list(make_published_list)().entries.get()


def make_group_in_force() -> Model:
    return make_group(make_published("true"), make_published("true"))


class Asked(NamedTuple):
    """A step that asks why: the row on which it is taken, its words, and what refuses it the second time."""

    page: str
    make: Callable[[], Model]
    verb: str
    question: str
    refusal: str


WAITS = "waits for a colleague already"
ASKED = [
    Asked("send_back", lambda: make_submitted("true"), "Send back", "What has to change?", "not waiting for review"),
    Asked("suspend", lambda: make_published("true"), "Suspend", "Why is it stopped?", "is suspended already"),
    Asked("lift", make_suspended, "Propose to lift it", "why may it go on?", WAITS),
    Asked("close", lambda: make_published("true"), "Close this version", "Why is it closed?", "is not in force"),
    Asked("put_away", with_list(make_checked_list), "Put away", "Why is it put away?", "and cannot become"),
    Asked("withdraw", make_entry, "Take back", "Why is it taken back?", "not taken back before"),
    Asked("delete", Breaker.objects.create, "Propose to delete it", "Why is it deleted?", WAITS),
    Asked("dissolve", make_group_in_force, "Propose to delete it", "Why is it deleted?", WAITS),
]
every_step_that_asks_why = pytest.mark.parametrize("step", ASKED, ids=[step.page for step in ASKED])


def address(row: Model, page: str = "change") -> str:
    return reverse(f"admin:policies_{row._meta.model_name}_{page}", args=[row.pk])


def log_of(row: Model) -> list[str]:
    entries = LogEntry.objects.filter(content_type__model=row._meta.model_name, object_id=row.pk)
    return [entry.get_change_message() for entry in entries]


@every_step_that_asks_why
def test_a_step_asks_why_and_leads_to_the_page_of_its_row(officer: Client, step: Asked) -> None:
    row = step.make()
    asked = officer.get(address(row, step.page)).content.decode()
    assert step.question in asked
    assert f"<h2>{row}: {step.verb}</h2>" in asked
    answer = officer.post(address(row, step.page), {"because": " 名单有误 "})
    assert answer["Location"] == address(row)
    assert log_of(row) == [f"{step.verb}: 名单有误"]


@every_step_that_asks_why
def test_a_refusal_keeps_the_reason_that_the_officer_typed(officer: Client, step: Asked) -> None:
    row = step.make()
    assert officer.post(address(row, step.page), {"because": "第一次"}).status_code == 302
    before = log_of(row)
    page = officer.post(address(row, step.page), {"because": "第二次的理由"}).content.decode()
    assert step.refusal in page
    assert 'role="alert"' in page
    assert "第二次的理由</textarea>" in page
    assert log_of(row) == before


@every_step_that_asks_why
@pytest.mark.parametrize(("because", "told"), [("  ", "Say w"), ("误" * 301, "at most 300 characters")])
def test_a_step_is_refused_without_a_reason_or_with_too_long_a_one(
    officer: Client, step: Asked, because: str, told: str
) -> None:
    row = step.make()
    assert told in officer.post(address(row, step.page), {"because": because}).content.decode()
    assert log_of(row) == []


@pytest.mark.parametrize(
    ("page", "make", "verb"),
    [
        ("submit", lambda: make_draft("true"), "Submit for review"),
        ("publish", lambda: make_submitted("true"), "Publish"),
        ("match_again", lambda: make_published("true"), "Match again"),
        ("examine", with_list(make_draft_list), "Check"),
        ("reopen", with_list(make_checked_list), "Back to draft"),
        ("publish", with_list(make_checked_list), "Publish"),
    ],
)
def test_a_step_that_asks_no_reason_is_logged_by_its_verb(
    officer: Client, page: str, make: Callable[[], Model], verb: str
) -> None:
    row = make()
    answer = officer.post(address(row, page), {"reviewed_hash": getattr(row, "content_hash", "")})
    assert answer["Location"] == address(row)
    assert log_of(row) == [verb]


def test_who_takes_back_a_version_is_logged() -> None:
    version = make_submitted("true")
    author = sign_in(give_roles(give_rights(version.submitted_by, is_staff=True), "officer"))
    assert author.post(address(version, "take_back"))["Location"] == address(version)
    assert log_of(version) == ["Take back"]


def test_a_refused_step_without_a_reason_leads_back_to_its_row(officer: Client) -> None:
    version = make_submitted("true")
    answer = officer.post(address(version, "publish"), {"reviewed_hash": "another"}, follow=True)
    assert answer.redirect_chain == [(address(version), 302)]
    assert "review it anew" in answer.content.decode()
    assert log_of(version) == []


def test_a_copy_leads_to_the_new_version_and_is_logged_there(officer: Client) -> None:
    version = make_published("true")
    assert "<p>A trial</p>" in officer.get(address(version, "copy")).content.decode()
    answer = officer.post(address(version, "copy"))
    draft = PolicyVersion.objects.exclude(pk=version.pk).get()
    assert answer["Location"] == address(draft)
    assert (log_of(version), log_of(draft)) == ([], ["New version from this one"])


def test_a_version_that_moved_meanwhile_is_not_closed_by_what_the_page_said(officer: Client) -> None:
    version = make_published("true")
    assert 'name="seen_as" value="published"' in officer.get(address(version, "close")).content.decode()
    suspend_version(version=version, actor=make_officer("first"), reason="a doubt", now=NOW)
    page = officer.post(address(version, "close"), {"seen_as": "published", "because": "预算取消"}).content.decode()
    assert "预算取消</textarea>" in page
    assert 'name="seen_as" value="suspended"' in page
