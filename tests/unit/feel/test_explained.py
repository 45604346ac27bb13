"""A rule shown back, with English or Chinese names and in plain words."""

from __future__ import annotations

import pytest

from policies.feel.checking.check import check
from policies.feel.words.explain import explain_rule, show_rule
from tests.spec.engines import CATALOGUE

TABLE = [
    # written, shown in English names, shown in Chinese names
    ('企业.所属区县="330106"', 'company.district = "330106"', '企业.所属区县 = "330106"'),
    ("tax[year=2019].revenue*1.050", "tax[year = 2019].revenue * 1.05", "税务[年度 = 2019].营业收入 * 1.05"),
    ("(1+2)*3-(4-5)", "(1 + 2) * 3 - (4 - 5)", "(1 + 2) * 3 - (4 - 5)"),
    ("-(1+2)**2", "-(1 + 2) ** 2", "-(1 + 2) ** 2"),
    ("not(true or false) and true", "not(true or false) and true", "not(true or false) and true"),
    ("(true or false) and true", "(true or false) and true", "(true or false) and true"),
    (r'"a\"\\\n"', r'"a\"\\\n"', r'"a\"\\\n"'),
    ('@"2024-01-02"', 'date("2024-01-02")', 'date("2024-01-02")'),
    ('@"P14M"', 'duration("P1Y2M")', 'duration("P1Y2M")'),
    ("company.staff in (1,2)", "company.staff in (1, 2)", "企业.人数 in (1, 2)"),
    (
        "some t in tax satisfies t.revenue>1",
        "some each in tax satisfies each.revenue > 1",
        "some 各项 in 税务 satisfies 各项.营业收入 > 1",
    ),
]


@pytest.mark.parametrize(("written", "english", "chinese"), TABLE)
def test_shown_in_the_rule_language(written: str, english: str, chinese: str) -> None:
    rule = check(written, catalogue=CATALOGUE)
    assert show_rule(rule, language="en") == english
    assert show_rule(rule, language="zh-hans") == chinese
    assert check(chinese, catalogue=CATALOGUE).node == check(english, catalogue=CATALOGUE).node


PLAIN = [
    (
        'company.district != "330127" and tax[year = 2019].revenue < 5000000',
        'Company – District is not "330127" and Tax (Year is 2019) – Revenue is below 5,000,000',
        '企业的所属区县 不等于 "330127" 且 税务（年度 等于 2019）的营业收入 小于 5,000,000',
    ),
    ("count(credit[is_serious]) = 0", "count(Credit (Is_Serious)) is 0", "计数(信用记录（严重）) 等于 0"),
    (
        "some t in tax satisfies t.revenue > 100",
        "Tax – at least one has (Revenue is above 100)",
        "税务 至少有一条满足 (营业收入 大于 100)",
    ),
    (
        'if company.size = "large" then 0.3 else 0.6',
        'if Company – Size is "large" then 0.3 else 0.6',
        '如果 企业的规模 等于 "large" 则 0.3 否则 0.6',
    ),
    (
        'company.founded_on > date("2026-01-01") - duration("P1Y6M")',
        "Company – Founded_On is above 2026-01-01 - 1 year 6 months",
        "企业的成立日期 大于 2026-01-01 - 1 年 6 个月",
    ),
    (
        'company.founded_on > date("2026-01-01") - duration("P30D")',
        "Company – Founded_On is above 2026-01-01 - 30 days",
        "企业的成立日期 大于 2026-01-01 - 30 天",
    ),
    (
        'company.founded_on + duration("PT1H") = null',
        "Company – Founded_On + PT1H is unknown",
        "企业的成立日期 + PT1H 等于 未知",
    ),
    ("company.founded_on.year", "Company – Founded_On – year", "企业的成立日期的年份"),
]


@pytest.mark.parametrize(("written", "english", "chinese"), PLAIN)
def test_explained_in_plain_words(written: str, english: str, chinese: str) -> None:
    rule = check(written, catalogue=CATALOGUE)
    assert explain_rule(rule, language="en") == english
    assert explain_rule(rule, language="zh") == chinese
