"""The tables to which contenders write, and the comparison of their verdicts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import connection

from policies.models import Entitlement, PolicyVersion
from tests.benchmarks.city import guard_again, pass_guards

OURS = Entitlement._meta.db_table
VERDICT = (
    *("policy_id", "subject_key", "period_key", "version_id", "company_id", "employee_id", "district"),
    *("amount_cny", "base_cny", "limit_cny", "as_of_on", "version_hash", "status"),
)


def make_like_ours(table: str) -> None:
    """Make an empty table with the indexes, constraints and triggers of the entitlements."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(f"CREATE TABLE {table} (LIKE {OURS} INCLUDING ALL)")
        cursor.execute(
            f"SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = '{OURS}'::regclass AND NOT tgisinternal"
        )
        for (trigger,) in cursor.fetchall():
            cursor.execute(trigger.replace(f" ON public.{OURS} ", f" ON public.{table} "))


def count_differences(
    table: str, versions: Collection[PolicyVersion], *, with_evidence: bool, companies: Sequence[int] | None = None
) -> int:
    """
    Count the verdicts of these versions, about all or some companies, that are only in our table or only in the other.

    Evidence is compared by a hash of its own, under which 5 and 5.00 are the same: whole, that of millions would fill
    the disk while it is sorted. For the same reason policies are compared one after the other.
    """
    columns = ", ".join((*VERDICT, "jsonb_hash_extended(evidence, 0)") if with_evidence else VERDICT)
    where = "policy_id = %(policy)s" + ("" if companies is None else " AND company_id = ANY(%(companies)s)")
    ours, theirs = (f"SELECT {columns} FROM {name} WHERE {where}" for name in (OURS, table))
    count = f"SELECT count(*) FROM (({ours} EXCEPT ALL {theirs}) UNION ALL ({theirs} EXCEPT ALL {ours})) AS different"
    different = 0
    with connection.cursor() as cursor:
        for version in versions:
            cursor.execute(count, {"policy": version.policy_id, "companies": companies})
            different += cursor.fetchone()[0]
    return different


def empty(table: str) -> bool:
    """
    Empty a table of the benchmark's own database, without the guards of the tables that refer to it; returns whether we
    may.
    """
    with connection.cursor() as cursor:
        if may := pass_guards(cursor):
            cursor.execute(f"TRUNCATE {table} CASCADE")
    guard_again()
    return may


def drop(table: str) -> None:
    """Drop a table, to free the disk."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {table}")


def count_entitlements(table: str, versions: Collection[PolicyVersion]) -> tuple[int, float]:
    """The number of entitlements in a table for these versions, and their sum in yuan."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), coalesce(sum(amount_cny), 0) FROM {table} WHERE policy_id = ANY(%s)",
            [[version.policy_id for version in versions]],
        )
        count, cny = cursor.fetchone()
        return count, float(cny)
