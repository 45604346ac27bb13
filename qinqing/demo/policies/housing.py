"""Housing: rents of people, compounds in an epidemic, rents of firms."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from policies.authoring.parts import ClauseText
from policies.models import Payee, Subject
from qinqing.demo.policies.form import DemoPolicy, always, eligible, in_district, ineligible, parameter, unknown
from qinqing.kernel.text import Bilingual

_HOMELESS = {"owns_home": False, "in_public_housing": False, "has_subsidy": False}
_INSURED = {"insured_from": "2018-07-01", "insured_until": None}
_IN_TOWN = {
    "company": {"district": "330106"},
    "taxpayer": {"district": "330106"},
    "employee": _INSURED,
    "housing": _HOMELESS,
    "marriage": {"is_married": False},
}

P_01 = DemoPolicy(
    code="P-01",
    title=Bilingual("企业员工租房补贴", "Rent subsidy for employees"),
    summary=Bilingual(
        "在杭企业的中低收入无房员工，每户夫妻一次性补贴 500 元，由企业兑付、直达个人。",
        "500 yuan, once per couple, for employees on low and middle incomes who own no home; the firm claims, the "
        "person is paid.",
    ),
    department="housing",
    subject=Subject.COUPLE,
    payee=Payee.EMPLOYEE,
    as_of_on=dt.date(2020, 6, 30),
    granted_cny=Decimal(320_000_000),
    amount_feel="500",
    parameters=(
        parameter(
            *("wage_limit", "工资上限", "Limit of the yearly wage", "元"),
            always("72000"),
            in_district("330127", "57000"),
        ),
    ),
    clauses=(
        ClauseText(
            "企业在杭州登记并纳税",
            "The firm is registered and taxed in Hangzhou",
            'starts with(company.district, "3301") and starts with(taxpayer.district, "3301")',
        ),
        # Insured "since 2019" is read as: the insurance began by the end of 2019 and reached into 2020 (assumed).
        ClauseText(
            "员工 2019 年起在该企业参保",
            "Insured there since 2019",
            'employee.insured_from <= date("2019-12-31")'
            ' and (employee.insured_until = null or employee.insured_until >= date("2020-01-01"))',
        ),
        ClauseText(
            "2019 年年化工资低于 72,000 元（淳安县 57,000 元）",
            "A wage below 72,000 yuan in 2019, a part of a year annualised (57,000 in Chun'an)",
            "wages[year = 2019].total / wages[year = 2019].months * 12 < wage_limit",
        ),
        ClauseText(
            "本人及配偶未住公租房、未享受住房补贴",
            "Neither spouse lives in public housing or receives a housing subsidy",
            "housing.in_public_housing = false and housing.has_subsidy = false and (marriage.is_married = false"
            " or (spouse_housing.in_public_housing = false and spouse_housing.has_subsidy = false))",
        ),
        ClauseText(
            "本人及配偶在本市无房",
            "Neither spouse owns a home in the city",
            "housing.owns_home = false and (marriage.is_married = false or spouse_housing.owns_home = false)",
        ),
    ),
    examples=(
        eligible("五个月工资 29,990 元", "500", **_IN_TOWN, wages=[{"year": 2019, "total": 29_990, "months": 5}]),
        ineligible("年工资 72,000 元", **_IN_TOWN, wages=[{"year": 2019, "total": 72_000, "months": 12}]),
        ineligible(
            "淳安县年工资 60,000 元",
            **_IN_TOWN | {"company": {"district": "330127"}},
            wages=[{"year": 2019, "total": 60_000, "months": 12}],
        ),
        unknown("没有工资数据", **_IN_TOWN),
    ),
)

P_02 = DemoPolicy(
    code="P-02",
    title=Bilingual("物业服务企业疫情防控补贴", "Epidemic subsidy for property management"),
    summary=Bilingual(
        "参与住宅小区疫情防控的物业企业，按在管面积每平方米每月 0.5 元补贴两个月。",
        "Half a yuan per managed square metre and month, for two months, for each compound with epidemic control.",
    ),
    department="housing",
    subject=Subject.COMPOUND,
    as_of_on=dt.date(2020, 3, 31),
    # The text lets unclaimed money lapse a month later.
    window_days=30,
    granted_cny=Decimal(400_000_000),
    amount_feel="compound.managed_m2 * 0.5 * 2",
    clauses=(
        ClauseText("物业服务企业", "A property-management firm", 'starts with(company.industry, "K702")'),
        ClauseText(
            "参与小区疫情防控", "Took part in the compound's epidemic control", "compound.joined_epidemic_control"
        ),
    ),
    examples=(
        eligible(
            "在管 4 万平方米",
            "40000",
            company={"industry": "K7020"},
            compound={"managed_m2": 40_000, "joined_epidemic_control": True},
        ),
        unknown("不知是否参与防控", company={"industry": "K7020"}, compound={"managed_m2": 40_000}),
    ),
)

_RENT = 'rents[paid_on between date("2022-03-01") and date("2022-05-31")]'
_RESTAURANT = {"company": {"industry": "H6210"}, "library": [{"trade": "catering", "entered_on": "2020-01-01"}]}

P_33 = DemoPolicy(
    code="P-33",
    title=Bilingual("住宿餐饮等行业房租补贴", "Rent subsidy for hotels, restaurants, car dealers, cinemas and sights"),
    summary=Bilingual(
        "限上住宿（隔离酒店除外）、餐饮、汽车销售企业及规上影院、景区，"
        "按 2022 年 3 至 5 月已付租金 20% 补贴，最高 20 万元。",
        "A fifth of the rent paid from March to May 2022, at most 200,000 yuan, for above-scale hotels that were no "
        "quarantine hotels, restaurants, car dealers, cinemas and scenic spots.",
    ),
    department="housing",
    as_of_on=dt.date(2022, 5, 31),
    granted_cny=Decimal(60_000_000),
    cap_cny=Decimal(200_000),
    amount_feel=f"sum({_RENT}.amount) * 0.2",
    clauses=(
        # Hotels by H61, restaurants H62, car dealers F526, scenic spots N786 and cinemas R876 of GB/T 4754-2017.
        ClauseText(
            "住宿、餐饮、汽车销售、景区或影院企业",
            "A hotel, restaurant, car dealer, scenic spot or cinema",
            'some code in ["H61", "H62", "F526", "N786", "R876"] satisfies starts with(company.industry, code)',
        ),
        ClauseText(
            "限额以上（规模以上）单位",
            "Above the threshold of the statistics",
            'count(library[trade in ("lodging", "catering", "retail", "service")'
            " and entered_on <= as_of and (left_on = null or left_on > as_of)]) > 0",
        ),
        ClauseText(
            "非隔离酒店", "Not a quarantine hotel", 'count(lists[name = "quarantine_hotel" and year = 2022]) = 0'
        ),
        ClauseText("2022 年 3 至 5 月支付租金", "Paid rent from March to May 2022", f"count({_RENT}) > 0"),
    ),
    examples=(
        eligible(
            "两个月租金各 3 万元",
            "12000",
            **_RESTAURANT,
            rents=[{"paid_on": "2022-03-10", "amount": 30_000}, {"paid_on": "2022-05-31", "amount": 30_000}],
        ),
        eligible(
            "租金 150 万元，封顶", "200000", **_RESTAURANT, rents=[{"paid_on": "2022-04-01", "amount": 1_500_000}]
        ),
        ineligible("六月才支付", **_RESTAURANT, rents=[{"paid_on": "2022-06-01", "amount": 30_000}]),
        unknown("没有租金数据", **_RESTAURANT),
    ),
)
