"""The curve of a fund and the day when it is used up; alarms that are raised once; the page that shows both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from payouts.ledger.alerts import raise_alarms
from payouts.ledger.curve import DAYS_SHOWN, compute_curve
from payouts.ledger.funds import open_funds
from payouts.ledger.pace import compute_pace
from payouts.models import Fund, FundAlarm
from policies.models import PolicyVersion
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW, TODAY
from tests.factories.entitlements import make_entitlement, make_version
from tests.factories.payouts import grant_more
from tests.factories.rows import refusal_of
from tests.functional.conftest import browser  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def claimed(version: PolicyVersion, amount: int, *, days_ago: int = 0) -> None:
    right = make_entitlement(of=version, amount_cny=amount)
    now = NOW - timedelta(days=days_ago)
    claim_entitlements(entitlement_ids=[right.pk], company=None, commitment="", actor=None, now=now)


def fund_of(version: PolicyVersion) -> Fund:
    return Fund.objects.get(version=version)


def test_the_pace_of_two_weeks_says_when_it_is_used_up() -> None:
    version = make_version(granted_cny=10_000)
    open_funds(version_ids=[version.pk], now=NOW - timedelta(days=30))
    for days_ago in range(14):
        claimed(version, 100, days_ago=days_ago)
    shown = compute_curve(fund=fund_of(version), today=TODAY)
    assert shown.pace_cny == 100
    assert shown.exhausted_on == TODAY + timedelta(days=86)
    assert [day.available_cny for day in shown.days[-3:]] == [8_800, 8_700, 8_600]
    assert len(shown.days) == 31
    assert all(
        0 <= position.available_top <= 100 and 0 <= position.disbursed_height <= 100 for position in shown.positions
    )


def test_the_last_day_is_one_on_which_something_is_left() -> None:
    version = make_version(granted_cny=400)
    open_funds(version_ids=[version.pk], now=NOW)
    claimed(version, 150)
    # With 150 a day, the remaining 250 last into the second day.
    assert compute_curve(fund=fund_of(version), today=TODAY).exhausted_on == TODAY + timedelta(days=2)


def test_a_grant_on_the_way_is_no_part_of_the_pace() -> None:
    version = make_version(granted_cny=10_000)
    open_funds(version_ids=[version.pk], now=NOW - timedelta(days=2))
    claimed(version, 300, days_ago=1)
    grant_more(50_000, to=version)
    assert compute_curve(fund=fund_of(version), today=TODAY).pace_cny == 100


def test_claims_of_tomorrow_are_a_days_pace() -> None:
    version = make_version(granted_cny=10_000)
    open_funds(version_ids=[version.pk], now=NOW)
    claimed(version, 300, days_ago=-1)
    same = SimpleNamespace(before_cny=Decimal(0), after_cny=Decimal(0))
    shown = compute_pace(in_force=version, draft=version, compared=same, now=NOW)
    assert shown is not None
    assert (shown.days, shown.daily_cny) == (1, 300)


def test_without_claims_nothing_says_when() -> None:
    version = make_version(granted_cny=10_000)
    open_funds(version_ids=[version.pk], now=NOW - timedelta(days=200))
    shown = compute_curve(fund=fund_of(version), today=TODAY)
    assert (shown.exhausted_on, shown.pace_cny, len(shown.days)) == (None, 0, DAYS_SHOWN)
    empty = make_version(granted_cny=0)
    open_funds(version_ids=[empty.pk], now=NOW)
    assert compute_curve(fund=fund_of(empty), today=TODAY).days == ()


def test_money_that_lasts_long_is_not_said_to_have_no_pace(
    browser: Callable[..., Client],  # noqa: F811 - the fixture
) -> None:
    version = make_version(granted_cny=1_000_000)
    right = make_entitlement(of=version, amount_cny=100)
    claim_entitlements(entitlement_ids=[right.pk], company=None, commitment="", actor=None, now=timezone.now())
    page = browser("somebody", role="finance").get(reverse("admin:payouts_fund_course", args=[fund_of(version).pk]))
    assert "the fund lasts longer than ten years" in page.content.decode()
    assert "Nothing was claimed" not in page.content.decode()


def test_an_alarm_is_raised_once_for_what_was_granted() -> None:
    version = make_version(granted_cny=1_000)
    claimed(version, 790)
    assert raise_alarms(now=NOW) == 0
    claimed(version, 10)
    assert (raise_alarms(now=NOW), raise_alarms(now=NOW)) == (1, 0)
    claimed(version, 200)
    assert raise_alarms(now=NOW) == 1
    assert list(FundAlarm.objects.order_by("pk").values_list("percentage", "available_cny")) == [(80, 200), (95, 0)]
    grant_more(1_000, to=version)
    assert raise_alarms(now=NOW) == 0
    claimed(version, 700)
    assert raise_alarms(now=NOW) == 1


def test_an_alarm_is_true_and_kept() -> None:
    version = make_version(granted_cny=1_000)
    claimed(version, 1_000)
    raise_alarms(now=NOW)
    assert refusal_of("DELETE FROM payouts_fundalarm") == "fund_alarm_is_kept"
    insert = (
        "INSERT INTO payouts_fundalarm (fund_id, percentage, granted_cny, available_cny, raised_at)"
        f" VALUES ({fund_of(version).pk}, 80, %s, %s, now())"
    )
    assert refusal_of(insert % (2_000, 1_000)) == "fund_alarm_is_true"
    assert refusal_of(insert % (1_000, 0)) == "fund_alarm_once"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(
    ("role", "status"), [("finance", 200), ("auditor", 200), ("officer", 200), ("department", 403)]
)
def test_the_page_shows_the_curve_to_who_sees_the_fund(
    browser: Callable[..., Client],  # noqa: F811 - the fixture
    role: str,
    status: int,
    language: str,
) -> None:
    version = make_version(granted_cny=1_000)
    right = make_entitlement(of=version, amount_cny=900)
    claim_entitlements(entitlement_ids=[right.pk], company=None, commitment="", actor=None, now=timezone.now())
    raise_alarms(now=timezone.now())
    client = browser("somebody", role=role, language=language)
    answer = client.get(reverse("admin:payouts_fund_course", args=[fund_of(version).pk]))
    assert answer.status_code == status
    if status == 200:
        text = answer.content.decode()
        assert "<polyline" in text
        assert "¥900.00" in text
    listed = client.get(reverse("admin:payouts_fund_changelist"), {"alarm": "80"})
    assert listed.status_code == status
