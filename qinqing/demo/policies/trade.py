"""Trade: shops, restaurants and cars."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from policies.authoring.parts import ClauseText, TableText
from policies.models import Payee, Subject
from qinqing.demo.policies.form import DemoPolicy, eligible, ineligible, months, unknown
from qinqing.demo.policies.library import IN_BUSINESS
from qinqing.kernel.text import Bilingual

_IN_LIBRARY = "(left_on = null or left_on > as_of)"
_RETAIL_LIBRARY = f'count(library[trade = "retail" and {_IN_LIBRARY}]) > 0'
_CATERING_LIBRARY = f'count(library[trade = "catering" and {_IN_LIBRARY}]) > 0'
_YEAR_BEFORE = "sales[year = sale.year - 1 and month_of_year = sale.month_of_year]"
_SHOP = {"library": [{"trade": "retail", "entered_on": "2018-01-01"}]}
_FEBRUARY = {"month": "2022-02", "year": 2022, "month_of_year": 2, "catering": 0}
_YEAR_AGO = {"month": "2021-02", "year": 2021, "month_of_year": 2, "catering": 0}

P_05 = DemoPolicy(
    code="P-05",
    title=Bilingual("零售餐饮企业月度增量奖励", "Monthly increment award for retail and catering"),
    summary=Bilingual(
        "2022 年一季度零售额月增量 1000 万元以上奖 10 万元，餐饮月增量 100 万元以上奖 5 万元。",
        "For each month of the first quarter of 2022: 100,000 yuan when retail sales rose by 10 million over the year "
        "before, 50,000 when catering rose by a million.",
    ),
    department="statistics",
    subject=Subject.SALE,
    as_of_on=dt.date(2022, 3, 31),
    granted_cny=Decimal(60_000_000),
    # The ceiling of 2 million in all is above three months' awards, so it never binds.
    amount_feel=f"if {_RETAIL_LIBRARY} and sale.retail - {_YEAR_BEFORE}.retail >= 10000000 then 100000 else 50000",
    clauses=(
        ClauseText(
            "2022 年 1 至 3 月", "A month from January to March 2022", 'sale.month between "2022-01" and "2022-03"'
        ),
        ClauseText("在统计一套表单位库", "In the statistics library", f"{_RETAIL_LIBRARY} or {_CATERING_LIBRARY}"),
        ClauseText(
            "零售额同比增量 1000 万元以上，或餐费收入同比增量 100 万元以上",
            "Retail sales up by 10 million yuan on the year before, or catering by 1 million",
            f"({_RETAIL_LIBRARY} and sale.retail - {_YEAR_BEFORE}.retail >= 10000000)"
            f" or ({_CATERING_LIBRARY} and sale.catering - {_YEAR_BEFORE}.catering >= 1000000)",
        ),
    ),
    examples=(
        eligible(
            "零售额增加 1000 万元",
            "100000",
            **_SHOP,
            sale=_FEBRUARY | {"retail": 30_000_000},
            sales=[_YEAR_AGO | {"retail": 20_000_000}],
        ),
        ineligible(
            "零售额增加 999 万元",
            **_SHOP,
            sale=_FEBRUARY | {"retail": 29_990_000},
            sales=[_YEAR_AGO | {"retail": 20_000_000}],
        ),
        unknown("上年同月没有数据", **_SHOP, sale=_FEBRUARY | {"retail": 30_000_000}),
    ),
)

_SALES_2023 = "(sum(sales[year = 2023].retail) + sum(sales[year = 2023].catering))"
_NEWCOMER = {
    "company": {"founded_on": "2022-11-01", "standing": "active"},
    "library": [{"trade": "retail", "entered_on": "2023-04-01"}],
}

P_09 = DemoPolicy(
    code="P-09",
    title=Bilingual("新增限上零售餐饮企业奖励", "Award for newly above-threshold shops and restaurants"),
    summary=Bilingual(
        "2022 年 10 月后注册、2023 年月度上限的零售餐饮企业奖 8 万元，年销售额 5000 万元以上奖 10 万元。",
        "80,000 yuan for shops and restaurants founded since October 2022 that passed the threshold in a month of "
        "2023, 100,000 when they sold for 50 million in the year.",
    ),
    department="commerce",
    as_of_on=dt.date(2023, 12, 31),
    granted_cny=Decimal(5_000_000),
    # The year's sales are complete once the data has December.
    amount_feel=f'if count(sales[month = "2023-12"]) = 0 then null'
    f" else if {_SALES_2023} >= 50000000 then 100000 else 80000",
    clauses=(
        ClauseText(
            "2022 年 10 月 1 日后注册", "Founded since October 2022", 'company.founded_on >= date("2022-10-01")'
        ),
        ClauseText(
            "2023 年达到限额以上标准",
            "Passed the threshold in a month of 2023",
            'count(library[trade in ("retail", "catering")'
            ' and entered_on between date("2023-01-01") and date("2023-12-31")]) > 0',
        ),
        IN_BUSINESS,
    ),
    examples=(
        eligible(
            "年销售额正好 5000 万元",
            "100000",
            **_NEWCOMER,
            sales=months("2023-11", 20_000_000, 30_000_000, fact="retail", year=2023, catering=0),
        ),
        eligible(
            "年销售额 4999 万元",
            "80000",
            **_NEWCOMER,
            sales=months("2023-11", 20_000_000, 29_990_000, fact="retail", year=2023, catering=0),
        ),
        unknown(
            "十二月数据未到",
            **_NEWCOMER,
            sales=months("2023-10", 20_000_000, 29_990_000, fact="retail", year=2023, catering=0),
        ),
    ),
)

_CAR = {"is_new_energy": True, "sold_on": "2022-05-01"}

P_11 = DemoPolicy(
    code="P-11",
    title=Bilingual("新能源汽车购车补贴", "Subsidy for new-energy cars"),
    summary=Bilingual(
        "2022 年个人购买新能源汽车，按不含税价格补贴 2000 至 10000 元，由经销商代为申报、直达购车人。",
        "2,000 to 10,000 yuan by the price, for persons who bought a new-energy car in 2022; the dealer claims, the "
        "buyer is paid.",
    ),
    department="commerce",
    subject=Subject.CAR,
    payee=Payee.EMPLOYEE,
    as_of_on=dt.date(2022, 12, 31),
    granted_cny=Decimal(60_000_000),
    amount_feel="car_tier",
    tables=(
        TableText(
            name="car_tier",
            name_zh="购车补贴档次",
            name_en="Tiers of the subsidy",
            inputs=({"label_zh": "不含税价格", "label_en": "Price without tax", "feel": "car.price_ex_tax"},),
            rows=(
                {"cells": [">= 300000"], "output": "10000"},
                {"cells": ["[200000..300000)"], "output": "6000"},
                {"cells": ["< 200000"], "output": "2000"},
            ),
        ),
    ),
    clauses=(
        ClauseText("新能源汽车", "A new-energy car", "car.is_new_energy"),
        ClauseText("2022 年购买", "Bought in 2022", 'car.sold_on between date("2022-01-01") and date("2022-12-31")'),
        ClauseText(
            "购车人未被列入严重失信名单",
            "The buyer is not on the list of serious dishonesty",
            'count(person_credit[kind = "serious_dishonesty" and removed_on = null]) = 0',
        ),
    ),
    examples=(
        eligible("30 万元", "10000", car=_CAR | {"price_ex_tax": 300_000}),
        eligible("29.99 万元", "6000", car=_CAR | {"price_ex_tax": 299_900}),
        eligible("20 万元", "6000", car=_CAR | {"price_ex_tax": 200_000}),
        eligible("19.99 万元", "2000", car=_CAR | {"price_ex_tax": 199_900}),
        ineligible(
            "购车人严重失信",
            car=_CAR | {"price_ex_tax": 200_000},
            person_credit=[{"kind": "serious_dishonesty", "listed_on": "2021-01-01"}],
        ),
        unknown("不知价格", car=_CAR),
    ),
)
