"""
Nine policies of the demo city, as data: historical texts boiled down to conditions and formulas.

They are demo material, not the law of today. Where a text left something open, the comment says what is assumed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from companies.models import User
from policies import operations
from policies.models import Payee, Policy, PolicyVersion, Subject, Track
from policies.operations import ClauseText
from qinqing.kernel.money import rounded_to_fen
from qinqing.kernel.text import Bilingual


@dataclass(frozen=True, slots=True)
class DemoPolicy:
    """
    A policy and its first version.

    `granted_cny` is enough for a city of 160,000 companies; `window_days` is how long claims are taken.
    """

    code: str
    title: Bilingual
    summary: Bilingual
    department: str
    clauses: tuple[ClauseText, ...]
    amount_feel: str
    granted_cny: Decimal
    as_of_on: dt.date
    subject: Subject = Subject.COMPANY
    payee: Payee = Payee.COMPANY
    period_label: str = ""
    cap_cny: Decimal | None = None
    # The texts know publicity periods too; until that track exists, instant is assumed.
    track: Track = Track.INSTANT
    window_days: int = 90

    @property
    def commitment(self) -> Bilingual:
        """What the firm signs with its click."""
        return Bilingual(
            f"本单位已阅读“{self.title.zh}”的条件，承诺符合全部条件、所涉信息真实；如有不实，愿退回资金并承担相应责任。",
            f"We have read the conditions of “{self.title.en}” and meet all of them; what is known about us is true. "
            "Should it prove otherwise, we return the money and answer for it.",
        )


ACTIVE = ClauseText("企业存续", "The firm is in business", 'company.standing = "active"')
NOT_DISHONEST = ClauseText(
    "未被列入严重失信名单",
    "Not on the list of serious dishonesty",
    'count(credit[kind = "serious_dishonesty" and removed_on = null]) = 0',
)
NOT_ZOMBIE = ClauseText("非僵尸企业", "Not a zombie firm", 'count(credit[kind = "zombie" and removed_on = null]) = 0')

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
            "wages[year = 2019].total / wages[year = 2019].months * 12"
            ' < (if company.district = "330127" then 57000 else 72000)',
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
)

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
        # Tourism is read as travel agencies (7291) and scenic areas (786) of GB/T 4754-2017 (assumed).
        ClauseText(
            "属于五个特困行业，或曾处于风险区",
            "One of the five industries hit hardest, or in a risk area at the time",
            'starts with(company.industry, "H62") or starts with(company.industry, "F52")'
            ' or starts with(company.industry, "L7291") or starts with(company.industry, "N786")'
            ' or starts with(company.industry, "G56") or starts with(company.industry, "G53")'
            ' or starts with(company.industry, "G54") or starts with(company.industry, "G55")'
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
        # "Paying" is read as: billed for electricity or water, not as a resident (assumed).
        ClauseText("缴纳水电费", "Pays for its utilities", "count(utilities[is_resident = false and amount > 0]) > 0"),
    ),
)

POLICIES = (P_01, P_02, P_05, P_07, P_14, P_16, P_17, P_23, P_37)


@transaction.atomic
def load_policies(
    *,
    actor: User | None,
    publisher: User | None,
    today: dt.date,
    now: dt.datetime,
    grant_share: Decimal = Decimal(1),
    wanted: Iterable[DemoPolicy] = POLICIES,
) -> list[PolicyVersion]:
    """
    Write and publish the demo policies that are not there yet, by the operations an officer uses.

    `actor` drafts and `publisher` publishes; `grant_share` is the part of the usual money that each is granted.
    Returns the versions that were published now.
    """
    known = set(Policy.objects.values_list("code", flat=True))
    drafts = [_draft(policy, today, grant_share) for policy in wanted if policy.code not in known]
    return [operations.publish(version=draft, actor=publisher, now=now) for draft in drafts]


def _draft(demo: DemoPolicy, today: dt.date, grant_share: Decimal) -> PolicyVersion:
    policy = operations.create_policy(
        code=demo.code,
        title_zh=demo.title.zh,
        title_en=demo.title.en,
        summary_zh=demo.summary.zh,
        summary_en=demo.summary.en,
        department=demo.department,
    )
    return operations.draft_version(
        policy=policy,
        clauses=demo.clauses,
        subject=demo.subject,
        payee=demo.payee,
        period_label=demo.period_label,
        as_of_on=demo.as_of_on,
        amount_feel=demo.amount_feel,
        cap_cny=demo.cap_cny,
        track=demo.track,
        opens_on=today,
        closes_on=today + dt.timedelta(days=demo.window_days),
        commitment_zh=demo.commitment.zh,
        commitment_en=demo.commitment.en,
        granted_cny=rounded_to_fen(demo.granted_cny * grant_share),
    )
