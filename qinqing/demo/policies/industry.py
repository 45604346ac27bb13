"""Industry and science: manufacturers, technology firms, titles."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from policies.authoring.parts import ClauseText
from policies.models import Pool, Subject, Track
from qinqing.demo.policies.form import DemoPolicy, DemoShares, always, eligible, ineligible, parameter, unknown
from qinqing.demo.policies.library import IN_BUSINESS, NOT_STATE_OWNED
from qinqing.kernel.text import Bilingual

_Q3, _Q3_BEFORE = 'output[quarter = "2023Q3"].value', 'output[quarter = "2022Q3"].value'
_H1 = '(output[quarter = "2023Q1"].value + output[quarter = "2023Q2"].value)'
_H1_BEFORE = '(output[quarter = "2022Q1"].value + output[quarter = "2022Q2"].value)'
_PLANT = {
    "company": {"industry": "C3670", "ownership": "private", "standing": "active"},
    "library": [{"trade": "industry", "entered_on": "2018-01-01"}],
}


def _output(*millions: float) -> list[dict[str, object]]:
    quarters = ("2022Q1", "2022Q2", "2022Q3", "2023Q1", "2023Q2", "2023Q3")
    return [
        {"quarter": quarter, "value": round(value * 1_000_000)}
        for quarter, value in zip(quarters, millions, strict=True)
    ]


P_07 = DemoPolicy(
    code="P-07",
    title=Bilingual("规上制造业企业三季度增产奖励", "Third-quarter award for large manufacturers"),
    summary=Bilingual(
        "2023 年三季度产值 1 亿元以上且增长达标的规上制造业企业，同比每增产 1000 万元奖 2 万元，最高 1000 万元。",
        "20,000 yuan for each whole 10 million of output above the third quarter of 2022, at most 10 million.",
    ),
    department="statistics",
    period_label="2023Q3",
    as_of_on=dt.date(2023, 9, 30),
    granted_cny=Decimal(60_000_000),
    cap_cny=Decimal(10_000_000),
    track=Track.PUBLICISED,
    publicise_days=7,
    amount_feel=f"floor(({_Q3} - {_Q3_BEFORE}) / 10000000) * 20000",
    clauses=(
        ClauseText(
            "规模以上制造业企业",
            "An above-scale manufacturer",
            'starts with(company.industry, "C") and count(library[trade = "industry"'
            " and (left_on = null or left_on > as_of)]) > 0",
        ),
        NOT_STATE_OWNED,
        ClauseText("三季度产值 1 亿元以上", "An output of 100 million yuan in the quarter", f"{_Q3} >= 100000000"),
        ClauseText(
            "同比增长 5% 以上且高于上半年增速，或同比增长 15% 以上",
            "Growth of 5 % and above that of the first half-year, or of 15 %",
            f"({_Q3} >= {_Q3_BEFORE} * 1.05 and {_Q3} / {_Q3_BEFORE} > {_H1} / {_H1_BEFORE})"
            f" or {_Q3} >= {_Q3_BEFORE} * 1.15",
        ),
    ),
    examples=(
        eligible("增产 1.569 亿元", "300000", **_PLANT, output=_output(200, 200, 500, 210, 210, 656.9)),
        eligible("增产 60 亿元，封顶", "10000000", **_PLANT, output=_output(200, 200, 500, 210, 210, 6500)),
        eligible("增长 6%，高于上半年", "60000", **_PLANT, output=_output(200, 200, 500, 210, 210, 530)),
        ineligible("增长 5%，不高于上半年", **_PLANT, output=_output(200, 200, 500, 210, 210, 525)),
        ineligible("产值不足 1 亿元", **_PLANT, output=_output(20, 20, 50, 20, 20, 99)),
        unknown("上年三季度没有数据", **_PLANT, output=[{"quarter": "2023Q3", "value": 656_900_000}]),
    ),
)

_TITLE = {"company": {"standing": "active"}}

P_23 = DemoPolicy(
    code="P-23",
    title=Bilingual("国家高新技术企业认定奖励", "Award for national high-tech enterprises"),
    summary=Bilingual(
        "2025 年首次认定国家高新技术企业奖 20 万元，通过重新认定奖 10 万元。",
        "200,000 yuan for the first recognition in 2025, 100,000 for a renewed one.",
    ),
    department="science",
    subject=Subject.TITLE,
    as_of_on=dt.date(2025, 12, 31),
    granted_cny=Decimal(250_000_000),
    amount_feel='if title.recognition = "first" then 200000 else 100000',
    clauses=(
        ClauseText("国家高新技术企业", "A national high-tech enterprise", 'title.kind = "national_high_tech"'),
        ClauseText(
            "2025 年认定", "Recognised in 2025", 'title.awarded_on between date("2025-01-01") and date("2025-12-31")'
        ),
        ClauseText("首次认定或重新认定", "First or renewed recognition", 'title.recognition in ("first", "renewal")'),
        IN_BUSINESS,
    ),
    # Assumed: half and half, and the district pays first; a county of mountains and lakes carries a quarter.
    shares=(
        DemoShares({"city": Decimal(1), "district": Decimal(1)}, advance_payer="district"),
        DemoShares({"city": Decimal(3), "district": Decimal(1)}, advance_payer="city", district="330127"),
    ),
    examples=(
        eligible(
            "首次认定",
            "200000",
            **_TITLE,
            title={"kind": "national_high_tech", "recognition": "first", "awarded_on": "2025-12-08"},
        ),
        eligible(
            "重新认定",
            "100000",
            **_TITLE,
            title={"kind": "national_high_tech", "recognition": "renewal", "awarded_on": "2025-12-08"},
        ),
        unknown("不知认定方式", **_TITLE, title={"kind": "national_high_tech", "awarded_on": "2025-12-08"}),
    ),
)

# How many instalments the firm received in earlier years.
_EARLIER_YEARS = 'count(received[policy = "P-24" and period < "2023"])'
_ENTRY = {"trade": "industry", "is_first_entry": True}

P_24 = DemoPolicy(
    code="P-24",
    title=Bilingual("首次上规工业企业分期奖励", "Award in instalments for new above-scale manufacturers"),
    summary=Bilingual(
        "首次入库的规上工业企业，在库期间分三年奖励 10 万、20 万、30 万元；退库后重新入库不再奖励。",
        "100,000, 200,000 and 300,000 yuan over three years for manufacturers that entered the library for the first "
        "time, as long as they stay; who leaves and comes back gets no more.",
    ),
    department="economy",
    subject=Subject.ENTRY,
    period_label="2023",
    as_of_on=dt.date(2023, 12, 31),
    granted_cny=Decimal(120_000_000),
    amount_feel=f"({_EARLIER_YEARS} + 1) * 100000",
    clauses=(
        ClauseText("工业企业入库", "In the library of manufacturers", 'entry.trade = "industry"'),
        ClauseText("首次入库", "Entered for the first time", "entry.is_first_entry"),
        ClauseText(
            "近三年入库",
            "Entered within the last three years",
            "entry.entered_on <= as_of and entry.entered_on.year >= as_of.year - 2",
        ),
        ClauseText(
            "年末仍在库",
            "Still in the library at the end of the year",
            "entry.left_on = null or entry.left_on > as_of",
        ),
        ClauseText(
            "此前各年度奖励均已兑付",
            "Every earlier instalment was paid",
            f"{_EARLIER_YEARS} = as_of.year - entry.entered_on.year",
        ),
    ),
    examples=(
        eligible("当年入库", "100000", entry=_ENTRY | {"entered_on": "2023-02-01"}),
        eligible(
            "第二年",
            "200000",
            entry=_ENTRY | {"entered_on": "2022-02-01"},
            received=[{"policy": "P-24", "period": "2022", "amount": 100_000}],
        ),
        eligible(
            "第三年",
            "300000",
            entry=_ENTRY | {"entered_on": "2021-02-01"},
            received=[
                {"policy": "P-24", "period": "2021", "amount": 100_000},
                {"policy": "P-24", "period": "2022", "amount": 200_000},
            ],
        ),
        ineligible("第二年，首年未兑付", entry=_ENTRY | {"entered_on": "2022-02-01"}),
        ineligible("年内退库", entry=_ENTRY | {"entered_on": "2023-02-01", "left_on": "2023-11-30"}),
        ineligible("退库后重新入库", entry={"trade": "industry", "is_first_entry": False, "entered_on": "2023-02-01"}),
    ),
)

_TECHNOLOGY_FIRM = {
    "library": [{"trade": "industry", "entered_on": "2019-01-01"}],
    "titles": [{"kind": "national_high_tech", "awarded_on": "2021-12-01"}],
}

P_27 = DemoPolicy(
    code="P-27",
    title=Bilingual("企业研发投入补贴", "Subsidy for research and development"),
    summary=Bilingual(
        "规上国家高新技术企业按 2022 年研发费用占全部符合条件企业的比例分配年度预算，不超过实缴税额，最高 500 万元。",
        "The year's budget is divided among above-scale high-tech firms by what they spent on research in 2022; at "
        "most the tax they paid, and 5 million yuan.",
    ),
    department="science",
    period_label="2022",
    as_of_on=dt.date(2022, 12, 31),
    granted_cny=Decimal(300_000_000),
    cap_cny=Decimal(5_000_000),
    pool=Pool.PROPORTIONAL,
    amount_feel="research[year = 2022].expense",
    limit_feel="tax[year = 2022].tax_paid",
    clauses=(
        ClauseText(
            "规模以上工业或服务业企业",
            "An above-scale manufacturer or service firm",
            'count(library[trade in ("industry", "service") and entered_on <= as_of'
            " and (left_on = null or left_on > as_of)]) > 0",
        ),
        ClauseText(
            "国家高新技术企业资格有效（三年）",
            "A national high-tech enterprise, which a title makes for three years",
            'count(titles[kind = "national_high_tech" and awarded_on <= as_of'
            ' and awarded_on > as_of - duration("P3Y")]) > 0',
        ),
        ClauseText("2022 年有研发投入", "Spent on research in 2022", "research[year = 2022].expense > 0"),
    ),
    examples=(
        eligible(
            "研发费用 300 万元",
            "3000000",
            **_TECHNOLOGY_FIRM,
            research=[{"year": 2022, "expense": 3_000_000}],
            tax=[{"year": 2022, "tax_paid": 9_000_000}],
        ),
        eligible(
            "实缴税额封顶",
            "800000",
            **_TECHNOLOGY_FIRM,
            research=[{"year": 2022, "expense": 3_000_000}],
            tax=[{"year": 2022, "tax_paid": 800_000}],
        ),
        unknown("不知税额", **_TECHNOLOGY_FIRM, research=[{"year": 2022, "expense": 3_000_000}]),
    ),
)

P_40 = DemoPolicy(
    code="P-40",
    title=Bilingual("国家级专精特新“小巨人”企业奖励", "Award for national little giants"),
    summary=Bilingual(
        "2024 年新认定的国家级专精特新“小巨人”企业，省级奖励 50 万元，市级按 1:0.5 配套 25 万元；"
        "已获省级称号奖励的补差。",
        "500,000 yuan from the province and 250,000 from the city for firms newly titled national little giants in "
        "2024; who was paid for the province's title gets the difference.",
    ),
    department="economy",
    subject=Subject.TITLE,
    as_of_on=dt.date(2024, 12, 31),
    granted_cny=Decimal(120_000_000),
    shares=(DemoShares({"province": Decimal(1), "city": Decimal("0.5")}),),
    amount_feel="province_award + province_award * city_match",
    parameters=(
        parameter("province_award", "省级奖励", "The province's award", "元", always("500000")),
        parameter("city_match", "市级配套比例", "What the city adds to each yuan", "", always("0.5")),
    ),
    clauses=(
        ClauseText("国家级“小巨人”企业", "A national little giant", 'title.kind = "little_giant"'),
        ClauseText(
            "2024 年新认定",
            "Newly titled in 2024",
            'title.recognition = "first" and title.awarded_on between date("2024-01-01") and date("2024-12-31")',
        ),
        IN_BUSINESS,
    ),
    examples=(
        eligible(
            "新认定",
            "750000",
            **_TITLE,
            title={"kind": "little_giant", "recognition": "first", "awarded_on": "2024-10-18"},
        ),
        ineligible(
            "省级称号",
            **_TITLE,
            title={"kind": "provincial_specialised", "recognition": "first", "awarded_on": "2024-10-18"},
        ),
        unknown("不知认定日期", **_TITLE, title={"kind": "little_giant", "recognition": "first"}),
    ),
)
