"""What the page tells the second officer before publishing, or whoever closes a version, comes true."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from policies.authoring.publish import activate_due, close_version
from policies.authoring.suspend import suspend_version
from policies.models import NamedClause, PolicyVersion, Pool, Track, VersionStatus
from policies.preview import exact as whole_city
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.deliveries import make_all_deliveries
from tests.factories.people import give_rights, give_roles, make_officer
from tests.factories.policies import make_published, make_submitted, match_all, publish_version
from tests.factories.white_lists import LAST_DAY, list_row, make_list_version, make_published_list
from tests.functional.officers.test_policy_admin import address, stands

pytestmark = pytest.mark.django_db

SOON = timezone.localdate() + dt.timedelta(days=1)


@pytest.fixture
def second() -> Client:
    return sign_in_official("officer")


def read(client: Client, version: PolicyVersion, page: str = "publish") -> str:
    return client.get(address(version, page)).content.decode()


def test_the_writer_takes_it_back_from_the_page_that_says_why_she_cannot_publish() -> None:
    version, author = make_submitted("true"), Client(headers={"accept-language": "en"})
    give_roles(give_rights(version.submitted_by, is_staff=True), "officer")
    author.force_login(version.submitted_by)
    assert f'<a href="{address(version, "take_back")}"' in read(author, version)
    assert author.get(address(version, "take_back")).status_code == 200


def test_an_estimate_says_that_it_is_one(second: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_all_deliveries()
    for _ in range(40):
        make_company()
    version = make_submitted("true")
    assert "40 subjects of 40 firms are entitled to ¥4,000.00 in all" in read(second, version)
    monkeypatch.setattr(whole_city, "SAMPLE_FIRMS", 20)
    page = read(second, version)
    assert re.search(r"The figures are an estimate by \d+ firms drawn by lot\.", page)


def test_a_pool_that_is_divided_is_shared_and_nobody_waits(second: Client) -> None:
    make_all_deliveries()
    for _ in range(3):
        make_company()
    old = make_published("true")
    version = make_submitted("true", policy=old.policy, pool=Pool.PROPORTIONAL, granted_cny=Decimal(150))
    page = read(second, version)
    assert (
        "3 subjects of 3 firms share the ¥150.00 that is granted, in proportion to amounts of ¥300.00 in all." in page
    )
    page = read(second, version, "who_matches")
    assert "is divided among them in proportion to these amounts" in page
    assert "the last to claim would wait" not in page
    assert "these are the amounts before it is divided" in read(second, version, "back_test")
    assert "the last to claim would wait" in read(
        second, make_submitted("true", granted_cny=Decimal(150)), "who_matches"
    )


def test_before_a_list_counts_nobody_is_said_to_be_entitled(second: Client) -> None:
    make_all_deliveries()
    make_company()
    version = make_submitted("true", track=Track.WHITELIST, closes_on=LAST_DAY)
    page = read(second, version)
    assert "No list of it counts yet: only whom one names is entitled." in page
    assert "are entitled to" not in page


def test_the_lists_of_the_version_in_force_are_said_not_to_count_for_its_successor(second: Client) -> None:
    make_all_deliveries()
    company = make_company()
    old = make_list_version()
    make_published_list(old, list_row(company, 5))
    match_all()
    new = make_submitted(policy=old.policy, track=Track.WHITELIST, closes_on=LAST_DAY, amount="200000")
    page = read(second, new)
    assert f"{old} is closed then, and its lists do not count for this one" in page
    assert "passes to this one" not in page
    # Publishing does what the page says.
    right = company.entitlements.get()
    assert right.status == "open"
    publish_version(new, replaces=old)
    match_all()
    right.refresh_from_db()
    assert right.status == "withdrawn"


def test_a_suspension_of_the_version_in_force_is_said_to_stay(second: Client) -> None:
    old = make_published("true")
    suspend_version(version=old, actor=make_officer("first"), reason="a doubt", now=NOW)
    page = read(second, make_submitted("true", policy=old.policy))
    assert f"{old} is suspended: what was claimed under it waits until that is lifted" in page


def test_an_older_version_that_waits_for_its_day_is_said_to_take_the_place_of_a_newer_one(second: Client) -> None:
    first = make_published("true")
    waiting = publish_version(
        make_submitted("true", policy=first.policy, effective_on=SOON), replaces=first, now=timezone.now()
    )
    newest = make_submitted("true", policy=first.policy)
    page = read(second, newest)
    assert f"{waiting} waits for its day" in page
    assert "takes its place then" in page
    # Publishing does what the page says.
    publish_version(newest, replaces=first, now=timezone.now())
    activate_due(now=timezone.now() + dt.timedelta(days=1))
    assert (stands(newest), stands(waiting)) == (VersionStatus.CLOSED, VersionStatus.PUBLISHED)


def test_a_version_that_waits_for_its_day_is_called_off_and_nothing_lapses(second: Client) -> None:
    old = make_published("true")
    new = publish_version(
        make_submitted("true", policy=old.policy, effective_on=SOON), replaces=old, now=timezone.now()
    )
    page = read(second, new, "close")
    assert "It does not come into force; nobody has anything by it yet." in page
    assert f"{old} stays in force." in page
    for untrue in ("lapse", "Firms read your reason", "is paid all the same"):
        assert untrue not in page, untrue


def test_closing_before_the_successors_day_says_that_it_comes(second: Client) -> None:
    make_all_deliveries()
    make_company()
    old = make_published("true")
    match_all()
    new = publish_version(
        make_submitted("true", policy=old.policy, effective_on=SOON), replaces=old, now=timezone.now()
    )
    page = read(second, old, "close")
    assert "1 entitlement that nobody has claimed lapses: ¥100.00." in page
    assert f"{new} comes into force on" in page
    assert "for good" not in page
    assert f"{new} comes into force on" in read(second, old, "suspend"), "a suspension does not stop it either"


def test_what_came_into_force_since_the_page_was_read_is_not_closed_by_it(second: Client) -> None:
    new = publish_version(make_submitted("true", effective_on=SOON), now=timezone.now())
    assert f'name="seen_as" value="{VersionStatus.SCHEDULED}"' in read(second, new, "close")
    activate_due(now=timezone.now() + dt.timedelta(days=1))
    typed = {"because": "not this year", "seen_as": VersionStatus.SCHEDULED}
    page = second.post(address(new, "close"), typed).content.decode()
    assert f"{new} is “published” by now; read again what follows." in page
    assert ">not this year</textarea>" in page
    assert stands(new) == VersionStatus.PUBLISHED
    second.post(address(new, "close"), typed | {"seen_as": VersionStatus.PUBLISHED})
    assert stands(new) == VersionStatus.CLOSED


def test_lifting_the_suspension_of_a_closed_version_promises_no_decision(second: Client) -> None:
    version = make_published("true")
    suspend_version(version=version, actor=make_officer("first"), reason="a doubt", now=NOW)
    decides = "The whole city is decided again"
    assert decides in read(second, version, "lift")
    close_version(version=version, actor=make_officer(), because="no money left", now=NOW)
    assert decides not in read(second, version, "lift")


def test_a_copy_says_which_clauses_the_library_words_otherwise_by_now(second: Client) -> None:
    names = {"name_zh": "经营正常", "title_zh": "经营正常", "title_en": "Sound"}
    clause = NamedClause.objects.create(name="sound", feel="true", **names)
    version = make_published("sound")
    assert "these read otherwise now" not in read(second, version, "copy")
    NamedClause.objects.filter(pk=clause.pk).update(feel="not(false)")
    assert "these read otherwise now: sound." in read(second, version, "copy")
