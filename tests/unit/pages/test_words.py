"""How durations, lists of names and numbers with their units are written for people."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils.translation import override

from policies.explain.evidence import value_with_unit
from qinqing.templatetags.words import duration, enumerated

HOUR, DAY = 3600, 86_400


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (None, "–", "–"),
        (3.25, "3.2 秒", "3.2 seconds"),
        (59 * 60, "59 分钟", "59 minutes"),
        (23 * HOUR + 59, "23 小时", "23 hours"),
        (DAY, "1 天", "1 day"),
        (DAY + HOUR, "1 天 1 小时", "1 day 1 hour"),
        (168 * HOUR, "7 天", "7 days"),
        (7 * DAY + 5 * HOUR, "7 天 5 小时", "7 days 5 hours"),
    ],
)
def test_a_duration_says_days(seconds: float | None, zh: str, en: str) -> None:
    with override("zh-hans"):
        assert duration(seconds) == zh
    with override("en"):
        assert duration(seconds) == en


def test_a_number_that_only_looks_like_a_day_is_written_as_it_is() -> None:
    assert value_with_unit(path="company.name", value="2024-13-01", subject="company") == "2024-13-01"


def test_names_are_joined_by_the_comma_of_the_language() -> None:
    with override("zh-hans"):
        assert enumerated(["甲", "乙"]) == "甲、乙"
    with override("en"):
        assert enumerated(["A", "B", "C"]) == "A, B, C"


@pytest.mark.parametrize(
    ("path", "value", "zh", "en"),
    [
        ("tax[year = 2024].revenue", 5_000_000, "5,000,000 元", "5,000,000 yuan"),
        ("tax[year = 2024].revenue", 5_000_000.0, "5,000,000 元", "5,000,000 yuan"),
        ("tax[year = 2024].revenue", Decimal("0.50"), "0.50 元", "0.50 yuan"),
        ("annual_report[year = 2024].staff", 1, "1 人", "1 person"),
        ("annual_report[year = 2024].staff", Decimal(7), "7 人", "7 people"),
        ("company.is_government_unit", True, "是", "yes"),
        ("annual_report[year = 2024].staff", None, "未知", "not known"),
        ("tax[year = 2024].revenue + 1", 3, "3", "3"),
    ],
)
def test_a_number_has_its_unit(path: str, value: object, zh: str, en: str) -> None:
    with override("zh-hans"):
        assert value_with_unit(path=path, value=value, subject="company") == zh
    with override("en"):
        assert value_with_unit(path=path, value=value, subject="company") == en
