"""The rows of a query of a PostgreSQL database, read in a transaction that can change nothing there."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, Final

import psycopg
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.deliveries.registry.columns import in_file_order
from companies.sources.fetch.asked import (
    Asked,
    Came,
    Patience,
    PullRefused,
    Spool,
    refuse_own_addresses,
    too_slow,
    unreachable,
    wrong_certificate,
)

ROWS_AT_ONCE: Final = 5_000
# As psycopg names a parameter of a statement; its value never becomes text of the statement.
SINCE: Final = "%(since)s"


class QueryRefused(PullRefused):
    """The database does not run the query, or lets nobody in."""


async def fetch_query(asked: Asked, spool: Spool, patience: Patience) -> Came | None:
    """
    Write the rows as CSV into the spool; the bookmark is a parameter of the query.

    Raises:
        PullRefused: no rows came; the subclasses say why.
        WrongColumns: the query has other columns than the dataset.
    """
    await refuse_own_addresses(asked.place)
    try:
        async with _connected(asked, patience) as connection:
            return await _read(connection, asked, spool, patience)
    except (psycopg.errors.QueryCanceled, psycopg.errors.ConnectionTimeout) as trouble:
        raise too_slow(asked.place) from trouble
    except psycopg.OperationalError as trouble:
        raise _explain(trouble, asked) from trouble
    except psycopg.Error as trouble:
        # The database's own words may hold values of rows, so only its code is told.
        sentence = _("The database does not run the query (SQLSTATE {code}); correct it by a proposal.")
        raise QueryRefused(format_lazy(sentence, code=trouble.sqlstate or "–")) from trouble


@asynccontextmanager
async def _connected(asked: Asked, patience: Patience) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as authority:
        authority.write(asked.trusted)
        authority.flush()
        connection = await psycopg.AsyncConnection.connect(
            host=asked.place.host,
            port=asked.place.port,
            dbname=asked.place.path.strip("/"),
            user=asked.username,
            password=asked.secret,
            connect_timeout=max(2, round(patience.connect_seconds)),
            application_name="qinqing",
            # A database that vanished is noticed.
            keepalives_idle=round(patience.read_seconds),
            tcp_user_timeout=round(patience.read_seconds * 1_000),
            **_proof(authority.name if asked.trusted else ""),
        )
        try:
            await connection.set_read_only(True)
            yield connection
        finally:
            # Closing says nothing to the server and waits for nothing; what was read changed nothing there.
            await connection.close()


def _proof(authority: str) -> dict[str, Any]:
    """How the database proves who it is; on the machine of a trial it need not."""
    if authority:
        return {"sslmode": "verify-full", "sslrootcert": authority}
    return {"sslmode": "verify-full", "sslrootcert": "system"} if settings.IS_PRODUCTION else {"sslmode": "prefer"}


async def _read(connection: psycopg.AsyncConnection[Any], asked: Asked, spool: Spool, patience: Patience) -> Came:
    limit = f"{round(patience.whole_seconds * 1_000)}ms"
    await connection.execute("SELECT set_config('statement_timeout', %s, true)", [limit])
    async with connection.cursor(name="qinqing_pull") as cursor:
        # Two people agreed on the text; a cursor on the server takes one query that only reads.
        await cursor.execute(asked.query.encode(), {"since": asked.since} if SINCE in asked.query else None)
        names = [column.name for column in cursor.description or ()]
        table = _Table(names, asked)
        spool.write(table.header())
        while rows := await cursor.fetchmany(ROWS_AT_ONCE):
            spool.write(table.lines(rows))
    return Came(what=f"{asked.place.path.strip('/')} ({table.count})"[:200], highest=table.highest())


class _Table:
    """The rows of a query as CSV, and the highest value in each watched column."""

    def __init__(self, names: Sequence[str], asked: Asked) -> None:
        self.count = 0
        # A column that only tells the bookmark or the day is no part of the dataset.
        known = {column.name for column in asked.columns} | {column.word.zh for column in asked.columns}
        self._places = [place for place, name in enumerate(names) if name in known or name not in asked.watched]
        self._names = names
        in_file_order(header=[names[place] for place in self._places], columns=asked.columns)
        self._watched = {name: names.index(name) for name in asked.watched if name in names}
        self._highest: dict[str, Any] = {}
        if missing := asked.watched - self._watched.keys():
            sentence = _("The query has no column “{name}”, which the source names; correct one of both.")
            raise QueryRefused(format_lazy(sentence, name=min(missing)))

    def header(self) -> bytes:
        """The first line."""
        return _csv([[self._names[place] for place in self._places]])

    def lines(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """These rows as lines."""
        self.count += len(rows)
        for name, place in self._watched.items():
            before = [self._highest[name]] if name in self._highest else []
            if values := [*before, *(row[place] for row in rows if row[place] is not None)]:
                self._highest[name] = max(values)
        return _csv([[_text(row[place]) for place in self._places] for row in rows])

    def highest(self) -> dict[str, str]:
        """The highest values as texts; a column without values has none."""
        return {name: _text(value) for name, value in self._highest.items()}


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows(rows)
    return lines.getvalue().encode("utf-8", "replace")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _explain(trouble: psycopg.OperationalError, asked: Asked) -> PullRefused:
    """Tell apart what the database says before anybody is signed in; only the code, or libpq's own words, are read."""
    if isinstance(trouble, psycopg.errors.InvalidAuthorizationSpecification) or "authentication failed" in str(trouble):
        sentence = _("{place} does not let us in; look at the account and the secret.")
        return QueryRefused(format_lazy(sentence, place=asked.place))
    if "certificate" in str(trouble):
        return wrong_certificate(asked.place)
    if "SSL" in str(trouble):
        sentence = _("{place} does not prove by TLS that it is this database; ask the department to switch TLS on.")
        return QueryRefused(format_lazy(sentence, place=asked.place))
    if "does not exist" in str(trouble):
        sentence = _("{place} has no database or no account of this name; look at both.")
        return QueryRefused(format_lazy(sentence, place=asked.place))
    return unreachable(asked.place)
