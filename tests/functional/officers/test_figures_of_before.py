"""Figures over every firm say which rules they were worked out from, and can be worked out again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from policies.authoring.publish import publish_version as publish
from policies.models import PolicyVersion, PreviewRun, Track
from policies.preview.figures import BackTest
from policies.preview.run import ask_for_preview, preview_due
from policies.preview.serialise import from_json
from policies.white_lists.lists import check_list, publish_list
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.deliveries import make_all_deliveries
from tests.factories.people import make_officer
from tests.factories.policies import make_draft, make_published, make_submitted, publish_version
from tests.factories.white_lists import LAST_DAY, list_row, make_draft_list
from tests.functional.officers.test_policy_admin import address

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> Client:
    return sign_in_official("officer")


def read(client: Client, version: PolicyVersion, page: str = "who_matches") -> str:
    return client.get(address(version, page)).content.decode()


def decided(version: PolicyVersion) -> PreviewRun:
    ask_for_preview(version=version, actor=None, now=NOW)
    assert preview_due(clock=lambda: NOW)
    return PreviewRun.objects.latest("pk")


def test_a_back_test_against_a_version_that_was_replaced_is_not_shown_as_one_against_its_successor(
    reader: Client,
) -> None:
    make_all_deliveries()
    make_company()
    first = make_published("true", amount="1000")
    third = make_draft("true", policy=first.policy, amount="500")
    kept = decided(third)
    assert kept.back_test is not None
    assert "−¥500.00" in read(reader, third, "back_test")
    second = publish_version(make_submitted("true", policy=first.policy, amount="200"), replaces=first)
    page = read(reader, third, "back_test")
    assert f"{second}, which is in force, against {third}" in page
    assert "+¥300.00" in page
    assert "−¥500.00" not in page


def test_a_back_test_of_before_names_no_version_and_is_not_shown(reader: Client) -> None:
    make_all_deliveries()
    make_company()
    first = make_published("true", amount="1000")
    second = make_draft("true", policy=first.policy, amount="500")
    kept = decided(second)
    assert kept.back_test is not None
    stored = {name: value for name, value in kept.back_test.items() if name != "against"} | {"after_cny": "7.00"}
    PreviewRun.objects.update(back_test=stored)
    assert from_json(BackTest, stored).after_cny == Decimal("7.00")
    assert "¥7.00" not in read(reader, second, "back_test")


def test_every_firm_can_be_decided_again_by_the_facts_of_today(reader: Client) -> None:
    make_all_deliveries()
    make_company()
    version = make_draft("true", amount="100")
    assert "Decide every firm again" not in read(reader, version)
    decided(version)
    make_company()
    page = read(reader, version)
    assert "1 firm was decided" in page
    assert "Decide every firm again" in page
    assert "load, submit" not in page
    decided(version)
    assert "all 2 firms were decided" in read(reader, version)
    assert "Decide every firm again" not in read(sign_in_official("auditor"), version)


def test_figures_of_before_a_list_counted_are_not_shown_as_those_of_the_list(reader: Client) -> None:
    make_all_deliveries()
    named, _other = make_company(), make_company()
    version = make_submitted("true", track=Track.WHITELIST, closes_on=LAST_DAY, amount="200000")
    decided(version)
    assert "all 2 firms were decided" in read(reader, version)
    publish(version=version, actor=make_officer(), now=NOW)
    white_list = make_draft_list(version, list_row(named, 900))
    later = timezone.now() + timedelta(minutes=1)
    check_list(white_list=white_list, actor=make_officer("clerk"), now=later)
    publish_list(white_list=white_list, actor=make_officer(), now=later)
    page = read(reader, version)
    assert "Only whom a published list names is counted" in page
    assert "The version or its lists were changed after it was last decided" in page
    assert "¥900.00" in page
    assert "¥400,000.00" not in page
