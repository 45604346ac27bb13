"""The departments' lists of the demo: made from the city's own data; officers bring and publish them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal

from companies.datasets.tables.economy import Listing
from companies.datasets.tables.labour import InsuranceMonth
from companies.models import User
from policies.models import PolicyVersion, Track, WhiteList
from policies.white_lists.lists import check_list, publish_list, upload_list

_TITLES = ("统一社会信用代码", "企业名称", "金额", "备注")
_PER_HEAD, _MOST = Decimal(500), Decimal(200_000)


def publish_lists(*, actor: User, publisher: User, now: dt.datetime) -> list[WhiteList]:
    """
    Bring and publish the list of the award for firms that keep their staff, unless it exists or would be empty.

    `actor` brings and checks it, `publisher` publishes it.
    """
    versions = PolicyVersion.objects.filter(policy__code="P-35", track=Track.WHITELIST, white_lists=None)
    return [
        white_list
        for version in versions.select_related("policy")
        if (white_list := _published(version, actor, publisher, now))
    ]


def _published(version: PolicyVersion, actor: User, publisher: User, now: dt.datetime) -> WhiteList | None:
    file = top_100_file()
    if file is None:
        return None
    brought = upload_list(
        version=version,
        department="economy",
        title="2022 年百强企业稳岗奖励名单",
        document_number="杭经信〔2022〕35号",
        file_name="P-35 百强名单.csv",
        content=io.BytesIO(file),
        actor=actor,
        now=now,
    )
    checked = check_list(white_list=brought.white_list, actor=actor, now=now)
    return publish_list(white_list=checked, actor=publisher, now=now)


def top_100_file() -> bytes | None:
    """The file of the department: 500 yuan for each of the staff insured in March, at most 200,000, by rank."""
    ranked = Listing.objects.filter(name="top_100", year=2022).select_related("company").order_by("rank", "company")
    march = InsuranceMonth.objects.filter(month="2022-03", company__in=ranked.values("company"), insured__gt=0)
    insured = {company: number for company, number in march.values_list("company", "insured") if number}
    rows = [
        (
            row.company.credit_code,
            row.company.name,
            min(insured[row.company_id] * _PER_HEAD, _MOST),
            f"第 {row.rank} 名",
        )
        for row in ranked
        if row.company_id in insured
    ]
    if not rows:
        return None
    text = io.StringIO()
    csv.writer(text).writerows([_TITLES, *rows])
    return text.getvalue().encode()
