"""Industry and science: manufacturers, technology firms, titles."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from policies.models import Subject
from policies.operations import ClauseText
from qinqing.demo.policies.form import ACTIVE, DemoPolicy
from qinqing.kernel.text import Bilingual

_Q3, _Q3_BEFORE = 'output[quarter = "2023Q3"].value', 'output[quarter = "2022Q3"].value'
_H1 = '(output[quarter = "2023Q1"].value + output[quarter = "2023Q2"].value)'
_H1_BEFORE = '(output[quarter = "2022Q1"].value + output[quarter = "2022Q2"].value)'

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
    amount_feel=f"floor(({_Q3} - {_Q3_BEFORE}) / 10000000) * 20000",
    clauses=(
        ClauseText(
            "规模以上制造业企业",
            "An above-scale manufacturer",
            'starts with(company.industry, "C") and count(library[trade = "industry"'
            ' and (left_on = null or left_on >= date("2023-10-01"))]) > 0',
        ),
        ClauseText("非国有企业", "Not state-owned", 'company.ownership != "state"'),
        ClauseText("三季度产值 1 亿元以上", "An output of 100 million yuan in the quarter", f"{_Q3} >= 100000000"),
        ClauseText(
            "同比增长 5% 以上且高于上半年增速，或同比增长 15% 以上",
            "Growth of 5 % and above that of the first half-year, or of 15 %",
            f"({_Q3} >= {_Q3_BEFORE} * 1.05 and {_Q3} / {_Q3_BEFORE} > {_H1} / {_H1_BEFORE})"
            f" or {_Q3} >= {_Q3_BEFORE} * 1.15",
        ),
    ),
)

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
        ACTIVE,
    ),
)

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
    amount_feel="(2024 - entry.entered_on.year) * 100000",
    clauses=(
        ClauseText("工业企业入库", "In the library of manufacturers", 'entry.trade = "industry"'),
        ClauseText("首次入库", "Entered for the first time", "entry.is_first_entry"),
        ClauseText(
            "2021 至 2023 年入库",
            "Entered from 2021 to 2023",
            'entry.entered_on between date("2021-01-01") and date("2023-12-31")',
        ),
        ClauseText(
            "2023 年末仍在库",
            "Still in the library at the end of 2023",
            'entry.left_on = null or entry.left_on > date("2023-12-31")',
        ),
    ),
)

P_27 = DemoPolicy(
    code="P-27",
    title=Bilingual("企业研发投入补贴", "Subsidy for research and development"),
    summary=Bilingual(
        "规上国家高新技术企业按 2022 年研发费用补贴，不超过实缴税额，最高 500 万元。",
        "For above-scale high-tech firms by what they spent on research in 2022; at most the tax they paid, and 5 "
        "million yuan.",
    ),
    department="science",
    period_label="2022",
    as_of_on=dt.date(2022, 12, 31),
    granted_cny=Decimal(300_000_000),
    cap_cny=Decimal(5_000_000),
    amount_feel="min(research[year = 2022].expense, tax[year = 2022].tax_paid)",
    clauses=(
        ClauseText(
            "规模以上工业或服务业企业",
            "An above-scale manufacturer or service firm",
            'count(library[trade in ("industry", "service") and entered_on <= date("2022-12-31")'
            ' and (left_on = null or left_on > date("2022-12-31"))]) > 0',
        ),
        # A title holds for three years.
        ClauseText(
            "国家高新技术企业资格有效",
            "A national high-tech enterprise",
            'count(titles[kind = "national_high_tech"'
            ' and awarded_on between date("2020-01-01") and date("2025-12-31")]) > 0',
        ),
        ClauseText("2022 年有研发投入", "Spent on research in 2022", "research[year = 2022].expense > 0"),
    ),
)

P_40 = DemoPolicy(
    code="P-40",
    title=Bilingual("国家级专精特新“小巨人”企业奖励", "Award for national little giants"),
    summary=Bilingual(
        "2024 年新认定的国家级专精特新“小巨人”企业，省级奖励 50 万元，市级按 1:0.5 配套 25 万元。",
        "500,000 yuan from the province and 250,000 from the city for firms newly titled national little giants in "
        "2024.",
    ),
    department="economy",
    subject=Subject.TITLE,
    as_of_on=dt.date(2024, 12, 31),
    granted_cny=Decimal(120_000_000),
    amount_feel="500000 + 500000 * 0.5",
    clauses=(
        ClauseText("国家级“小巨人”企业", "A national little giant", 'title.kind = "little_giant"'),
        ClauseText(
            "2024 年新认定",
            "Newly titled in 2024",
            'title.recognition = "first" and title.awarded_on between date("2024-01-01") and date("2024-12-31")',
        ),
        ACTIVE,
    ),
)
