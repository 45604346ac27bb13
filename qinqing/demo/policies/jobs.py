"""Jobs: keeping and training people."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from policies.authoring.parts import ClauseText
from policies.models import ReminderMoment, Subject, Track
from qinqing.demo.policies.form import DemoPolicy, eligible, ineligible, months, parameter, since, unknown
from qinqing.demo.policies.library import NOT_DISHONEST, NOT_ZOMBIE
from qinqing.kernel.text import Bilingual


def _year(premium: int = 120_000, insured: int = 25, layoff_rate: float | None = 0.12) -> list[dict[str, object]]:
    return [
        {
            "year": 2021,
            "unemployment_premium": premium,
            "insured": insured,
            "paid_months": 12,
            "layoff_rate": layoff_rate,
        }
    ]


P_14 = DemoPolicy(
    code="P-14",
    title=Bilingual("失业保险稳岗返还", "Job-stabilising refund"),
    summary=Bilingual(
        "不裁员、少裁员的参保企业，按上年度失业保险费返还：大型企业 30%，其他企业 60%；2022 年年中起为 50% 和 90%。",
        "Firms that lay off few or none get back part of last year's unemployment premium: large ones 30 %, all others "
        "60 %; 50 and 90 % from mid-2022.",
    ),
    department="labour",
    period_label="2022",
    # The rates are those in force on this day.
    as_of_on=dt.date(2022, 5, 31),
    granted_cny=Decimal(300_000_000),
    track=Track.PUBLICISED,
    publicise_days=5,
    parameters=(
        parameter(
            *("large_rate", "大型企业返还比例", "Rate of large firms", ""),
            since(2020, 1, 1, "0.3"),
            since(2022, 6, 1, "0.5"),
        ),
        parameter(
            *("other_rate", "其他企业返还比例", "Rate of all other firms", ""),
            since(2020, 1, 1, "0.6"),
            since(2022, 6, 1, "0.9"),
        ),
    ),
    amount_feel="insurance_year[year = 2021].unemployment_premium"
    ' * (if company.size = "large" then large_rate else other_rate)',
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
    examples=(
        eligible("25 人，裁员 12%", "72000", company={"size": "small"}, insurance_year=_year()),
        eligible(
            "同一企业，2022 年年中后", "108000", as_of="2022-07-01", company={"size": "small"}, insurance_year=_year()
        ),
        eligible(
            "大型企业",
            "36000",
            company={"size": "large"},
            insurance_year=_year(insured=1200, layoff_rate=0.055),
        ),
        ineligible("31 人，裁员 12%", company={"size": "small"}, insurance_year=_year(insured=31)),
        unknown("不知企业规模", insurance_year=_year()),
        unknown("31 人，裁员率未核定", company={"size": "small"}, insurance_year=_year(insured=31, layoff_rate=None)),
    ),
)

# The event's month was April 2022 (assumed).
_EVENT_MONTHS = 'insurance[month >= "2022-01" and month <= "2022-04"].insured'
_MONTHS_DUE = 'if company.founded_on < date("2022-02-01") then 4 else 5 - company.founded_on.month'
_RESTAURANT = {"company": {"industry": "H6210", "founded_on": "2015-06-01"}}

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
            'hit_industry or count(risk_periods[started_on <= date("2022-04-30")'
            ' and (ended_on = null or ended_on >= date("2022-01-01"))]) > 0',
        ),
        ClauseText(
            "2022 年 4 月底前成立", "Founded by the end of April 2022", 'company.founded_on <= date("2022-04-30")'
        ),
        NOT_ZOMBIE,
    ),
    examples=(
        eligible(
            "平均 31.5 人", "15750", **_RESTAURANT, insurance=months("2022-01", 30, 31, 32, 33, 90, fact="insured")
        ),
        eligible(
            "三月成立，平均 3.5 人",
            "1750",
            company={"industry": "H6210", "founded_on": "2022-03-15"},
            insurance=months("2022-03", 3, 4, fact="insured"),
        ),
        eligible(
            "软件企业，曾处于风险区",
            "5000",
            company={"industry": "I6513", "founded_on": "2015-06-01"},
            risk_periods=[{"started_on": "2022-03-20", "ended_on": "2022-04-03"}],
            insurance=months("2022-01", 10, 10, 10, 10, fact="insured"),
        ),
        ineligible(
            "软件企业",
            company={"industry": "I6513", "founded_on": "2015-06-01"},
            insurance=months("2022-01", 10, 10, 10, 10, fact="insured"),
        ),
        unknown("缺二月", **_RESTAURANT, insurance=months("2022-01", 30, fact="insured")),
    ),
)

_NEW_STAFF = (
    '(trainee.kind in ("hardship", "graduate", "registered_unemployed") and trainee.hired_on >= date("2020-01-01"))'
)
_GRADUATE = {"kind": "graduate", "hired_on": "2021-01-05", "month": "2021-03"}

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
        # The next year continues with the months that a year left over, so the rule counts them over the years.
        ClauseText("每人不超过 6 个月", "At most six months a person", "trainee.month_number <= 6"),
        ClauseText(
            "新招用的重点人员，或停工的中小微企业，或五个特困行业",
            "New staff of the groups, a small firm that had to stop, or one of the five industries",
            f"{_NEW_STAFF} or (small_firm and count(stoppages) > 0) or hit_industry",
        ),
    ),
    examples=(
        eligible("毕业生第 6 个月", "500", company={"industry": "I6513"}, trainee=_GRADUATE | {"month_number": 6}),
        ineligible("第 7 个月", company={"industry": "I6513"}, trainee=_GRADUATE | {"month_number": 7}),
        eligible(
            "餐饮企业老员工",
            "500",
            company={"industry": "H6210"},
            trainee={"kind": "staff", "hired_on": "2015-01-01", "month": "2021-03", "month_number": 1},
        ),
        eligible(
            "停工的小型企业老员工",
            "500",
            company={"industry": "I6513", "size": "small"},
            stoppages=[{"started_on": "2020-02-10"}],
            trainee={"kind": "staff", "hired_on": "2015-01-01", "month": "2021-03", "month_number": 1},
        ),
        unknown("不知是第几个月", company={"industry": "I6513"}, trainee=_GRADUATE),
    ),
)

_SPRING = 'insurance[month between "2022-03" and "2022-05"].insured'
_TOP = {"lists": [{"name": "top_100", "year": 2022, "rank": 7}]}

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
    # The department's list states the amounts; the formula is their upper bound.
    track=Track.WHITELIST,
    list_is_public=True,
    reminders=(ReminderMoment.OPENING, ReminderMoment.HALFWAY, ReminderMoment.THREE_DAYS),
    amount_feel='insurance[month = "2022-03"].insured * 500',
    clauses=(
        ClauseText("百强企业", "Among the top 100", 'count(lists[name = "top_100" and year = 2022]) > 0'),
        ClauseText(
            "3 至 5 月平均参保人数不低于 1 月的 95%",
            "On average 95 % of January's staff from March to May",
            f'if count({_SPRING}) = 3 then mean({_SPRING}) >= insurance[month = "2022-01"].insured * 0.95 else null',
        ),
    ),
    examples=(
        eligible("平均正好 95 人", "48000", **_TOP, insurance=months("2022-01", 100, 99, 96, 95, 94, fact="insured")),
        ineligible("平均 94.67 人", **_TOP, insurance=months("2022-01", 100, 99, 96, 95, 93, fact="insured")),
        eligible(
            "500 人，封顶", "200000", **_TOP, insurance=months("2022-01", 500, 500, 500, 500, 500, fact="insured")
        ),
        unknown("缺五月", **_TOP, insurance=months("2022-01", 100, 99, 96, 95, fact="insured")),
    ),
)
