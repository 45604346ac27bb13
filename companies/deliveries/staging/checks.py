"""Checks staged rows, the whole table at once in SQL; each check sends its wrong rows to quarantine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from django.db import connection
from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.datasets.column_types import CreditCode, IdNumber
from companies.datasets.row_faults import Reason
from companies.deliveries.registry.columns import Column
from companies.deliveries.registry.targets import Deliverable
from companies.deliveries.staging.table import (
    INCOMING,
    MAX_QUARANTINED,
    QuarantinedEntry,
    execute,
    fetch_count,
    refuse_too_many,
    stream_rows,
)
from companies.models.delivery import Delivery, QuarantinedRow
from qinqing.kernel.identifiers import is_credit_code

QUARANTINE = Identifier(QuarantinedRow._meta.db_table)
ROW_NUMBER = SQL("incoming.row_number")
_QUARANTINE_COLUMNS = SQL('(delivery_id, row_number, "column", reason, detail)')
# These rows are not wrong: newer data, or an account that the payee entered, has priority.
SET_ASIDE = (Reason.SUPERSEDED, Reason.PAYEES_WORD)


def quarantine_wrong_rows(*, deliverable: Deliverable, delivery: Delivery) -> None:
    """
    Move every wrong row of the staging table to quarantine; the rows that stay can be cast and joined.

    Raises:
        TooManyFaults: more rows are wrong than a sensible file has.
    """
    _check_values(deliverable.columns, delivery)
    for column in deliverable.columns:
        if isinstance(column.kind, CreditCode):
            _check_companies(column, delivery)
        if isinstance(column.kind, IdNumber) and not (column.kind.may_be_new or column.kind.may_be_outside):
            _check_people(column, delivery)
        if isinstance(column.kind, IdNumber) and column.kind.may_be_outside:
            _check_spouses(column, delivery)
    _check_keys(deliverable.key_columns, delivery)


def quarantine_rows(*, rows: Sequence[QuarantinedEntry], delivery: Delivery) -> None:
    """Store rows as quarantined, and delete them from the staging table."""
    statement = SQL("COPY {} {} FROM STDIN").format(QUARANTINE, _QUARANTINE_COLUMNS)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row((delivery.pk, row.row_number, row.column, row.reason.value, row.detail))
    delivery.quarantined_count += len(rows)
    _remove_quarantined(delivery)


def quarantine_where(
    *,
    delivery: Delivery,
    column: Composable,
    reason: Composable,
    detail: Composable,
    source: Composable,
    row_number: Composable = ROW_NUMBER,
) -> int:
    """
    Quarantine the rows of a FROM clause, given with its WHERE, over the staging table called `incoming`.

    Raises:
        TooManyFaults: there are more than `MAX_QUARANTINED` in this delivery.
    """
    statement = SQL(
        "INSERT INTO {table} {columns} SELECT {delivery}, {row_number}, {column}, {reason}, {detail} {source} "
        "LIMIT {limit}"
    ).format(
        table=QUARANTINE,
        columns=_QUARANTINE_COLUMNS,
        delivery=Literal(delivery.pk),
        row_number=row_number,
        column=column,
        reason=reason,
        detail=detail,
        source=source,
        limit=Literal(MAX_QUARANTINED + 1),
    )
    count = execute(statement)
    if count:
        _refuse_too_many(delivery)
        delivery.quarantined_count += count
        _remove_quarantined(delivery)
    return count


def set_aside_where(*, delivery: Delivery, column: str, reason: Reason, detail: Composable, source: Composable) -> int:
    """
    Take the rows of a FROM clause over `incoming` out of the staging table, however many, for one of `SET_ASIDE`.

    All are counted, and those that come first in the file are written down, as far as `MAX_QUARANTINED` reaches.
    """
    assert reason in SET_ASIDE
    statement = SQL(
        "WITH aside AS MATERIALIZED (SELECT incoming.row_number, {detail} AS detail {source}), "
        "listed AS (INSERT INTO {table} {columns} SELECT {delivery}, row_number, {column}, {reason}, detail FROM aside "
        "ORDER BY row_number "
        "LIMIT greatest(0, {limit} - (SELECT count(*) FROM {table} WHERE delivery_id = {delivery}))) "
        "DELETE FROM {staging} AS incoming USING aside WHERE incoming.row_number = aside.row_number"
    ).format(
        detail=detail,
        source=source,
        table=QUARANTINE,
        columns=_QUARANTINE_COLUMNS,
        delivery=Literal(delivery.pk),
        column=Literal(column),
        reason=Literal(reason.value),
        limit=Literal(MAX_QUARANTINED),
        staging=INCOMING,
    )
    count = execute(statement)
    delivery.quarantined_count += count
    return count


def staged(name: str) -> Composable:
    """A column of the staging table, under the name `incoming` that statements give it."""
    return Identifier("incoming", name)


def incoming() -> Composable:
    """The staging table under the name `incoming`."""
    return SQL("{} AS incoming").format(INCOMING)


def identity_of(column: Column) -> Composable:
    """The value by which a row's subject or key is recognised, in the form in which the table stores it."""
    return column.kind.cast(staged(column.identified_by))


