"""The portal promises seconds only where the money arrives in seconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company
from policies.models import PolicyVersion
from tests.factories.entitlements import make_entitlement
from tests.functional.conftest import in_force
from tests.functional.portal.test_halted import by_files

pytestmark = pytest.mark.django_db

SECONDS = "The money is reserved at once and usually arrives within seconds."
MIXED = "Part of it usually arrives within seconds, the rest in some days"
PUBLIC = "paid when its days on the public list are over"
BATCH = "paid with the next batch of its bank, in some days"
DAYS = "arrives in some days, as each policy says"


def publicised() -> PolicyVersion:
    return in_force(track="publicised", publicise_days=5)


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ([in_force, in_force], SECONDS),
        ([publicised, publicised], PUBLIC),
        ([by_files], BATCH),
        ([in_force, publicised], MIXED),
        ([in_force, by_files], MIXED),
        ([by_files, publicised], DAYS),
    ],
)
def test_the_button_promises_what_its_offers_keep(
    owner: Client, firm: Company, kinds: list[Callable[[], PolicyVersion]], said: str
) -> None:
    for kind in kinds:
        make_entitlement(of=kind(), company=firm)
    text = owner.get(reverse("firm", args=[firm.credit_code])).content.decode()
    assert said in text
    assert [other for other in (SECONDS, MIXED, PUBLIC, BATCH, DAYS) if other in text] == [said]
    assert ("paid with the next batch, in some days" in text) is (by_files in kinds)


def notice(version: PolicyVersion) -> str:
    client = Client(headers={"accept-language": "en"})
    return client.get(reverse("policy", args=[version.policy.code])).content.decode()


def test_the_notice_promises_no_hour_and_after_the_last_day_nothing() -> None:
    text = notice(in_force())
    assert "the money is reserved at once and then sent to the bank" in text
    assert "Claims ended on" not in text
    over = notice(in_force(closes_on=timezone.localdate() - timedelta(days=1)))
    assert "Claims ended on" in over
    assert "Sign in and click once" not in over
