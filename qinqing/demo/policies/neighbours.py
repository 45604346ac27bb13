"""Five more policies beside the twenty, of which four exclude or top up one of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from policies.authoring.parts import ClauseText, TableText
from policies.models import Subject
from qinqing.demo.policies.form import DemoPolicy, always, eligible, ineligible, parameter, unknown
from qinqing.demo.policies.library import IN_BUSINESS, NOT_DISHONEST, NOT_STATE_OWNED, SMALL_FIRM, shared
from qinqing.kernel.text import Bilingual

_HIRED = {"hired_on": "2022-05-10", "has_contract": True, "is_registered_unemployed": True}

P_18 = DemoPolicy(
    code="P-18",
    title=Bilingual("一次性吸纳就业补贴", "One-off hiring subsidy"),
    summary=Bilingual(
        "招用登记失业人员并连续参保 3 个月以上，每人 1000 元，不与一次性扩岗补助重复享受。",
        "1,000 yuan for each registered unemployed person hired and insured for three months; not together with the "
        "job-expansion subsidy.",
    ),
    department="labour",
    subject=Subject.EMPLOYEE,
    as_of_on=dt.date(2022, 12, 31),
    granted_cny=Decimal(60_000_000),
    amount_feel="1000",
    clauses=(
        # A rolling window: whoever was hired in the twelve months before the day of the facts.
        ClauseText(
            "近 12 个月内招用",
            "Hired within the last twelve months",
            'employee.hired_on <= as_of and employee.hired_on > as_of - duration("P12M")',
        ),
        ClauseText("入职前登记失业", "Registered as unemployed before", "employee.is_registered_unemployed"),
        ClauseText("签订劳动合同", "Has a contract", "employee.has_contract"),
        ClauseText("参保满 3 个月", "Insured for three months", "employee.insured_months >= 3"),
        shared("非劳务派遣单位", "Not a labour-dispatch firm", "not_labour_dispatch"),
    ),
    examples=(
        eligible("参保 3 个月", "1000", company={"industry": "C1811"}, employee=_HIRED | {"insured_months": 3}),
        ineligible("参保 2 个月", company={"industry": "C1811"}, employee=_HIRED | {"insured_months": 2}),
        ineligible("劳务派遣", company={"industry": "L7264"}, employee=_HIRED | {"insured_months": 3}),
        unknown("不知参保月数", company={"industry": "C1811"}, employee=_HIRED),
    ),
)

_LOAN = {"principal": 10_000_000, "rate": 0.035, "is_fixed_asset": True, "has_other_subsidy": False}

P_29 = DemoPolicy(
    code="P-29",
    title=Bilingual("设备更新贷款中央财政贴息", "Central interest subsidy for renewing equipment"),
    summary=Bilingual(
        "2025 年起的设备更新贷款，按参考利率下浮 50 个基点与合同利率孰低，首年利息贴 2.5 个百分点，每笔最高 100 万元。",
        "Up to 2.5 points of the first year's interest on loans since 2025, by the contract's rate or the reference "
        "rate less 50 basis points, whichever is lower; at most a million a loan.",
    ),
    department="finance",
    subject=Subject.LOAN,
    as_of_on=dt.date(2026, 11, 1),
    granted_cny=Decimal(200_000_000),
    cap_cny=Decimal(1_000_000),
    parameters=(parameter("reference_rate", "参考利率", "Reference rate", "", always("0.031")),),
    # Interest for the first year, or until the loan is due: its days divided by 360.
    amount_feel="loan.principal * min(loan.rate, reference_rate - 50 / 10000, 0.025)"
    ' * min((loan.due_on - loan.drawn_on) / duration("P1D"), 365) / 360',
    clauses=(
        ClauseText(
            "2025 年后的设备贷款",
            "A loan for equipment since 2025",
            'loan.is_fixed_asset and loan.drawn_on >= date("2025-01-01")',
        ),
        ClauseText("同一贷款未享受其他贴息", "No other interest subsidy", "loan.has_other_subsidy = false"),
        NOT_DISHONEST,
    ),
    examples=(
        eligible("180 天", "125000", loan=_LOAN | {"drawn_on": "2025-03-01", "due_on": "2025-08-28"}),
        eligible("两年，按首年 365 天", "253472.22", loan=_LOAN | {"drawn_on": "2025-03-01", "due_on": "2027-03-01"}),
        unknown("不知合同利率", loan=_LOAN | {"rate": None, "drawn_on": "2025-03-01", "due_on": "2027-03-01"}),
    ),
)

# A filter would skip a lease whose owner nobody knows; this sum is then unknown.
_STATE_RENT = "sum(for r in rents return if r.is_state_owned then r.amount else 0)"
_TENANT = {"company": {"size": "micro", "industry": "O8040", "ownership": "private"}}

P_34 = DemoPolicy(
    code="P-34",
    title=Bilingual("国有房屋租金减免", "Rent relief in premises of the state"),
    summary=Bilingual(
        "承租国有房屋的服务业小微企业，返还 2022 年 3 至 5 月租金；不足 100 元不发。",
        "The rent from March to May 2022 back to small and micro firms in premises of the state, in whole hundreds.",
    ),
    department="housing",
    as_of_on=dt.date(2022, 5, 31),
    granted_cny=Decimal(80_000_000),
    minimum_cny=Decimal(100),
    amount_feel=f"floor({_STATE_RENT} / 100) * 100",
    clauses=(
        ClauseText("小型或微型企业", "A small or micro firm", 'company.size in ("small", "micro")'),
        NOT_STATE_OWNED,
        ClauseText("承租国有房屋", "A tenant of the state", f"{_STATE_RENT} > 0"),
    ),
    examples=(
        eligible("租金 12345 元", "12300", **_TENANT, rents=[{"amount": 12_345, "is_state_owned": True}]),
        ineligible("租金 99 元", **_TENANT, rents=[{"amount": 99, "is_state_owned": True}]),
        ineligible("民营房屋", **_TENANT, rents=[{"amount": 12_345, "is_state_owned": False}]),
        unknown("不知房屋性质", **_TENANT, rents=[{"amount": 12_345}]),
    ),
)

P_39 = DemoPolicy(
    code="P-39",
    title=Bilingual("省级专精特新中小企业奖励", "Award for the province's specialised firms"),
    summary=Bilingual(
        "2022 年以来认定的省级专精特新中小企业奖励 20 万元。",
        "200,000 yuan for small firms that the province called specialised since 2022.",
    ),
    department="economy",
    subject=Subject.TITLE,
    as_of_on=dt.date(2024, 12, 31),
    granted_cny=Decimal(200_000_000),
    amount_feel="200000",
    clauses=(
        ClauseText("省级专精特新", "Specialised, by the province", 'title.kind = "provincial_specialised"'),
        ClauseText("2022 年以来认定", "Titled since 2022", 'title.awarded_on >= date("2022-01-01")'),
        SMALL_FIRM,
        IN_BUSINESS,
    ),
    examples=(
        eligible(
            "2022 年认定",
            "200000",
            company={"size": "small", "standing": "active"},
            title={"kind": "provincial_specialised", "awarded_on": "2022-12-20"},
        ),
        ineligible(
            "大型企业",
            company={"size": "large", "standing": "active"},
            title={"kind": "provincial_specialised", "awarded_on": "2022-12-20"},
        ),
    ),
)

_GROWN = "tax[year = 2022].revenue - tax[year = 2021].revenue"
_SERVICE = {"company": {"industry": "I6513", "standing": "active"}}


def _revenues(before: int, now: int) -> list[dict[str, int]]:
    return [{"year": 2021, "revenue": before}, {"year": 2022, "revenue": now}]


P_42 = DemoPolicy(
    code="P-42",
    title=Bilingual("服务业营收增量分段奖励", "Award for service firms' growth, by slabs"),
    summary=Bilingual(
        "2022 年营收增长 10% 以上的服务业企业，增量 1000 万元以内按 0.5%、至 5000 万元按 0.3%、以上按 0.1% 分段奖励，"
        "最高 100 万元。",
        "For service firms that grew by 10 % in 2022: half a per cent of the first 10 million of growth, 0.3 % up to "
        "50 million, 0.1 % above; at most a million.",
    ),
    department="economy",
    period_label="2022",
    as_of_on=dt.date(2022, 12, 31),
    granted_cny=Decimal(150_000_000),
    cap_cny=Decimal(1_000_000),
    amount_feel="growth_award",
    tables=(
        TableText(
            name="growth_award",
            name_zh="增量分段奖励",
            name_en="Award by slabs of growth",
            hit_policy="C+",
            inputs=({"label_zh": "营收增量", "label_en": "Growth of revenue", "feel": _GROWN},),
            rows=(
                {"cells": ["> 0"], "output": f"min({_GROWN}, 10000000) * 0.005"},
                {"cells": ["> 10000000"], "output": f"(min({_GROWN}, 50000000) - 10000000) * 0.003"},
                {"cells": ["> 50000000"], "output": f"({_GROWN} - 50000000) * 0.001"},
            ),
        ),
    ),
    clauses=(
        ClauseText(
            "服务业企业",
            "A service firm",
            'some code in ["I", "L", "M", "R"] satisfies starts with(company.industry, code)',
        ),
        ClauseText(
            "营收增长 10% 以上",
            "Grew by 10 %",
            "tax[year = 2022].revenue >= tax[year = 2021].revenue * 1.1",
        ),
        IN_BUSINESS,
    ),
    examples=(
        eligible("增加 800 万元", "40000", **_SERVICE, tax=_revenues(20_000_000, 28_000_000)),
        eligible("增加 6000 万元", "180000", **_SERVICE, tax=_revenues(20_000_000, 80_000_000)),
        ineligible("增长 9%", **_SERVICE, tax=_revenues(100_000_000, 109_000_000)),
        unknown("不知上年营收", **_SERVICE, tax=_revenues(100_000_000, 109_000_000)[1:]),
    ),
)

NEIGHBOURS: tuple[DemoPolicy, ...] = (P_18, P_29, P_34, P_39, P_42)
