"""
The floor: plain SQL that writes what a campaign has written, as fast as tables with these promises take it.

Tables of the same columns, indexes and checks are filled from the finished campaign: the same claims, payouts, moves
one after the other, postings, balances, instructions, replies, batches and files. That rows name others that are there
is promised by foreign keys: by ours, and where our triggers prove it by set (ADR 31), by those that plain SQL has for
it. It has none of the triggers and no Python: nobody checks a move, asks for rivals, calls a bank or writes a file;
every value is copied.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import ForeignKey

from payouts.models import Instruction, Payout, Posting, Transition
from qinqing.kernel.database.statements import execute_statement, fetch_rows
from tests.benchmarks.campaign.cpu import Cpu, cpu_so_far
from tests.superuser import as_superuser_for_long

CHUNK = 20_000
# In an order in which each table refers only to earlier ones; the entitlements exist before anybody claims.
_TABLES = (
    *("policies_entitlement", "policies_stackingseat", "payouts_fund", "payouts_claim", "payouts_payout"),
    *("payouts_seating", "payouts_transition", "payouts_posting", "payouts_publication", "payouts_batch"),
    *("payouts_instruction", "payouts_reply", "payouts_storedfile", "payouts_storedpiece", "payouts_batchfile"),
)
_BALANCES = ("available", "reserved", "disbursed")


@dataclass(frozen=True, slots=True)
class Floor:
    """The time of the floor, and the tables in which its rows differ from the campaign's."""

    seconds: float
    cpu: Cpu
    differing: tuple[str, ...]


def write_again() -> Floor:
    """Write all rows once more into a schema of the current database, compare them, and drop the schema."""
    with as_superuser_for_long():
        try:
            return _write_and_compare()
        finally:
            execute_statement("DROP SCHEMA IF EXISTS floor CASCADE")


def _write_and_compare() -> Floor:
    _prepare()
    start, before = time.perf_counter(), cpu_so_far(parts={})
    _claim()
    _move_all("publicised", "approved")
    _send()
    _settle()
    _seal()
    took, cpu = time.perf_counter() - start, cpu_so_far(parts={}) - before
    return Floor(took, cpu, tuple(_find_differing_tables()))


def _prepare() -> None:
    execute_statement("DROP SCHEMA IF EXISTS floor CASCADE")
    execute_statement("CREATE SCHEMA floor")
    for table in _TABLES:
        execute_statement(f"CREATE TABLE floor.{table} (LIKE public.{table} INCLUDING ALL)")
    execute_statement("INSERT INTO floor.policies_entitlement SELECT * FROM public.policies_entitlement")
    execute_statement("UPDATE floor.policies_entitlement SET status = 'open' WHERE status = 'claimed'")
    _open_funds()
    for table, name, definition in fetch_rows(_FOREIGN_KEYS, tables=list(_TABLES)):
        execute_statement(f"ALTER TABLE floor.{table} ADD CONSTRAINT {name} {definition}")
    for table, column, named in _PROVEN_BY_TRIGGERS:
        schema = "floor" if named in _TABLES else "public"
        key = f"FOREIGN KEY ({column}) REFERENCES {schema}.{named} DEFERRABLE INITIALLY DEFERRED"
        execute_statement(f"ALTER TABLE floor.{table} ADD {key}")
    # The tables are vacuumed, as the campaign's own were when it claimed.
    execute_statement("VACUUM ANALYZE floor.policies_entitlement")


# Foreign keys between these tables refer to the copies; all others refer to the tables of the campaign.
_FOREIGN_KEYS = """
    SELECT c.conrelid::regclass::text, quote_ident(c.conname), CASE
        WHEN c.confrelid::regclass::text = ANY(%(tables)s)
        THEN replace(pg_get_constraintdef(c.oid), 'REFERENCES ', 'REFERENCES floor.')
        ELSE pg_get_constraintdef(c.oid) END
    FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid::regclass::text = ANY(%(tables)s) ORDER BY c.oid
"""


# The references of payouts and their rows that our triggers prove in place of foreign keys.
_PROVEN_BY_TRIGGERS = tuple(
    (model._meta.db_table, field.column, field.related_model._meta.db_table)
    for model in (Payout, Transition, Posting, Instruction)
    for field in model._meta.concrete_fields
    if isinstance(field, ForeignKey) and not field.db_constraint
)


