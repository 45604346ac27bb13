"""Trade: shops, restaurants and cars."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from policies.models import Payee, Subject
from policies.operations import ClauseText
from qinqing.demo.policies.form import ACTIVE, DemoPolicy
from qinqing.kernel.text import Bilingual

_RETAIL_LIBRARY = 'count(library[trade = "retail" and (left_on = null or left_on >= date("2022-04-01"))]) > 0'
_CATERING_LIBRARY = 'count(library[trade = "catering" and (left_on = null or left_on >= date("2022-04-01"))]) > 0'
_YEAR_BEFORE = "sales[year = sale.year - 1 and month_of_year = sale.month_of_year]"

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
)

_SALES_2023 = "(sum(sales[year = 2023].retail) + sum(sales[year = 2023].catering))"

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
    # The year's sales are known once December is there.
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
        ACTIVE,
    ),
)

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
    amount_feel="if car.price_ex_tax >= 300000 then 10000 else if car.price_ex_tax >= 200000 then 6000 else 2000",
    clauses=(
        ClauseText("新能源汽车", "A new-energy car", "car.is_new_energy"),
        ClauseText("2022 年购买", "Bought in 2022", 'car.sold_on between date("2022-01-01") and date("2022-12-31")'),
        ClauseText(
            "购车人未被列入严重失信名单",
            "The buyer is not on the list of serious dishonesty",
            'count(person_credit[kind = "serious_dishonesty" and removed_on = null]) = 0',
        ),
    ),
)
