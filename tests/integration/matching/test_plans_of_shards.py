"""A shard reads only its own part of each dataset, however large the city is."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from policies.matching.decision_sql import DecisionContext, DecisionStatement, decision_statement
from policies.matching.shards import divide_due_runs, lock_next_shard
from policies.rules.company_set import CompanyRange
from qinqing.kernel.database.prepared_statements import fetch_rows_by_number
from qinqing.kernel.database.statements import execute_statement
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.policies import make_published

pytestmark = pytest.mark.django_db

SHARD = "Cond: ((company_id >= '3'::bigint) AND (company_id <= '4'::bigint))"


def _plan(statement: DecisionStatement) -> str:
    # A test's tables are small, so the planner would look up row by row; for a shard it joins whole tables.
    execute_statement("SET LOCAL enable_nestloop = off")
    execute_statement("SET LOCAL enable_seqscan = off")
    return "\n".join(line for (line,) in fetch_rows_by_number(f"EXPLAIN {statement.text}", statement.parameters))


@pytest.mark.parametrize("table", ["dataset_sales", "dataset_taxpayer"], ids=["items", "records"])
def test_a_shard_reads_no_other_firms_rows(table: str) -> None:
    """
    PostgreSQL infers no range from equal ids: without a range of its own, a shard would read the whole city's rows.
    """
    version = make_published("sale.retail > 5", 'taxpayer.district = "330108"', subject="sale")
    known = DecisionContext(TODAY, frozenset(), {})
    statement = decision_statement(versions=[version], companies=CompanyRange(3, 4), context=known, now=NOW)

    plan = _plan(statement)

    scan = re.search(rf"Scan[^\n]* on {table} .*?\n.*?\n", plan)
    assert scan, plan
    assert SHARD in scan[0], plan


def test_a_shard_looks_up_what_is_known_of_its_people() -> None:
    """Without this plan, each shard would read the wages of the whole city."""
    version = make_published("wages[year = 2024].total > 5", subject="employee")
    statement = decision_statement(
        versions=[version], companies=CompanyRange(3, 4), context=DecisionContext(TODAY, frozenset(), {}), now=NOW
    )

    plan = _plan(statement)

    scan = re.search(r"Scan[^\n]* on dataset_wages .*?\n.*?\n", plan)
    assert scan, plan
    assert "Cond: (employee_id = i.employee_id)" in scan[0], plan


def test_the_next_shard_is_found_without_a_look_at_all_that_are_due() -> None:
    """Without this plan, each worker would ask of every due shard of the city whether it is free."""
    make_published("true")
    for _ in range(40):
        make_company()
    divide_due_runs(limit_companies=1, now=NOW)
    with CaptureQueriesContext(connection) as asked:
        taken = lock_next_shard()

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {asked.captured_queries[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert taken
    assert "Sort" not in plan, plan
