"""Jobs: hiring graduates, the unemployed, and people out of hardship."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from policies.authoring.parts import ClauseText
from policies.models import Subject
from qinqing.demo.policies.form import DemoPolicy, always, eligible, ineligible, parameter, unknown
from qinqing.demo.policies.library import NOT_GOVERNMENT
from qinqing.kernel.text import Bilingual

_HIRED = {"hired_on": "2022-07-01", "has_contract": True, "insured_months": 1}

P_17 = DemoPolicy(
    code="P-17",
    title=Bilingual("一次性扩岗补助", "Job-expansion subsidy"),
    summary=Bilingual(
        "招用应届或离校两年内未就业毕业生、登记失业青年并参保的企业，每人补助 1500 元。",
        "1,500 yuan for each graduate of the year, unemployed graduate of the last two years, or registered unemployed "
        "person aged 16 to 24 whom the firm hires and insures.",
    ),
    department="labour",
    subject=Subject.EMPLOYEE,
    as_of_on=dt.date(2022, 12, 31),
    granted_cny=Decimal(80_000_000),
    amount_feel="1500",
    clauses=(
        ClauseText(
            "2022 年招用", "Hired in 2022", 'employee.hired_on between date("2022-01-01") and date("2022-12-31")'
        ),
        # An unemployed graduate is one who left school in the two years before (assumed: since July 2020).
        ClauseText(
            "应届毕业生、离校两年内未就业毕业生或 16 至 24 岁登记失业青年",
            "A graduate of the year, an unemployed one of the last two years, or registered unemployed at 16 to 24",
            'employee.graduated_on between date("2022-01-01") and date("2022-12-31")'
            ' or (employee.is_registered_unemployed and employee.graduated_on >= date("2020-07-01"))'
            " or (employee.is_registered_unemployed and employee.age_at_hire between 16 and 24)",
        ),
        ClauseText("签订劳动合同", "Has a contract", "employee.has_contract"),
        ClauseText("参保满 1 个月", "Insured for a month", "employee.insured_months >= 1"),
    ),
    examples=(
        eligible("应届毕业生", "1500", employee=_HIRED | {"graduated_on": "2022-06-30"}),
        eligible("24 岁登记失业", "1500", employee=_HIRED | {"is_registered_unemployed": True, "age_at_hire": 24}),
        ineligible(
            "25 岁登记失业，2019 年毕业",
            employee=_HIRED | {"is_registered_unemployed": True, "age_at_hire": 25, "graduated_on": "2019-06-30"},
        ),
        unknown("不知毕业日期", employee=_HIRED | {"is_registered_unemployed": True, "age_at_hire": 25}),
    ),
)

_PAID_MONTHS = 'contributions[month between "2022-11" and "2023-04" and employer = company.credit_code]'
_OLDER = '(hire.gender = "male" and hire.age_at_hire >= 55) or (hire.gender = "female" and hire.age_at_hire >= 45)'
_EMPLOYER = "91330102XXQ000016K"
_FIRM = {"company": {"credit_code": _EMPLOYER, "is_government_unit": False}}


def _fees(first: int, last: int) -> list[dict[str, object]]:
    """Fees of 1,200 yuan from a month to another, counted from November 2022."""
    names = ("2022-11", "2022-12", "2023-01", "2023-02", "2023-03", "2023-04")
    return [{"month": name, "employer": _EMPLOYER, "fees": 1200} for name in names[first : last + 1]]


P_21 = DemoPolicy(
    code="P-21",
    title=Bilingual("招用就业困难人员社保补贴", "Social-insurance subsidy for hiring out of hardship"),
    summary=Bilingual(
        "招用登记就业困难人员，2023 年 2 月起按单位实缴三项社保费补贴，此前每月 800 元或 600 元；"
        "领取失业保险金的月份除外。",
        "The employer's three fees for each month since February 2023, before that 800 or 600 yuan a month, for "
        "registered persons in hardship; not for months of unemployment benefit.",
    ),
    department="labour",
    subject=Subject.HIRE,
    # The half-year from November to April, in the midst of which the amount changed.
    period_label="2022/23",
    as_of_on=dt.date(2023, 4, 30),
    granted_cny=Decimal(80_000_000),
    parameters=(
        parameter(
            "older_standard", "大龄人员月标准", "A month of an older person, until January 2023", "元", always("800")
        ),
        parameter("standard", "其他人员月标准", "A month of any other person, until January 2023", "元", always("600")),
    ),
    amount_feel=f"sum(for m in {_PAID_MONTHS} return"
    " if count(unemployment_benefits[month = m.month]) > 0 then 0"
    ' else if m.month >= "2023-02" then m.fees'
    f" else if {_OLDER} then older_standard else standard)",
    clauses=(
        NOT_GOVERNMENT,
        ClauseText(
            "非 6 个月内被原单位重新招用",
            "Not hired back by the same owner within six months",
            'hire.last_left_on = null or hire.hired_on > hire.last_left_on + duration("P6M")',
        ),
        ClauseText("为其缴纳社会保险费", "Pays the person's social insurance", f"count({_PAID_MONTHS}) > 0"),
    ),
    examples=(
        eligible(
            "46 岁女性，六个月跨越标准调整",
            "6000",
            **_FIRM,
            hire={"hired_on": "2022-10-08", "gender": "female", "age_at_hire": 46},
            contributions=_fees(0, 5),
        ),
        eligible(
            "46 岁男性，一个月领取失业保险金",
            "4800",
            **_FIRM,
            hire={"hired_on": "2022-10-08", "gender": "male", "age_at_hire": 46},
            contributions=_fees(0, 5),
            unemployment_benefits=[{"month": "2023-01", "amount": 1656}],
        ),
        ineligible(
            "五个月前离职又招回",
            **_FIRM,
            hire={"hired_on": "2022-10-08", "gender": "male", "age_at_hire": 46, "last_left_on": "2022-05-08"},
            contributions=_fees(0, 5),
        ),
        unknown(
            "不知性别，全在调整之前",
            **_FIRM,
            hire={"hired_on": "2022-10-08", "age_at_hire": 46},
            contributions=_fees(0, 1),
        ),
    ),
)