def _check_values(columns: Sequence[Column], delivery: Delivery) -> None:
    """
    Check that each required value is there and that each value fits its type; the first wrong column of a row is named.
    """
    fits = [_fits(column) for column in columns]
    wrong = [SQL("WHEN NOT {} THEN {}") for _column in columns]
    quarantine_where(
        delivery=delivery,
        column=_case(wrong, fits, [Literal(column.name) for column in columns]),
        reason=_case(wrong, fits, [_reason_of(column, is_detail=False) for column in columns]),
        detail=_case(wrong, fits, [_reason_of(column, is_detail=True) for column in columns]),
        source=SQL("FROM {} WHERE NOT ({})").format(incoming(), SQL(" AND ").join(fits)),
    )


def _case(branches: Sequence[SQL], conditions: Sequence[Composable], results: Sequence[Composable]) -> Composable:
    whens = [branch.format(*pair) for branch, *pair in zip(branches, conditions, results, strict=True)]
    return SQL("CASE {} END").format(SQL(" ").join(whens))


def _fits(column: Column) -> Composable:
    value = staged(column.name)
    joined = SQL("({0} IS NOT NULL AND {1})") if column.is_required else SQL("({0} IS NULL OR {1})")
    return joined.format(value, column.kind.fits(value))


def _reason_of(column: Column, *, is_detail: bool) -> Composable:
    value = staged(column.name)
    missing = Literal("" if is_detail else Reason.MISSING.value)
    whens = [
        SQL("WHEN {} THEN {}").format(fault.when, Literal(fault.detail if is_detail else fault.reason.value))
        for fault in column.kind.faults(value)
    ]
    return SQL("CASE WHEN {} IS NULL THEN {} {} END").format(value, missing, SQL(" ").join(whens))


def _check_companies(column: Column, delivery: Delivery) -> None:
    """
    Quarantine unknown credit codes; a code with a wrong check digit is told apart from a company not registered here.
    """
    assert isinstance(column.kind, CreditCode)
    unknown = SQL(
        "SELECT incoming.row_number, {code} FROM {incoming} "
        "WHERE NOT EXISTS (SELECT FROM companies_company WHERE credit_code = {code})"
    ).format(code=staged(column.name), incoming=incoming())
    faults = list(islice(_unknown_companies(unknown, column), MAX_QUARANTINED + 1))
    if faults:
        refuse_too_many(len(faults), faults[0])
        quarantine_rows(rows=faults, delivery=delivery)


def _unknown_companies(unknown: Composable, column: Column) -> Iterator[QuarantinedEntry]:
    assert isinstance(column.kind, CreditCode)
    for row_number, code in stream_rows(unknown):
        assert isinstance(row_number, int)
        if not is_credit_code(str(code)):
            yield QuarantinedEntry(row_number, column.name, Reason.WRONG_CREDIT_CODE)
        elif not column.kind.may_be_new:
            yield QuarantinedEntry(row_number, column.name, Reason.UNKNOWN_COMPANY)


def _check_people(column: Column, delivery: Delivery) -> None:
    quarantine_where(
        delivery=delivery,
        column=Literal(column.name),
        reason=Literal(Reason.UNKNOWN_PERSON.value),
        detail=Literal(""),
        source=SQL("FROM {} WHERE NOT EXISTS (SELECT FROM companies_employee WHERE id_number_hash = {})").format(
            incoming(), staged(column.identified_by)
        ),
    )


def _check_spouses(column: Column, delivery: Delivery) -> None:
    quarantine_where(
        delivery=delivery,
        column=Literal(column.name),
        reason=Literal(Reason.OWN_SPOUSE.value),
        detail=Literal(""),
        source=SQL("FROM {} WHERE incoming.id_number_hash = {}").format(incoming(), staged(column.identified_by)),
    )


def _check_keys(columns: Sequence[Column], delivery: Delivery) -> None:
    """Quarantine repeated keys: the first row of a key lands, later rows do not."""
    key = SQL(", ").join(identity_of(column) for column in columns)
    if not _may_repeat(key):
        return
    repeated = SQL(
        "FROM (SELECT row_number, min(row_number) OVER (PARTITION BY {key}) AS first FROM {incoming} "
        "WHERE ({key}) IN (SELECT {key} FROM {incoming} GROUP BY {key} HAVING count(*) > 1)) AS incoming "
        "WHERE row_number > first"
    ).format(key=key, incoming=incoming())
    quarantine_where(
        delivery=delivery,
        column=Literal(columns[-1].name),
        reason=Literal(Reason.DUPLICATE.value),
        detail=SQL("first::text"),
        source=repeated,
    )


def _may_repeat(key: Composable) -> bool:
    """
    Whether two rows have the same hash of their keys; sorting numbers takes less than half the time of sorting keys.
    """
    # OFFSET keeps the hash as a column of its own; without it PostgreSQL sorts the rows with their keys.
    hashed = SQL("SELECT hash_record_extended(ROW({}), 0) AS hash FROM {} OFFSET 0").format(key, incoming())
    return fetch_count(SQL("SELECT count(*) - count(DISTINCT hash) FROM ({}) AS keyed").format(hashed)) > 0


def _remove_quarantined(delivery: Delivery) -> None:
    execute(
        SQL("DELETE FROM {} AS incoming USING {} AS wrong WHERE wrong.delivery_id = {} AND {}").format(
            INCOMING, QUARANTINE, Literal(delivery.pk), SQL("wrong.row_number = incoming.row_number")
        )
    )


def _refuse_too_many(delivery: Delivery) -> None:
    wrong = delivery.quarantined_rows.exclude(reason__in=SET_ASIDE)
    count = wrong.count()
    if count > MAX_QUARANTINED:
        first = wrong.order_by("row_number")[0]
        refuse_too_many(count, QuarantinedEntry(first.row_number, first.column, Reason(first.reason), first.detail))
