"""Relief: interest, rents and bills."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from policies.models import Subject, Track
from policies.operations import ClauseText
from qinqing.demo.policies.form import ACTIVE, DemoPolicy
from qinqing.kernel.text import Bilingual

P_37 = DemoPolicy(
    code="P-37",
    title=Bilingual("小微企业房租水电补贴", "Flat rent and utilities subsidy"),
    summary=Bilingual(
        "正常经营缴费的小微企业，房租 1000 元加水电 500 元，免申即享。",
        "1,000 yuan for rent and 500 for utilities for every small firm that is registered and paying; nobody has to "
        "claim it.",
    ),
    department="utilities",
    as_of_on=dt.date(2022, 8, 31),
    granted_cny=Decimal(300_000_000),
    track=Track.AUTOMATIC,
    amount_feel="1000 + 500",
    clauses=(
        ClauseText("小型或微型企业", "A small or micro firm", 'company.size in ("small", "micro")'),
        ACTIVE,
        ClauseText("税务登记状态正常", "In good standing with the tax authority", "taxpayer.is_normal"),
        # "Paying" is read as: billed for electricity or water (assumed).
        ClauseText("缴纳水电费", "Pays for its utilities", "count(utilities[amount > 0]) > 0"),
    ),
)

_EARLIER = (
    'loans[is_fixed_asset and drawn_on >= date("2026-01-01")'
    " and (drawn_on < loan.drawn_on or (drawn_on = loan.drawn_on and contract < loan.contract))]"
)
_LEFT_OF_LIMIT = f"(50000000 - (if count({_EARLIER}) = 0 then 0 else sum({_EARLIER}.principal)))"

P_28 = DemoPolicy(
    code="P-28",
    title=Bilingual("中小微企业固定资产贷款贴息", "Interest subsidy on loans for fixed assets"),
    summary=Bilingual(
        "重点产业链中小微企业 2026 年起的固定资产贷款，按本金每年贴息 1.5 个百分点，每户本金不超过 5000 万元，"
        "最长 2 年。",
        "1.5 points a year on fixed-asset loans since 2026 of small firms in the key chains, for at most two years and "
        "50 million yuan of principal a firm.",
    ),
    department="finance",
    subject=Subject.LOAN,
    as_of_on=dt.date(2026, 11, 1),
    granted_cny=Decimal(400_000_000),
    # A firm's limit is used up by its loans in the order in which they were drawn (assumed).
    amount_feel=f"max(min(loan.principal, {_LEFT_OF_LIMIT}), 0) * 0.015"
    ' * min((loan.due_on - loan.drawn_on) / duration("P365D"), 2)',
    clauses=(
        ClauseText(
            "2026 年 1 月 1 日后的固定资产贷款",
            "A loan for fixed assets since 2026",
            'loan.is_fixed_asset and loan.drawn_on >= date("2026-01-01")',
        ),
        ClauseText("中小微企业", "A medium, small or micro firm", 'company.size in ("medium", "small", "micro")'),
        ClauseText(
            "属于重点产业链", "In a key industrial chain", 'count(lists[name = "key_chain" and year = 2026]) > 0'
        ),
        ClauseText(
            "同一贷款未享受其他中央贴息",
            "No other central interest subsidy on the same loan",
            "loan.has_other_subsidy = false",
        ),
    ),
)

P_36 = DemoPolicy(
    code="P-36",
    title=Bilingual("非居民用户水电气费九折", "A tenth off the utilities of firms"),
    summary=Bilingual(
        "非居民用户 2022 年 6 至 8 月账单补贴 10%，直接付给供水供电供气单位，企业无需申领。",
        "A tenth of each bill from June to August 2022, paid to the utility; the firm need not do anything.",
    ),
    department="utilities",
    subject=Subject.BILL,
    as_of_on=dt.date(2022, 8, 31),
    granted_cny=Decimal(80_000_000),
    track=Track.AUTOMATIC,
    amount_feel="bill.amount * 0.1",
    clauses=(
        ClauseText("非居民用户", "Not a resident's bill", "bill.is_resident = false"),
        ClauseText(
            "2022 年 6 至 8 月账单", "A bill of June to August 2022", 'bill.month between "2022-06" and "2022-08"'
        ),
    ),
)
