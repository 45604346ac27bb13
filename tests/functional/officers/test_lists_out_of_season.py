"""
An officer who publishes a list reads until when firms can claim; a list of a closed version says that it is closed.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from policies.authoring.publish import close_version
from policies.authoring.suspend import suspend_version
from policies.models import PolicyVersion, WhiteList
from tests.factories.clients import sign_in_official
from tests.factories.companies import make_company
from tests.factories.people import make_officer
from tests.factories.policies import make_submitted, publish_version
from tests.factories.white_lists import list_row, make_checked_list, make_list_version, make_published_list

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
AT_ONCE = "can claim from now on"


@pytest.fixture
def reader() -> Client:
    return sign_in_official("officer")


def open_today(**window: object) -> PolicyVersion:
    now, today = timezone.now(), timezone.localdate()
    return make_list_version(now=now, **({"opens_on": today, "closes_on": today + 30 * DAY} | window))


def asked(reader: Client, white_list: WhiteList) -> str:
    page = reverse("admin:policies_whitelist_publish", args=[white_list.pk])
    return reader.get(page).content.decode()


def test_while_the_window_is_open_it_counts_at_once(reader: Client) -> None:
    white_list = make_checked_list(open_today(), list_row(make_company(), 5))
    assert AT_ONCE in asked(reader, white_list)
    page = reverse("admin:policies_whitelist_publish", args=[white_list.pk])
    assert "whom it names can claim in a moment" in reader.post(page, follow=True).content.decode()


def test_after_the_last_day_nobody_is_promised_anything(reader: Client) -> None:
    white_list = make_checked_list(make_list_version(), list_row(make_company(), 5))
    page = asked(reader, white_list)
    assert "The last day of claims was" in page
    assert AT_ONCE not in page
    posted = reverse("admin:policies_whitelist_publish", args=[white_list.pk])
    said = reader.post(posted, follow=True).content.decode()
    assert "The list is published." in said
    assert "in a moment" not in said


def test_under_a_suspension_it_counts_once_that_is_lifted(reader: Client) -> None:
    version = open_today()
    white_list = make_checked_list(version, list_row(make_company(), 5))
    suspend_version(version=version, actor=make_officer("first"), reason="a doubt", now=timezone.now())
    page = asked(reader, white_list)
    assert "Its version is suspended" in page
    assert AT_ONCE not in page


def test_before_the_first_day_the_day_is_named(reader: Client) -> None:
    version = open_today(opens_on=timezone.localdate() + 5 * DAY)
    page = asked(reader, make_checked_list(version, list_row(make_company(), 5)))
    assert "Whom it names can claim from" in page
    assert AT_ONCE not in page


def test_a_version_that_waits_for_its_day_is_waited_for(reader: Client) -> None:
    now, today = timezone.now(), timezone.localdate()
    waiting = make_submitted(track="whitelist", opens_on=today, closes_on=today + 30 * DAY, effective_on=today + DAY)
    page = asked(reader, make_checked_list(publish_version(waiting, now=now), list_row(make_company(), 5)))
    assert "Whom it names can claim from" in page
    assert AT_ONCE not in page


@pytest.mark.parametrize("made", [make_checked_list, make_published_list])
def test_a_list_of_a_version_that_was_closed_does_not_say_that_it_counts(reader: Client, made: object) -> None:
    version = open_today()
    white_list = made(version, list_row(make_company(), 5))  # type: ignore[operator]
    close_version(version=version, actor=make_officer(), because="no money left", now=timezone.now())
    page = reader.get(reverse("admin:policies_whitelist_change", args=[white_list.pk])).content.decode()
    assert "Its version is closed: nothing can be claimed by it any more." in page
    for untrue in ("its rows count", "it waits for another officer"):
        assert untrue not in page