def _open_funds() -> None:
    zeros = ", ".join(f"{name}_cny = 0" for name in ("reserved", "disbursed", "recovered"))
    execute_statement("INSERT INTO floor.payouts_fund SELECT * FROM public.payouts_fund")
    execute_statement(f"UPDATE floor.payouts_fund SET available_cny = granted_cny, {zeros}")
    execute_statement("INSERT INTO floor.payouts_posting SELECT * FROM public.payouts_posting WHERE payout_id IS NULL")


def _chunks(table: str) -> Iterator[dict[str, int]]:
    rows = fetch_rows(
        f"SELECT min(id), max(id) FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / {CHUNK} AS piece"
        f" FROM public.{table}) t GROUP BY piece ORDER BY piece"
    )
    yield from ({"first": first, "last": last} for first, last in rows)


def _copy(table: str, where: str, **chunk: int) -> None:
    execute_statement(
        f"INSERT INTO floor.{table} SELECT s.* FROM public.{table} s WHERE {where} ORDER BY s.id", **chunk
    )


def _claim() -> None:
    _copy("policies_stackingseat", "true")
    for chunk in _chunks("payouts_payout"):
        with transaction.atomic():
            execute_statement(_CLAIM, **chunk)
            execute_statement(_REQUEST.format(columns=_columns("payouts_payout", _AT_FIRST)), **chunk)
            _copy("payouts_transition", f"s.sequence = 0 AND s.payout_id {_WITHIN}", **chunk)
            _copy("payouts_seating", f"s.payout_id {_WITHIN}", **chunk)
            execute_statement(_TAKE, **chunk)
            _move("requested", "waitlisted", chunk)
            _move("requested", "reserved", chunk)
            _copy("payouts_publication", f"s.payout_id {_WITHIN}", **chunk)
            _move("reserved", "publicised", chunk)
            _move("reserved", "approved", chunk)


_WITHIN = "BETWEEN %(first)s AND %(last)s"
_CLAIM = f"""
    INSERT INTO floor.payouts_claim SELECT c.* FROM public.payouts_claim c
    WHERE c.id IN (SELECT claim_id FROM public.payouts_payout WHERE id {_WITHIN}) ORDER BY c.id ON CONFLICT DO NOTHING
"""
# The values of a payout's columns when it opens, where they are others at the end.
_AT_FIRST = {
    "status": "'requested'",
    "sequence": "0",
    "moved_at": "s.claimed_at",
    "moved_because": "''",
    "moved_reply_id": "NULL",
    "paid_at": "NULL",
    "leased_until": "NULL",
}
_REQUEST = f"""
    INSERT INTO floor.payouts_payout SELECT {{columns}} FROM public.payouts_payout s WHERE s.id {_WITHIN} ORDER BY s.id
"""
_TAKE = f"""
    UPDATE floor.policies_entitlement e SET status = 'claimed'
    FROM public.payouts_payout p WHERE p.id {_WITHIN} AND e.id = p.entitlement_id
"""


def _columns(table: str, instead: dict[str, str]) -> str:
    names = fetch_rows(
        "SELECT attname FROM pg_attribute WHERE attrelid = %(table)s::regclass AND attnum > 0 AND NOT attisdropped"
        " ORDER BY attnum",
        table=f"public.{table}",
    )
    return ", ".join(instead.get(name, f"s.{name}") for (name,) in names)


def _move_all(before: str, after: str) -> None:
    for chunk in _chunks("payouts_payout"):
        with transaction.atomic():
            _move(before, after, chunk)


def _move(before: str, after: str, chunk: dict[str, int]) -> None:
    """One move as a campaign makes it: the payout, its transition, its posting, and the balance of the fund."""
    moved = execute_statement(_MOVE, before=before, after=after, **chunk)
    if not moved:
        return
    execute_statement(_RECORD, before=before, after=after, **chunk)
    if execute_statement(_POST, before=before, after=after, **chunk):
        execute_statement(_BALANCE, before=before, after=after, **chunk)


