"""Nine more policies that differ from one of the twenty by their year, their quarter or their district."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from policies.authoring.parts import ClauseText
from qinqing.demo.policies.form import DemoPolicy, eligible, ineligible, months
from qinqing.demo.policies.hiring import P_17
from qinqing.demo.policies.industry import P_07, P_23, P_24, P_27
from qinqing.demo.policies.jobs import P_14, P_16
from qinqing.demo.policies.relief import P_36, P_37
from qinqing.kernel.text import Bilingual


def _again(demo: DemoPolicy, suffix: str, other: Bilingual, words: Mapping[str, str], **fields: Any) -> DemoPolicy:
    """A copy of the policy with other words in its rules and titles; `other` names the difference in its title."""
    changed: dict[str, Any] = {
        "code": f"{demo.code}-{suffix}",
        "title": Bilingual(
            f"{_with(words, demo.title.zh)}（{other.zh}）", f"{_with(words, demo.title.en)} ({other.en})"
        ),
        "summary": Bilingual(_with(words, demo.summary.zh), _with(words, demo.summary.en)),
        "amount_feel": _with(words, demo.amount_feel),
        "limit_feel": _with(words, demo.limit_feel),
        "clauses": tuple(
            ClauseText(_with(words, each.title_zh), _with(words, each.title_en), _with(words, each.feel))
            for each in demo.clauses
        ),
    }
    return replace(demo, **(changed | fields))


def _with(words: Mapping[str, str], text: str) -> str:
    for word, instead in words.items():
        text = text.replace(word, instead)
    return text


_QUARTER_WORDS = {"2023Q3": "2023Q2", "2022Q3": "2022Q2", "三季度": "二季度", "Third-quarter": "Second-quarter"}

P_07_2023Q2 = _again(
    P_07,
    "2023Q2",
    Bilingual("2023 年二季度", "second quarter of 2023"),
    _QUARTER_WORDS | {"the third quarter": "the second quarter"},
    period_label="2023Q2",
    as_of_on=dt.date(2023, 6, 30),
    examples=(
        eligible(
            "增产 3500 万元",
            "60000",
            company={"industry": "C3670", "ownership": "private"},
            library=[{"trade": "industry"}],
            output=[{"quarter": "2022Q2", "value": 200_000_000}, {"quarter": "2023Q2", "value": 235_000_000}],
        ),
        ineligible(
            "产值下降",
            company={"industry": "C3670", "ownership": "private"},
            library=[{"trade": "industry"}],
            output=[
                *({"quarter": quarter, "value": 200_000_000} for quarter in ("2022Q1", "2022Q2", "2023Q1")),
                {"quarter": "2023Q2", "value": 190_000_000},
            ],
        ),
    ),
)

P_14_2023 = _again(
    P_14,
    "2023",
    Bilingual("2023 年度", "2023"),
    {"2021": "2022"},
    period_label="2023",
    as_of_on=dt.date(2023, 5, 31),
    examples=(
        eligible(
            "25 人，裁员 12%，新比例",
            "108000",
            company={"size": "small"},
            insurance_year=[
                {
                    "year": 2022,
                    "unemployment_premium": 120_000,
                    "insured": 25,
                    "paid_months": 12,
                    "layoff_rate": 0.12,
                }
            ],
        ),
    ),
)
_EARLIER_STAY = {"2022-": "2021-", "2022 年": "2021 年", "April 2022": "April 2021"}

P_16_2021 = _again(
    P_16,
    "2021",
    Bilingual("2021 年", "2021"),
    _EARLIER_STAY,
    as_of_on=dt.date(2021, 5, 31),
    examples=(
        eligible(
            "平均 31.5 人",
            "15750",
            company={"industry": "H6210", "founded_on": "2015-06-01"},
            insurance=months("2021-01", 30, 31, 32, 33, fact="insured"),
        ),
    ),
)

P_17_2023 = _again(
    P_17,
    "2023",
    Bilingual("2023 年", "2023"),
    {"2020-07": "2021-07", "2022-": "2023-", "2022 年": "2023 年", "in 2022": "in 2023"},
    as_of_on=dt.date(2023, 12, 31),
    examples=(
        eligible(
            "应届毕业生",
            "1500",
            employee={
                "hired_on": "2023-07-01",
                "has_contract": True,
                "insured_months": 1,
                "graduated_on": "2023-06-30",
            },
        ),
    ),
)

P_23_2024 = _again(
    P_23,
    "2024",
    Bilingual("2024 年", "2024"),
    {"2025": "2024"},
    as_of_on=dt.date(2024, 12, 31),
    examples=(
        eligible(
            "首次认定",
            "200000",
            company={"standing": "active"},
            title={"kind": "national_high_tech", "recognition": "first", "awarded_on": "2024-12-08"},
        ),
    ),
)

P_24_2024 = _again(
    P_24,
    "2024",
    Bilingual("2024 年度", "2024"),
    {"2023": "2024"},
    period_label="2024",
    as_of_on=dt.date(2024, 12, 31),
    examples=(
        eligible(
            "第二年",
            "200000",
            entry={"trade": "industry", "is_first_entry": True, "entered_on": "2023-02-01"},
            received=[{"policy": "P-24", "period": "2023", "amount": 100_000}],
        ),
    ),
)

P_27_2021 = _again(
    P_27,
    "2021",
    Bilingual("2021 年度", "2021"),
    {"2022": "2021"},
    period_label="2021",
    as_of_on=dt.date(2021, 12, 31),
    examples=(
        eligible(
            "研发费用 300 万元",
            "3000000",
            library=[{"trade": "service", "entered_on": "2019-01-01"}],
            titles=[{"kind": "national_high_tech", "awarded_on": "2020-12-01"}],
            research=[{"year": 2021, "expense": 3_000_000}],
            tax=[{"year": 2021, "tax_paid": 9_000_000}],
        ),
    ),
)

P_36_330106 = _again(
    P_36,
    "330106",
    Bilingual("西湖区加补", "more in Xihu"),
    {"bill.amount * 0.1": "bill.amount * 0.05", "补贴 10%": "再补贴 5%", "A tenth of": "A twentieth more of"},
    granted_cny=Decimal(8_000_000),
    clauses=(*P_36.clauses, ClauseText("在西湖区", "In Xihu", 'company.district = "330106"')),
    examples=(
        eligible(
            "电费 1234.50 元",
            "61.73",
            company={"district": "330106"},
            bill={"month": "2022-07", "amount": 1234.5, "is_resident": False},
        ),
    ),
)

P_37_330108 = _again(
    P_37,
    "330108",
    Bilingual("滨江区", "Binjiang"),
    {"1000 + 500": "800"},
    summary=Bilingual("滨江区小微企业一次性补贴 800 元，免申即享。", "800 yuan for every small firm in Binjiang."),
    granted_cny=Decimal(20_000_000),
    clauses=(*P_37.clauses, ClauseText("在滨江区", "In Binjiang", 'company.district = "330108"')),
    examples=(
        eligible(
            "微型企业",
            "800",
            company={"size": "micro", "standing": "active", "district": "330108"},
            taxpayer={"is_normal": True},
            utilities=[{"amount": 90}],
        ),
    ),
)

VARIANTS: tuple[DemoPolicy, ...] = (
    *(P_07_2023Q2, P_14_2023, P_16_2021, P_17_2023, P_23_2024),
    *(P_24_2024, P_27_2021, P_36_330106, P_37_330108),
)
