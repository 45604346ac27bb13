"""What people write out of habit is refused with what a rule writes instead."""

from __future__ import annotations

import pytest

from policies.feel import Definitions, FeelError, check
from tests.spec.engines import CATALOGUE

HABITS = [
    ('company.size = "small" AND true', "AND", "and"),
    ('company.size = "small" 且 true', "且", "and"),
    ("not company.is_state_owned", "not company", "not(…)"),
    ("company.size is null", "size is null", "… = null"),
    ("company.size is not null", "size is not null", "… != null"),
    ("company.staff <> 5", "<>", "!="),
    ("company.staff > 1,000,000", "1,000,000", "1000000"),
    ("company.staff > 100万", "100万", "1000000"),
    ("company.staff > 1.5 million", "1.5 million", "1500000"),
    ('company.size like "s%"', "like", 'starts with(text, "C")'),
    ("Sum(tax.revenue)", "Sum", "sum"),
    ("AVG(tax.revenue)", "AVG", "mean(…)"),
    ("year(company.founded_on)", "year", "….year"),
    ("today() > company.founded_on", "today", "as_of"),
    ("IF(true, 1, 2)", "IF", "if … then … else …"),
    ("is empty(tax)", "is empty", "count(…) = 0"),
]


@pytest.mark.parametrize(("rule", "found", "instead"), HABITS)
def test_a_habit_is_answered_with_what_to_write(rule: str, found: str, instead: str) -> None:
    with pytest.raises(FeelError) as refused:
        check(rule, catalogue=CATALOGUE, definitions=Definitions())
    assert refused.value.message == f"Write {instead} instead of “{found}”."
    assert rule[refused.value.position :].startswith(found)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ('company.founded_on > "2022-01-01"', 'a day is written date("2024-03-31")'),
        ("company.founded_on > 2022-01-01", 'a day is written date("2024-03-31")'),
        ("as_of - company.founded_on > 365", "take the .days of the duration"),
        ('duration(company.size) > duration("P1D")', 'a written one like "P1Y"'),
    ],
)
def test_a_day_and_a_duration_are_told_how_they_are_written(rule: str, told: str) -> None:
    with pytest.raises(FeelError) as refused:
        check(rule, catalogue=CATALOGUE, definitions=Definitions())
    assert told in refused.value.message


@pytest.mark.parametrize("rule", ['contains("100万", "万")', '"AND" = "1,000"', "sum([1,000]) = 1", "max(1,234,5) > 1"])
def test_what_is_right_stays_right(rule: str) -> None:
    assert check(rule, catalogue=CATALOGUE)
