"""The desk refuses a draft's form that was opened before the last save, and writes nothing of it."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils.translation import override

from policies.authoring.admin.forms import VersionForm
from policies.authoring.review import submit_version
from policies.models import PolicyVersion
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.deliveries import make_all_deliveries
from tests.factories.people import make_officer
from tests.factories.policies import make_draft
from tests.functional.officers.test_policy_admin import address, form

pytestmark = pytest.mark.django_db

SENTENCE = "Somebody, or you in another window, changed this since you opened it; open it again"


@pytest.fixture
def version() -> PolicyVersion:
    return PolicyVersion.objects.get(pk=make_draft("true", granted_cny=1000, opens_on="2026-03-02").pk)


def opened(officer: Client, version: PolicyVersion, rule: str = "false", **changed: object) -> dict[str, object]:
    """What the browser would post from the page as it is now, with another condition."""
    page = officer.get(address(version)).content.decode()
    found = re.search(r'<input type="hidden" name="seen" value="(\w+)"', page)
    assert found
    return form(version, clauses=[("1", rule)], **changed) | {"seen": found[1]}


def rules(version: PolicyVersion) -> list[str]:
    return list(version.clauses.values_list("feel", flat=True))


def is_refused(officer: Client, version: PolicyVersion, posted: dict[str, object]) -> bool:
    before = rules(version)
    answer = officer.post(address(version), posted)
    page = answer.content.decode()
    assert answer.status_code == 302 or f'href="{address(version)}"' in page
    return SENTENCE in page and rules(version) == before


def test_an_example_that_was_taken_in_another_window_stays(officer: Client, version: PolicyVersion) -> None:
    make_all_deliveries()
    posted = opened(officer, version)
    officer.post(address(version, "examples"), {"credit_code": make_company().credit_code})
    assert version.examples.count() == 1
    assert is_refused(officer, version, posted)
    assert version.examples.count() == 1


def test_a_field_that_somebody_else_wrote_stays(officer: Client, version: PolicyVersion) -> None:
    posted = opened(officer, version, granted_cny="5")
    assert (
        sign_in_official("officer", "another")
        .post(address(version), opened(officer, version, "true", granted_cny="7000"))
        .status_code
        == 302
    )
    assert is_refused(officer, version, posted)
    assert PolicyVersion.objects.get(pk=version.pk).granted_cny == 7000


def test_back_and_save_is_answered_with_the_sentence(officer: Client, version: PolicyVersion) -> None:
    posted = opened(officer, version, "true")
    assert not is_refused(officer, version, posted)
    assert is_refused(officer, version, posted)
    assert is_refused(officer, version, posted), "the answer's own form was opened no later"
    assert not is_refused(officer, version, opened(officer, version, "true"))


def test_a_form_that_does_not_say_when_it_was_opened_is_refused(officer: Client, version: PolicyVersion) -> None:
    posted = opened(officer, version)
    del posted["seen"]
    assert is_refused(officer, version, posted)


def test_what_was_wrong_can_be_mended_and_saved(officer: Client, version: PolicyVersion) -> None:
    posted = opened(officer, version, "company.siez = 1")
    page = officer.post(address(version), posted).content.decode()
    assert SENTENCE not in page
    assert str(posted["seen"]) in page
    assert not is_refused(officer, version, posted | {"clauses-0-feel": "not(false)"})
    assert rules(version) == ["not(false)"]


def test_what_was_submitted_after_the_form_was_read_is_not_written_in(version: PolicyVersion) -> None:
    posted, read = form(version, clauses=[("1", "true")]), PolicyVersion.objects.get(pk=version.pk)
    submit_version(version=version, actor=make_officer("writer"), now=NOW)
    with override("en"):
        given = VersionForm(posted, instance=read)
        assert not given.is_valid()
        assert "changed this since you opened it" in str(given.errors)
