"""Relief: interest on loans, and bills of utilities."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from policies.authoring.parts import ClauseText
from policies.models import Payee, Subject, Track
from qinqing.demo.policies.form import DemoPolicy, always, eligible, ineligible, parameter, unknown
from qinqing.demo.policies.library import IN_BUSINESS, SMALL_FIRM
from qinqing.kernel.text import Bilingual

_EARLIER = (
    'loans[is_fixed_asset and drawn_on >= date("2026-01-01")'
    " and (drawn_on < loan.drawn_on or (drawn_on = loan.drawn_on and contract < loan.contract))]"
)
_LEFT_OF_LIMIT = f"(principal_limit - (if count({_EARLIER}) = 0 then 0 else sum({_EARLIER}.principal)))"
_CHAIN = {"company": {"size": "medium"}, "lists": [{"name": "key_chain", "year": 2026}]}


def _loan(contract: str, principal: int, drawn_on: str, due_on: str) -> dict[str, object]:
    terms = {"is_fixed_asset": True, "has_other_subsidy": False}
    return {"contract": contract, "principal": principal, "drawn_on": drawn_on, "due_on": due_on, **terms}


_FIRST = _loan("A", 45_000_000, "2026-02-10", "2028-02-10")
_SECOND = _loan("B", 15_000_000, "2026-03-10", "2027-03-10")

P_28 = DemoPolicy(
    code="P-28",
    title=Bilingual("中小微企业固定资产贷款贴息", "Interest subsidy on loans for fixed assets"),
    summary=Bilingual(
        "重点产业链中小微企业 2026 年起的固定资产贷款，按本金每年贴息 1.5 个百分点，"
        "每户本金不超过 5000 万元，最长 2 年。",
        "1.5 points a year on fixed-asset loans since 2026 of small firms in the key chains, for at most two years and "
        "50 million yuan of principal a firm.",
    ),
    department="finance",
    subject=Subject.LOAN,
    as_of_on=dt.date(2026, 11, 1),
    granted_cny=Decimal(400_000_000),
    parameters=(
        parameter("points", "贴息百分点", "Share of the principal a year", "", always("0.015")),
        parameter("principal_limit", "每户本金上限", "Limit of a firm's principal", "元", always("50000000")),
    ),
    # A firm's limit is used up by its loans in the order in which they were drawn (assumed); a year has 365 days.
    amount_feel=f"max(min(loan.principal, {_LEFT_OF_LIMIT}), 0) * points"
    ' * min((loan.due_on - loan.drawn_on) / duration("P365D"), 2)',
    clauses=(
        ClauseText(
            "2026 年 1 月 1 日后的固定资产贷款",
            "A loan for fixed assets since 2026",
            'loan.is_fixed_asset and loan.drawn_on >= date("2026-01-01")',
        ),
        SMALL_FIRM,
        ClauseText(
            "属于重点产业链", "In a key industrial chain", 'count(lists[name = "key_chain" and year = 2026]) > 0'
        ),
        ClauseText(
            "同一贷款未享受其他中央贴息",
            "No other central interest subsidy on the same loan",
            "loan.has_other_subsidy = false",
        ),
    ),
    examples=(
        eligible(
            "6000 万元，两年",
            "1500000",
            **_CHAIN,
            loan=_loan("A", 60_000_000, "2026-02-10", "2028-02-10"),
            loans=[_loan("A", 60_000_000, "2026-02-10", "2028-02-10")],
        ),
        eligible("第二笔只剩 500 万元额度", "75000", **_CHAIN, loan=_SECOND, loans=[_FIRST, _SECOND]),
        eligible(
            "73 天",
            "3000",
            **_CHAIN,
            loan=_loan("C", 1_000_000, "2026-02-10", "2026-04-24"),
            loans=[_loan("C", 1_000_000, "2026-02-10", "2026-04-24")],
        ),
        ineligible("大型企业", **_CHAIN | {"company": {"size": "large"}}, loan=_FIRST, loans=[_FIRST]),
        unknown("不知是否享受其他贴息", **_CHAIN, loan=_FIRST | {"has_other_subsidy": None}, loans=[_FIRST]),
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
    payee=Payee.THIRD_PARTY,
    payee_feel="bill.supplier",
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
    examples=(
        eligible("电费 1234.50 元", "123.45", bill={"month": "2022-07", "amount": 1234.5, "is_resident": False}),
        ineligible("居民用户", bill={"month": "2022-07", "amount": 1234.5, "is_resident": True}),
        unknown("不知用户类别", bill={"month": "2022-07", "amount": 1234.5}),
    ),
)

_PAYER = {"taxpayer": {"is_normal": True}, "utilities": [{"amount": 90, "is_resident": False}]}

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
        IN_BUSINESS,
        ClauseText("税务登记状态正常", "In good standing with the tax authority", "taxpayer.is_normal"),
        # "Paying" is read as: billed for electricity or water (assumed).
        ClauseText("缴纳水电费", "Pays for its utilities", "count(utilities[amount > 0]) > 0"),
    ),
    examples=(
        eligible("微型企业", "1500", company={"size": "micro", "standing": "active"}, **_PAYER),
        ineligible("中型企业", company={"size": "medium", "standing": "active"}, **_PAYER),
        unknown("不知企业规模", company={"standing": "active"}, **_PAYER),
    ),
)
