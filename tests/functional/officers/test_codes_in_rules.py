"""Writer and reviewer read a warning when a rule asks for money received under a code that no policy has."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories.policies import make_policy, make_submitted
from tests.functional.officers.test_desk import looked_at
from tests.functional.officers.test_policy_admin import address

pytestmark = pytest.mark.django_db


def test_a_code_of_no_policy_is_told_with_the_one_that_is_meant(officer: Client) -> None:
    make_policy("P-24")
    said = looked_at(officer, 'count(received[policy = "P24" and period < "2023"]) = 0')
    assert "no policy has this code; write &quot;P-24&quot;." in said
    said = looked_at(officer, 'count(received[policy in ("P-24", "X-9")]) = 0')
    assert "is never “X-9”, no policy has this code; check it" in said
    assert "“P-24”" not in said


def test_a_code_of_a_policy_is_not_remarked_on(officer: Client) -> None:
    make_policy("P-24")
    assert "no policy has this code" not in looked_at(officer, 'count(received[policy = "P-24"]) = 0')


def test_the_second_officer_reads_it_before_publishing(officer: Client) -> None:
    version = make_submitted('count(received[policy = "P-O7"]) = 0')
    page = officer.get(address(version, "publish")).content.decode()
    assert "“received.policy” is never “P-O7”, no policy has this code" in page
