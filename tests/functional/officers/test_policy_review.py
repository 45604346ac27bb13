"""The reviewer's page, the comparison of versions, and the record of every step."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from policies.authoring.parts import ExampleText
from policies.models import VersionStatus
from tests.factories.clients import sign_in_official
from tests.factories.companies import make_company
from tests.factories.deliveries import make_all_deliveries
from tests.factories.people import give_roles
from tests.factories.policies import make_draft, make_published, make_submitted
from tests.functional.officers.test_policy_admin import address, stands

pytestmark = pytest.mark.django_db


def read(client: Client, version: object, page: str = "change", **query: object) -> str:
    return client.get(address(version, page), query).content.decode().replace("&quot;", '"')


def test_the_reviewer_reads_what_changes_what_follows_and_the_examples(officer: Client) -> None:
    make_all_deliveries()
    make_company()
    old = make_published('company.size = "small"')
    examples = [ExampleText("a shop", {"company": {"size": "micro"}}, "eligible", Decimal(100))]
    new = make_submitted('company.size in ("small", "micro")', policy=old.policy, examples=examples)
    page = read(officer, new, "publish")
    for said in (
        f"What changes against {old}",
        "<del>=</del><ins>in</ins>",
        "a shop: eligible, ¥100.00",
        "Submitted by writer",
        f"{old} is closed then",
        address(new, "back_test"),
        address(new, "who_matches"),
        "I have read what changes",
    ):
        assert said in page, said


def test_the_writer_reads_why_she_cannot_publish(officer: Client) -> None:
    version = make_submitted("true", actor=None)
    writer = Client(headers={"accept-language": "en"})
    writer.force_login(version.submitted_by)
    give_roles(version.submitted_by, "officer")
    page = read(writer, version, "publish")
    assert "somebody else has to publish it" in page
    assert "I have read what changes" not in page
    assert "The writer gave no example" in page
    assert stands(version) == VersionStatus.SUBMITTED


def test_two_versions_are_compared_whichever_they_are(officer: Client) -> None:
    first = make_draft('company.size = "small"')
    assert "only version" in read(officer, first, "changes")
    second = make_draft('company.size = "large"', policy=first.policy)
    third = make_draft('company.size = "micro"', policy=first.policy)
    assert "<del>large</del><ins>micro</ins>" in read(officer, third, "changes")
    assert "<del>small</del><ins>micro</ins>" in read(officer, third, "changes", **{"with": first.number})
    assert "<del>large</del><ins>small</ins>" in read(officer, first, "changes", **{"with": second.number})
    assert "<del>large</del><ins>micro</ins>" in read(officer, third, "changes", **{"with": "nonsense"})
    assert "<del>large</del><ins>micro</ins>" in read(sign_in_official("auditor"), third, "changes")
    assert sign_in_official("department").get(address(third, "changes")).status_code == 403


def test_a_rule_in_a_comparison_is_text_and_nothing_else(officer: Client) -> None:
    first = make_draft("true")
    second = make_draft('company.industry = "<script>alert(1)</script>"', policy=first.policy)
    assert "<script>alert(1)" not in read(officer, second, "changes")


def test_every_step_is_read_on_the_versions_page(officer: Client) -> None:
    version = make_submitted("true")
    officer.post(address(version, "send_back"), {"because": "Name the year."})
    page = read(officer, version)
    assert "Name the year." in page
    assert "submitted for review → draft" in page
    assert "writer" in page
    assert officer.get(address(version)).content.count(b"<textarea")
    assert sign_in_official("officer", "other").post(address(version, "submit")).status_code == 302
    assert "draft → submitted for review" in read(officer, version)
    # A version that was submitted once cannot be deleted.
    assert b"deletelink" not in officer.get(address(version)).content