_OF_MOVE = f"t.payout_id {_WITHIN} AND (t.before, t.after) = (%(before)s, %(after)s)"
_MOVE = f"""
    UPDATE floor.payouts_payout p SET status = t.after, sequence = t.sequence, moved_at = t.moved_at,
        moved_by_id = t.moved_by_id, moved_as = t.moved_as, moved_because = t.moved_because,
        moved_reply_id = t.reply_id, paid_at = CASE WHEN t.after = 'paid' THEN t.moved_at END, leased_until = NULL
    FROM public.payouts_transition t WHERE p.id = t.payout_id AND {_OF_MOVE}
"""
_RECORD = f"""
    INSERT INTO floor.payouts_transition
    SELECT t.* FROM public.payouts_transition t WHERE {_OF_MOVE} ORDER BY t.id
"""
_POST = f"""
    INSERT INTO floor.payouts_posting SELECT s.* FROM public.payouts_posting s
    JOIN public.payouts_transition t ON (t.payout_id, t.sequence) = (s.payout_id, s.sequence)
    WHERE {_OF_MOVE} ORDER BY s.id
"""


def _change(account: str) -> str:
    return (
        f"sum(CASE '{account}' WHEN s.credit THEN s.amount_cny WHEN s.debit THEN -s.amount_cny ELSE 0 END) AS {account}"
    )


_BALANCE = f"""
    UPDATE floor.payouts_fund f SET {", ".join(f"{name}_cny = f.{name}_cny + c.{name}" for name in _BALANCES)}
    FROM (
        SELECT s.fund_id, {", ".join(_change(name) for name in _BALANCES)} FROM public.payouts_posting s
        JOIN public.payouts_transition t ON (t.payout_id, t.sequence) = (s.payout_id, s.sequence)
        WHERE {_OF_MOVE} GROUP BY s.fund_id
    ) c WHERE f.id = c.fund_id
"""


def _send() -> None:
    columns = _columns("payouts_instruction", {"batch_id": "NULL"})
    for chunk in _chunks("payouts_instruction"):
        with transaction.atomic():
            source = f"FROM public.payouts_instruction s WHERE s.id {_WITHIN} ORDER BY s.id"
            execute_statement(f"INSERT INTO floor.payouts_instruction SELECT {columns} {source}", **chunk)
    _move_all("approved", "sent")


def _settle() -> None:
    columns = _columns("payouts_reply", {"applied_at": "NULL"})
    for chunk in _chunks("payouts_reply"):
        with transaction.atomic():
            source = f"FROM public.payouts_reply s WHERE s.id {_WITHIN} ORDER BY s.id"
            execute_statement(f"INSERT INTO floor.payouts_reply SELECT {columns} {source}", **chunk)
    for before, after in (("sent", "in_doubt"), ("sent", "paid"), ("in_doubt", "paid"), ("sent", "failed")):
        _move_all(before, after)
    for chunk in _chunks("payouts_reply"):
        execute_statement(
            f"UPDATE floor.payouts_reply r SET applied_at = s.applied_at FROM public.payouts_reply s"
            f" WHERE s.id {_WITHIN} AND r.id = s.id",
            **chunk,
        )


def _seal() -> None:
    with transaction.atomic():
        _copy("payouts_batch", "true")
        execute_statement(
            "UPDATE floor.payouts_instruction i SET batch_id = s.batch_id FROM public.payouts_instruction s"
            " WHERE s.id = i.id AND s.batch_id IS NOT NULL"
        )
    for table in ("payouts_storedfile", "payouts_storedpiece", "payouts_batchfile"):
        _copy(table, "true")


def _find_differing_tables() -> Iterator[str]:
    """The tables that differ in a row or a column, leases that are over aside."""
    for table in _TABLES:
        columns = _columns(table, {"leased_until": "NULL"})
        ours, theirs = (f"SELECT {columns} FROM {schema}.{table} s" for schema in ("public", "floor"))
        ((count,),) = fetch_rows(
            f"SELECT count(*) FROM (({ours} EXCEPT ALL {theirs}) UNION ALL ({theirs} EXCEPT ALL {ours})) AS other"
        )
        if count:
            yield f"{table} ({count:,} rows)"


def rows() -> int:
    """The number of rows that the campaign wrote into these tables, without the entitlements."""
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT count(*) FROM public.{table}" for table in _TABLES[1:]))
        return sum(count for (count,) in cursor.fetchall())
