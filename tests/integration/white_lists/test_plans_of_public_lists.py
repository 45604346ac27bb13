"""An index finds a page of a department's public list, however many lists the city has."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from policies.models import PolicyVersion, WhiteListEntry
from policies.white_lists.queries import public_list
from tests.factories.companies import make_company
from tests.factories.white_lists import list_row, make_list_version, make_published_list
from tests.superuser import as_superuser, unguarded

pytestmark = pytest.mark.django_db

ROWS = 20_000
COPIED = "white_list_id, version_id, id_number_hash, id_number_masked, amount_cny, remark, standing"


def _published(*names: str) -> PolicyVersion:
    now, today = timezone.now(), timezone.localdate()
    window = {"opens_on": today, "closes_on": today + dt.timedelta(days=30)}
    version = make_list_version(now=now, list_is_public=True, **window)
    make_published_list(version, *(list_row(make_company(name), 5) for name in names))
    return version


def _multiplied(entry: WhiteListEntry) -> None:
    with unguarded(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO policies_whitelistentry ({COPIED}, row, credit_code, name)"
            f" SELECT {COPIED}, n + 1000, '91' || lpad(n::text, 16, '0'), 'Firm ' || n"
            f" FROM policies_whitelistentry, generate_series(1, {ROWS}) AS n WHERE id = %s",
            [entry.pk],
        )
    with as_superuser() as cursor:
        cursor.execute("ANALYZE policies_whitelistentry")


def _plan(version: PolicyVersion, words: str) -> str:
    with CaptureQueriesContext(connection) as asked:
        public_list(version=version, words=words)
    statement = next(each["sql"] for each in asked.captured_queries if "FROM policies_whitelistentry w" in each["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS OFF) {statement}")
        return "\n".join(line for (line,) in cursor.fetchall())


@pytest.mark.parametrize("words", ["", "清茶", "没有", "91330102QQ00000017"])
def test_a_list_reads_no_rows_of_other_lists(words: str) -> None:
    """Without this plan, the first page of the newest list would read the rows of all lists before it."""
    other = _published("别家有限公司")
    _multiplied(WhiteListEntry.objects.get(version=other))
    version = _published("杭州清茶有限公司", "宁波红茶有限公司")

    plan = _plan(version, words)

    passed_over = [int(number) for number in re.findall(r"Rows Removed by Filter: (\d+)", plan)]
    assert sum(passed_over) <= 2, plan
    assert "Seq Scan on policies_whitelistentry" not in plan, plan
