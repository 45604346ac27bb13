"""Amounts, durations and facts as people read them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation
from django.utils.formats import number_format

from policies.explain.evidence import label_of, value_in_words
from qinqing.templatetags.words import cny, cny_whole, counted, duration, fen


@pytest.fixture(autouse=True)
def _english() -> object:
    with translation.override("en"):
        yield


def test_money_has_thousands_and_fen() -> None:
    assert cny(Decimal("1234567.5")) == "¥1,234,567.50"
    assert cny(None) == cny_whole(None) == "–"
    assert cny_whole(Decimal("820000000.49")) == "¥820,000,000"
    assert counted(757_000) == "757,000"


def test_the_script_adds_up_whole_fen() -> None:
    assert fen(Decimal("18942.49")) == "1894249"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (0.44, "0.4 seconds"),
        (59.9, "59.9 seconds"),
        (61, "1 minute"),
        (600, "10 minutes"),
        (7300, "2 hours"),
    ],
)
def test_durations(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("path", "subject", "label"),
    [
        ("company.ownership", "company", "Ownership"),
        ("tax[year = 2019].revenue", "company", "Tax by year (2019) · Revenue"),
        ('insurance[month = "2022-04"].insured', "company", "Social insurance by month (2022-04) · Insured headcount"),
        ('count(credit[kind = "zombie" and removed_on = null])', "company", "Credit records (zombie firm): entries"),
        ('count(risk_periods[started_on <= date("2022-04-30")])', "company", "Risk-area periods: entries"),
        ("employee.hired_on", "employee", "This employee · Hired on"),
        ("gone.since_long", "company", "gone.since_long"),
    ],
)
def test_a_path_of_the_rule_language_in_words(path: str, subject: str, label: str) -> None:
    assert label_of(path=path, subject=subject) == label


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("company.size", "small", "small"),
        ("company.size", None, "not known"),
        ("taxpayer.is_normal", True, "yes"),
        ("taxpayer.is_normal", False, "no"),
        ("tax[year = 2019].revenue", 1234567.5, "1,234,567.5"),
        ("company.founded_on", "2015-06-01", "June 1, 2015"),
        ("company.industry", "I6513", "I6513"),
    ],
)
def test_a_value_in_words(path: str, value: object, words: str) -> None:
    assert value_in_words(path=path, value=value) == words


def test_codes_have_names_in_chinese_too() -> None:
    with translation.override("zh-hans"):
        assert value_in_words(path="company.ownership", value="state") == "国有"
        assert label_of(path="tax[year = 2019].revenue", subject="company") == "年度纳税（2019） · 营业收入"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_amounts_have_their_thousands_apart_in_both_languages(language: str) -> None:
    with translation.override(language):
        assert number_format(Decimal("1234567.50"), decimal_pos=2, force_grouping=True) == "1,234,567.50"
