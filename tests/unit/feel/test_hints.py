"""If people write a rule out of habit from elsewhere, the refusal says what a rule writes instead."""

from __future__ import annotations

import pytest

from policies.feel.checking.check import check
from policies.feel.definitions import Definitions
from policies.feel.messages.errors import FeelError
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
    ("company.staff => 5", "=>", ">="),
    ("company.staff =< 5", "=<", "<="),
    ("company.staff > = 5", "> =", ">="),
    ("company.staff 不小于 5", "不小于", ">="),
    ("company.staff is 5", "is", "="),
    ("company.staff mod 2", "mod", "modulo(number, divisor)"),
    ('company.size 包含 "s"', "包含", "contains(text, part)"),
    ('company.size contains "s"', "contains", "contains(text, part)"),
    ('company.size not in ("small")', "size not", "not(… in (…))"),
    ("company.size = NULL", "NULL", "null"),
    ("True", "True", "true"),
    ("不是 company.is_state_owned", "不是 company", "not(…)"),
    ("IFNULL(company.staff, 0)", "IFNULL", "if … != null then … else …"),
    ("edate(company.founded_on, 12)", "edate", 'day + duration("P12M")'),
    ('datedif(company.founded_on, as_of, "d")', "datedif", "(day2 - day1).days"),
    ("sumifs(tax.revenue, tax.year, 2019)", "sumifs", "sum(records[condition].fact)"),
    ("vlookup(company.staff, 1)", "vlookup", "a decision table"),
    ("roundup(company.staff, 0)", "roundup", "round up(number, 2)"),
    ('company.size 属于 ("small", "large")', "属于", "in (…)"),
    ('not(company.size 不属于 ("small"))', "不属于", "not(… in (…))"),
    ('company.size 以 "s" 开头', "以", 'starts with(text, "C")'),
    ("company.founded_on > as_of - 2年", "2年", 'duration("P2Y")'),
    ("company.founded_on > as_of - 18 个月", "18 个月", 'duration("P18M")'),
    ("company.founded_on > as_of - 30天", "30天", 'duration("P30D")'),
    ("company.founded_on > 2020年1月5日", "2020年1月5日", 'date("2020-01-05")'),
    ("company.is_state_owned = 否", "否", "false"),
    ("company.staff = 未知", "未知", "null"),
    ("age(company.founded_on)", "age", "years and months duration(day1, day2).years"),
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
        ("company.founded_on + 365 < as_of", 'write day + duration("P30D") for 30 days'),
        ("as_of - 30 > company.founded_on", 'write day - duration("P30D") for 30 days'),
        ('duration(company.size) > duration("P1D")', 'takes a written text, like duration("P1Y6M")'),
    ],
)
def test_a_day_and_a_duration_are_told_how_they_are_written(rule: str, told: str) -> None:
    with pytest.raises(FeelError) as refused:
        check(rule, catalogue=CATALOGUE, definitions=Definitions())
    assert told in refused.value.message


WRITTEN_INSTEAD = [
    "modulo(company.staff, 2) = 0",
    'contains(company.size, "s")',
    'not(company.size in ("small"))',
    'company.founded_on + duration("P365D") < as_of',
    'company.founded_on + duration("P12M") < as_of',
    "years and months duration(company.founded_on, as_of).years >= 1",
    'substring(company.size, -2) = "ll"',
    "round up(company.staff, 2) > 1",
    "round down(company.staff, 2) > 1",
    "sum(for record in tax return record.revenue) > 1",
    "count(distinct values(tax.year)) > 1",
    "mean(tax[year = 2019].revenue) > 1",
    "(as_of - company.founded_on).days > 365",
    'string(company.staff) = "5"',
]


@pytest.mark.parametrize("rule", WRITTEN_INSTEAD)
def test_what_is_told_can_be_written(rule: str) -> None:
    assert check(rule, catalogue=CATALOGUE, definitions=Definitions())


@pytest.mark.parametrize("rule", ['contains("100万", "万")', '"AND" = "1,000"', "sum([1,000]) = 1", "max(1,234,5) > 1"])
def test_what_is_right_stays_right(rule: str) -> None:
    assert check(rule, catalogue=CATALOGUE)


@pytest.mark.parametrize(
    ("rule", "paths", "paths_zh"),
    [
        ('size = "small"', "company.size", None),
        ('规模 = "small"', None, "企业.规模"),
        ("sum(revenue) > 1", "tax.revenue", None),
        ("count(tax[size > 1]) > 1", "company.size", None),
    ],
)
def test_a_fact_without_its_group_is_answered_with_where_it_is(
    rule: str, paths: str | None, paths_zh: str | None
) -> None:
    with pytest.raises(FeelError) as refused:
        check(rule, catalogue=CATALOGUE, definitions=Definitions())
    assert refused.value.code == "fact_without_group"
    assert (paths or paths_zh or "") in refused.value.message
    assert (paths or paths_zh or "") in refused.value.message_zh


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("sum(税务[营业 > 1].营业收入) > 1", "没有名为“营业”的事实，是否指“营业收入”？"),
        ("企业.规摸 = 1", "“企业”没有名为“规摸”的事实，是否指“规模”？"),
        ("税务 = 1", "“税务”是一组记录"),
        ("企业 = 1", "“企业”是一整条记录，请指明其中的事实，例如 企业."),
        ("sum(税务) > 1", "“税务”是一组记录"),
    ],
)
def test_a_chinese_sentence_calls_groups_by_their_chinese_names(rule: str, sentence: str) -> None:
    with pytest.raises(FeelError) as refused:
        check(rule, catalogue=CATALOGUE, definitions=Definitions())
    assert sentence in refused.value.message_zh
    assert "company" not in refused.value.message_zh
