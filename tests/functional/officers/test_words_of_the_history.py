"""The steps of a version give the platform's reasons in the reader's language, and people's as they were written."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.translation import override

from policies.authoring.history import in_readers_language
from policies.authoring.publish import activate_due, close_version
from policies.authoring.suspend import suspend_version
from policies.models import PolicyVersion, SuspensionKind
from qinqing.kernel.text import Bilingual
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW, TODAY
from tests.factories.people import give_rights, make_officer
from tests.factories.policies import make_published, make_submitted, publish_version
from tests.functional.officers.test_policy_admin import address

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def clients() -> dict[str, Client]:
    english = sign_in_official("officer")
    chinese = Client(headers={"accept-language": "zh-hans"})
    chinese.force_login(english.get("/").wsgi_request.user)
    return {"en": english, "zh-hans": chinese}


def read(client: Client, version: PolicyVersion) -> str:
    return client.get(address(version)).content.decode()


def test_why_the_platform_stopped_it_is_read_in_either_language(clients: dict[str, Client]) -> None:
    version = make_published("true")
    why = Bilingual("税务数据过旧。", "The tax data is too old.")
    suspend_version(version=version, kind=SuspensionKind.STALE, reason=why, now=NOW)
    assert "The tax data is too old." in read(clients["en"], version)
    assert "税务数据过旧。" not in read(clients["en"], version)
    assert "税务数据过旧。" in read(clients["zh-hans"], version)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_that_its_day_came_and_that_it_was_replaced_is_read_in_either_language(
    language: str, clients: dict[str, Client]
) -> None:
    old = make_published("true")
    with override(language):
        new = publish_version(make_submitted("true", policy=old.policy, effective_on=TODAY + DAY), replaces=old)
        activate_due(now=NOW + DAY)
    assert f"replaced by {new}" in read(clients["en"], old)
    assert "its day has come" in read(clients["en"], new)
    assert f"由 {new} 取代" in read(clients["zh-hans"], old)
    assert "到期自动生效" in read(clients["zh-hans"], new)


def test_what_an_officer_wrote_stays_as_it_is(clients: dict[str, Client]) -> None:
    version = make_published("true")
    close_version(version=version, actor=make_officer(), because="replaced by a better rule", now=NOW)
    assert "replaced by a better rule" in read(clients["zh-hans"], version)
    with override("zh-hans"):
        assert in_readers_language("replaced by a better rule") == "replaced by a better rule"


def test_who_wrote_and_submitted_is_named_and_not_only_by_the_account(clients: dict[str, Client]) -> None:
    version = make_submitted("true")
    assert str(version.submitted_by) == "writer"
    give_rights(version.submitted_by, first_name="吴佳琪")
    assert "吴佳琪 (writer)" in read(clients["zh-hans"], version)
