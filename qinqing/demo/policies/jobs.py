"""Jobs: keeping, training and hiring people."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from policies.models import Subject
from policies.operations import ClauseText
from qinqing.demo.policies.form import NOT_DISHONEST, NOT_ZOMBIE, DemoPolicy
from qinqing.kernel.text import Bilingual

P_14 = DemoPolicy(
    code="P-14",
    title=Bilingual("失业保险稳岗返还", "Job-stabilising refund"),
    summary=Bilingual(
        "不裁员、少裁员的参保企业，按上年度失业保险费返还：大型企业 30%，其他企业 60%。",
        "Firms that lay off few or none get back part of last year's unemployment premium: large ones 30 %, all others "
        "60 %.",
    ),
    department="labour",
    period_label="2022",
    # The rates are those before the rise of mid-2022; a later version carries 50 and 90 %.
    as_of_on=dt.date(2022, 5, 31),
    granted_cny=Decimal(300_000_000),
    amount_feel='insurance_year[year = 2021].unemployment_premium * (if company.size = "large" then 0.30 else 0.60)',
    clauses=(
        ClauseText(
            "足额缴纳失业保险 12 个月以上",
            "Fully paid for at least 12 months",
            "insurance_year[year = 2021].paid_months >= 12",
        ),
        ClauseText(
            "裁员率不高于 5.5%，参保 30 人以下不高于 20%",
            "Layoffs of at most 5.5 %, or 20 % with at most 30 insured",
            "insurance_year[year = 2021].layoff_rate <= 0.055"
            " or (insurance_year[year = 2021].insured <= 30 and insurance_year[year = 2021].layoff_rate <= 0.20)",
        ),
        NOT_DISHONEST,
        NOT_ZOMBIE,
    ),
)

# Catering, retail, tourism, civil aviation, and transport by rail, road and water; tourism is read as travel agencies
# (7291) and scenic areas (786) of GB/T 4754-2017 (assumed).
_FIVE_INDUSTRIES = (
    'starts with(company.industry, "H62") or starts with(company.industry, "F52")'
    ' or starts with(company.industry, "L7291") or starts with(company.industry, "N786")'
    ' or starts with(company.industry, "G56") or starts with(company.industry, "G53")'
    ' or starts with(company.industry, "G54") or starts with(company.industry, "G55")'
)
# The event's month was April 2022 (assumed).
_EVENT_MONTHS = 'insurance[month >= "2022-01" and month <= "2022-04"].insured'
_MONTHS_DUE = 'if company.founded_on < date("2022-02-01") then 4 else 5 - company.founded_on.month'

P_16 = DemoPolicy(
    code="P-16",
    title=Bilingual("一次性留工培训补助", "Stay-and-train subsidy"),
    summary=Bilingual(
        "受疫情影响的餐饮、零售、旅游、民航、公路水路铁路运输企业及风险区企业，按平均参保人数每人补助 500 元。",
        "500 yuan for each of the average insured staff, for the five industries hit hardest and for firms in risk "
        "areas.",
    ),
    department="labour",
    as_of_on=dt.date(2022, 5, 31),
    granted_cny=Decimal(200_000_000),
    # A month that nobody delivered makes the average unknown rather than smaller.
    amount_feel=f"if count({_EVENT_MONTHS}) = ({_MONTHS_DUE})"
    f" then round half up(mean({_EVENT_MONTHS}), 2) * 500 else null",
    clauses=(
        ClauseText(
            "属于五个特困行业，或曾处于风险区",
            "One of the five industries hit hardest, or in a risk area at the time",
            f"{_FIVE_INDUSTRIES}"
            ' or count(risk_periods[started_on <= date("2022-04-30")'
            ' and (ended_on = null or ended_on >= date("2022-01-01"))]) > 0',
        ),
        ClauseText(
            "2022 年 4 月底前成立", "Founded by the end of April 2022", 'company.founded_on <= date("2022-04-30")'
        ),
        NOT_ZOMBIE,
    ),
)

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
)

P_19 = DemoPolicy(
    code="P-19",
    title=Bilingual("以工代训补贴", "Subsidy for training on the job"),
    summary=Bilingual(
        "新招用困难人员、毕业生、登记失业人员，或停工的中小微企业、五个特困行业企业开展以工代训，"
        "每人每月 500 元，最长 6 个月。",
        "500 yuan for each person and month of training on the job, at most six months, for new staff out of "
        "hardship, school or unemployment, for small firms that had to stop, and for the five industries hit hardest.",
    ),
    department="labour",
    subject=Subject.TRAINEE,
    as_of_on=dt.date(2021, 12, 31),
    granted_cny=Decimal(30_000_000),
    amount_feel="500",
    clauses=(
        ClauseText(
            "2020 年 7 月至 2021 年 12 月",
            "A month from July 2020 to December 2021",
            'trainee.month between "2020-07" and "2021-12"',
        ),
        # Months that a year left over go on in the next one, so they are counted over the years.
        ClauseText("每人不超过 6 个月", "At most six months a person", "trainee.month_number <= 6"),
        ClauseText(
            "新招用的重点人员，或停工的中小微企业，或五个特困行业",
            "New staff of the groups, a small firm that had to stop, or one of the five industries",
            '(trainee.kind in ("hardship", "graduate", "registered_unemployed")'
            ' and trainee.hired_on >= date("2020-01-01"))'
            ' or (company.size in ("medium", "small", "micro") and count(stoppages) > 0)'
            f" or {_FIVE_INDUSTRIES}",
        ),
    ),
)

_PAID_MONTHS = 'contributions[month between "2022-11" and "2023-04" and employer = company.credit_code]'
_OLDER = '(hire.gender = "male" and hire.age_at_hire >= 55) or (hire.gender = "female" and hire.age_at_hire >= 45)'

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
    amount_feel=f"sum(for m in {_PAID_MONTHS} return"
    " if count(unemployment_benefits[month = m.month]) > 0 then 0"
    ' else if m.month >= "2023-02" then m.fees'
    f" else if {_OLDER} then 800 else 600)",
    clauses=(
        ClauseText("非机关事业单位", "Not a government unit", "company.is_government_unit = false"),
        ClauseText(
            "非 6 个月内被原单位重新招用",
            "Not hired back by the same owner within six months",
            'hire.last_left_on = null or hire.hired_on > hire.last_left_on + duration("P6M")',
        ),
        ClauseText("为其缴纳社会保险费", "Pays the person's social insurance", f"count({_PAID_MONTHS}) > 0"),
    ),
)

_SPRING = 'insurance[month between "2022-03" and "2022-05"].insured'

P_35 = DemoPolicy(
    code="P-35",
    title=Bilingual("百强企业稳岗奖励", "Award for keeping staff"),
    summary=Bilingual(
        "百强企业 2022 年 3 至 5 月平均参保人数不低于 1 月的 95%，按 3 月参保人数每人奖励 500 元，最高 20 万元。",
        "500 yuan for each of the staff insured in March 2022, at most 200,000, for firms of the top 100 that kept "
        "95 % of January's staff until May.",
    ),
    department="labour",
    as_of_on=dt.date(2022, 5, 31),
    granted_cny=Decimal(20_000_000),
    cap_cny=Decimal(200_000),
    amount_feel='insurance[month = "2022-03"].insured * 500',
    clauses=(
        ClauseText("百强企业", "Among the top 100", 'count(lists[name = "top_100" and year = 2022]) > 0'),
        ClauseText(
            "3 至 5 月平均参保人数不低于 1 月的 95%",
            "On average 95 % of January's staff from March to May",
            f'if count({_SPRING}) = 3 then mean({_SPRING}) >= insurance[month = "2022-01"].insured * 0.95 else null',
        ),
    ),
)
