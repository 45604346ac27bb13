"""PostgreSQL keeps plans for a few rows, plans anew for many, and keeps none where a pooler would lose them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qinqing.kernel.database.prepared_statements import fetch_rows_by_size
from qinqing.kernel.database.statements import fetch_rows
from qinqing.kernel.database.triggers import FEW_ROWS

pytestmark = pytest.mark.django_db

STATEMENT = "SELECT id FROM companies_company WHERE id = ANY(%(ids)s) OR id = %(other)s"


def _kept() -> list[tuple[int, int]]:
    """How often the statement ran by a generic plan, and by a custom one."""
    rows = fetch_rows(
        "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE %(text)s",
        text="%FROM companies_company WHERE id = ANY%",
    )
    return [(generic, custom) for generic, custom in rows]


def test_a_statement_about_a_few_rows_is_planned_once() -> None:
    for _turn in range(3):
        fetch_rows_by_size(STATEMENT, ids=[1, 2], other=3)
    assert _kept() == [(3, 0)]


def test_a_statement_about_many_rows_is_planned_for_them() -> None:
    fetch_rows_by_size(STATEMENT, ids=list(range(1, FEW_ROWS + 2)), other=3)
    assert _kept() == []


def test_behind_a_pooler_that_loses_them_no_plan_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.conf.settings.DATABASE_KEEPS_PLANS", False)
    assert fetch_rows_by_size("SELECT %(number)s::bigint", number=7) == [(7,)]
    assert fetch_rows_by_size(STATEMENT, ids=[1], other=3) == []
    assert _kept() == []


def test_a_kept_statement_is_noted_by_its_text() -> None:
    with CaptureQueriesContext(connection) as noted:
        for _turn in range(3):
            fetch_rows_by_size(STATEMENT, ids=[1, 2], other=3)
    assert [each["sql"] for each in noted.captured_queries] == [STATEMENT] * 3
