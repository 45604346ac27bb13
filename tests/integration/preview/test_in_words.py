"""A rule in words uses the names that people give to values, in the reader's language."""

from __future__ import annotations

import pytest

from companies.contracts.facts import catalogue
from policies.explain.rule_words import in_words
from policies.feel.checking.check import check
from tests.factories.companies import make_company

pytestmark = pytest.mark.django_db

TABLE = [
    ('company.size = "small"', "企业的企业规模 等于 小型", "Company – Size class is small"),
    ('"small" != company.size', "小型 不等于 企业的企业规模", "small is not Company – Size class"),
    ('not(company.size = "small")', "并非(企业的企业规模 等于 小型)", "not(Company – Size class is small)"),
    (
        'company.size in ("small", "micro", "tiny")',
        '企业的企业规模 属于 (小型、微型、"tiny")',
        'Company – Size class is one of (small, micro, "tiny")',
    ),
    (
        'count(credit[kind = "zombie"]) = 0',
        "计数(信用记录（名单 等于 僵尸企业）) 等于 0",
        "count(Credit records (List is zombie firm)) is 0",
    ),
    (
        'some c in credit satisfies c.kind = "zombie"',
        "信用记录 至少有一条满足 (名单 等于 僵尸企业)",
        "Credit records – at least one has (List is zombie firm)",
    ),
    (
        'count(credit.kind[item = "zombie"]) = 0',
        "计数(信用记录的名单（该项 等于 僵尸企业）) 等于 0",
        "count(Credit records – List (it is zombie firm)) is 0",
    ),
    (
        'every k in credit.kind satisfies k != "zombie"',
        "信用记录的名单 每一条都满足 (该项 不等于 僵尸企业)",
        "Credit records – List – each one has (it is not zombie firm)",
    ),
    ('company.district = "330106"', "企业的所属区县 等于 西湖区", "Company – District is Xihu"),
    # A value without a name stays a text, and so does a text that is compared with no fact.
    ('company.industry = "H61"', '企业的行业代码 等于 "H61"', 'Company – Industry code is "H61"'),
    ('upper case("small") = "SMALL"', '转大写("small") 等于 "SMALL"', 'upper case("small") is "SMALL"'),
]


@pytest.mark.parametrize(("rule", "chinese", "english"), TABLE)
def test_values_are_said_by_their_names(rule: str, chinese: str, english: str) -> None:
    make_company(district="330106")
    said = in_words(check(rule, catalogue=catalogue()))
    assert (said.zh, said.en) == (chinese, english)
