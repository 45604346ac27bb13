"""The reviewer's page, the comparison of versions, and the record of every step."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from policies.authoring.parts import ExampleText
from policies.models import VersionStatus
from tests.factories.policies import all_delivered, draft, firm, published, submitted
from tests.functional.test_policy_admin import address, client_of, stands

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Client:
    return client_of("officer")


def read(client: Client, version: object, page: str = "change", **query: object) -> str:
    return client.get(address(version, page), query).content.decode().replace("&quot;", '"')


def test_the_reviewer_reads_what_changes_what_follows_and_the_examples(officer: Client) -> None:
    all_delivered()
    firm()
    old = published('company.size = "small"')
    examples = [ExampleText("a shop", {"company": {"size": "micro"}}, "eligible", Decimal(100))]
    new = submitted('company.size in ("small", "micro")', policy=old.policy, examples=examples)
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
    version = submitted("true", actor=None)
    writer = Client(headers={"accept-language": "en"})
    writer.force_login(version.submitted_by)
    version.submitted_by.groups.add(*officer.get("/").wsgi_request.user.groups.all())
    page = read(writer, version, "publish")
    assert "somebody else has to publish it" in page
    assert "I have read what changes" not in page
    assert "The writer gave no example" in page
    assert stands(version) == VersionStatus.SUBMITTED


def test_two_versions_are_compared_whichever_they_are(officer: Client) -> None:
    first = draft('company.size = "small"')
    assert "only version" in read(officer, first, "changes")
    second = draft('company.size = "large"', policy=first.policy)
    third = draft('company.size = "micro"', policy=first.policy)
    assert "<del>large</del><ins>micro</ins>" in read(officer, third, "changes")
    assert "<del>small</del><ins>micro</ins>" in read(officer, third, "changes", **{"with": first.number})
    assert "<del>large</del><ins>small</ins>" in read(officer, first, "changes", **{"with": second.number})
    assert "<del>large</del><ins>micro</ins>" in read(officer, third, "changes", **{"with": "nonsense"})
    assert "<del>large</del><ins>micro</ins>" in read(client_of("auditor"), third, "changes")
    assert client_of("department").get(address(third, "changes")).status_code == 403


def test_a_rule_in_a_comparison_is_text_and_nothing_else(officer: Client) -> None:
    first = draft("true")
    second = draft('company.industry = "<script>alert(1)</script>"', policy=first.policy)
    assert "<script>alert(1)" not in read(officer, second, "changes")


def test_every_step_is_read_on_the_versions_page(officer: Client) -> None:
    version = submitted("true")
    officer.post(address(version, "send_back"), {"because": "Name the year."})
    page = read(officer, version)
    assert "Name the year." in page
    assert "submitted for review → draft" in page
    assert "writer" in page
    assert officer.get(address(version)).content.count(b"<textarea")
    assert client_of("officer", "other").post(address(version, "submit")).status_code == 302
    assert "draft → submitted for review" in read(officer, version)
    # What somebody has reviewed is kept.
    assert b"deletelink" not in officer.get(address(version)).content
