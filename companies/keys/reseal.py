"""Seals everything anew after a key or the cipher was replaced: every sealed column, set by set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
import structlog
from cryptography.exceptions import InvalidTag
from django.db import connection, transaction
from psycopg.sql import SQL, Composed, Identifier

from companies.keys.reseal_factors import reseal_factors
from companies.models import SealingKey
from qinqing.kernel.ciphers import HEADER_BYTES
from qinqing.kernel.database.sealed import SealedField, list_sealed_fields
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.secrets import present_header

log = structlog.get_logger(__name__)


class UnknownKey(Refusal):
    """A value was sealed by a key that the settings do not name, or for another row."""


@dataclass(frozen=True, slots=True)
class ResealedSet:
    """What one set sealed anew."""

    column: str
    count: int
    byte_count: int


@transaction.atomic
def note_present_key(*, now: datetime) -> None:
    """Note the key that seals from now on, unless it is the last one noted."""
    # Two commands at the same moment would note it twice.
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE companies_sealingkey IN SHARE ROW EXCLUSIVE MODE")
    last = SealingKey.objects.order_by("-pk").first()
    if last is None or last.header != present_header().hex():
        SealingKey.objects.create(header=present_header().hex(), since=now)
        log.info("sealing_key.noted", header=present_header().hex())


def count_unsealed() -> dict[str, int]:
    """How many values of each sealed column another key than the present one sealed."""
    counted = {}
    for field in list_sealed_fields():
        statement = SQL("SELECT count(*) FROM {table} WHERE {other}").format(**_names(field))
        [[count]] = _fetch(statement, header=present_header())
        counted[_name(field)] = count
    return counted


def reseal_everything(*, now: datetime) -> Iterator[ResealedSet]:
    """
    Seal by the present key what another key sealed, in all apps; yields after each set, which is a transaction.

    It may be stopped anywhere and begun again, and the platform works on meanwhile. It passes over all columns until
    a pass finds nothing, because a process that began before may still seal by the key that it knows.

    Raises:
        UnknownKey: a value belongs to no key that the settings name, or was copied from another row.
    """
    note_present_key(now=now)
    found = True
    while found:
        found = False
        for field in list_sealed_fields():
            for resealed in _reseal_column(field):
                found = True
                yield resealed
        if resealed_factors := _reseal_factors():
            found = True
            yield ResealedSet("mfa_authenticator.data", resealed_factors, 0)


def _reseal_factors() -> int:
    try:
        return reseal_factors()
    except InvalidTag:
        raise UnknownKey(
            "The secret of a second factor opens by no key; name its key in QINQING_DATA_KEY_BEFORE."
        ) from None


def _reseal_column(field: SealedField) -> Iterator[ResealedSet]:
    after = count = 0
    while rows := _reseal_set(field, after):
        after = rows[-1][0]
        byte_count = sum(len(sealed) for _id, sealed, _identity in rows)
        count += len(rows)
        yield ResealedSet(_name(field), len(rows), byte_count)
    log.info("column.resealed", column=_name(field), count=count)


@transaction.atomic
def _reseal_set(field: SealedField, after: int) -> list[tuple[int, bytes, str]]:
    names = _names(field)
    rows = _fetch(
        SQL(
            "SELECT id, {column}, {identity} FROM {table} WHERE id > %(after)s AND {other}"
            " ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE OF {table}"
        ).format(**names),
        after=after,
        header=present_header(),
        limit=field.rows_at_once,
    )
    if rows:
        _run(
            SQL(
                "UPDATE {table} SET {bare} = fresh.sealed FROM unnest(%(ids)b::bigint[], %(sealed)b::bytea[])"
                " AS fresh (id, sealed) WHERE {table}.id = fresh.id"
            ).format(**names),
            ids=[row[0] for row in rows],
            sealed=[_reseal_value(field, *row) for row in rows],
        )
    return rows


def _reseal_value(field: SealedField, number: int, sealed: bytes, identity: str) -> bytes:
    column = field.seal
    try:
        return column.seal_bytes(column.open_bytes(sealed, identity), identity)
    except InvalidTag:
        raise UnknownKey(
            f"{_name(field)} of row {number} opens by no key; name its key in QINQING_DATA_KEY_BEFORE. If all keys are"
            " named, the value was changed or copied from another row."
        ) from None


def _names(field: SealedField) -> dict[str, Any]:
    table, column = Identifier(field.model._meta.db_table), Identifier(str(field.column))
    # A missing value is not sealed; the pieces of a file are large, so that only their beginning is read.
    other = SQL("substring({}.{} FROM 1 FOR {}) <> %(header)s").format(table, column, HEADER_BYTES)
    whole = SQL("{}.{}").format(table, column)
    return {"table": table, "bare": column, "column": whole, "identity": SQL(field.identity), "other": other}


def _name(field: SealedField) -> str:
    return f"{field.model._meta.db_table}.{field.column}"


def _fetch(statement: Composed, **parameters: Any) -> list[tuple[Any, ...]]:
    return _run(statement, **parameters).fetchall()


def _run(statement: Composed, **parameters: Any) -> psycopg.Cursor[tuple[Any, ...]]:
    # As bytes, and not as hexadecimal digits within the statement, which is what Django's own cursor would send.
    connection.ensure_connection()
    cursor = psycopg.Cursor(connection.connection)
    with connection.wrap_database_errors:
        return cursor.execute(statement, parameters, binary=True)
