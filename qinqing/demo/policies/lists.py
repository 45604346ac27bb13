"""The departments' lists of the demo: made from the city's own data; officers bring and publish them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal

from companies.models import User
from policies.models import PolicyVersion, Track, WhiteList
from policies.white_lists.lists import check_list, publish_list, upload_list
from qinqing.kernel.database.statements import fetch_rows

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


# The firms of the list that had people insured in March, by rank.
_INSURED = """
    SELECT c.credit_code, c.name, i.insured, l.rank
    FROM dataset_lists AS l
    JOIN companies_company AS c ON c.id = l.company_id
    JOIN dataset_insurance AS i ON i.company_id = l.company_id AND i.month = '2022-03' AND i.insured > 0
    WHERE l.name = 'top_100' AND l.year = 2022
    ORDER BY l.rank, l.company_id
"""


def top_100_file() -> bytes | None:
    """The file of the department: 500 yuan for each of the staff insured in March, at most 200,000, by rank."""
    rows = [
        (credit_code, name, min(insured * _PER_HEAD, _MOST), f"第 {rank} 名")
        for credit_code, name, insured, rank in fetch_rows(_INSURED)
    ]
    if not rows:
        return None
    text = io.StringIO()
    csv.writer(text).writerows([_TITLES, *rows])
    return text.getvalue().encode()
