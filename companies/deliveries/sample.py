"""Reads a sample of a department's file, and checks its values as a delivery would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO, NamedTuple

from django.db import connection
from django.utils.translation import gettext_lazy as _
from psycopg.sql import SQL, Literal

from companies.contracts.contract import Contract, Role
from companies.datasets.row_faults import Reason
from companies.deliveries.registry.targets import kind_of
from qinqing.kernel.tables import delimited, workbook
from qinqing.kernel.tables.refusals import Row, UnreadableTable

LARGEST_SAMPLE_BYTES = 20 << 20
SAMPLE_ROWS = 500
_ZIP = b"PK\x03\x04"
_OTHERS = (b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b", b"PAR1")


class Sample(NamedTuple):
    """The titles of a file's columns, and its first rows."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class WrongValue(NamedTuple):
    """A value of a sample that would go to quarantine, and why."""

    column: str
    value: str
    reason: str


def read_sample(*, content: IO[bytes]) -> Sample:
    """
    The titles and the first rows of a workbook or a CSV file; the titles stand in the first row that is not empty.

    Raises:
        UnreadableTable: it is neither, or it has no row below the titles.
    """
    rows = (tuple(cells) for _number, cells in _rows(content) if any(cell.strip() for cell in cells))
    titles = next(rows, ())
    found = tuple(islice(rows, SAMPLE_ROWS))
    if not found:
        raise UnreadableTable(_("There is no row below the titles; a sample needs a few rows."))
    return Sample(tuple(title.strip() for title in titles), found)


def _rows(content: IO[bytes]) -> Iterator[Row]:
    content.seek(0, 2)
    if content.tell() > LARGEST_SAMPLE_BYTES:
        sentence = _("The sample is larger than %(count)s MB; a few hundred rows are enough.")
        raise UnreadableTable(sentence, count=LARGEST_SAMPLE_BYTES >> 20)
    content.seek(0)
    start = content.read(4000)
    if start.startswith(_ZIP):
        return workbook.read_rows(content)
    if start.startswith(_OTHERS) or not start.strip():
        raise UnreadableTable(_("The sample is neither an xlsx workbook nor CSV; export a few rows as one of these."))
    first = start.splitlines()[0]
    return delimited.read_rows(content, delimiter=max(",\t;", key=lambda sign: first.count(sign.encode())))


def check_values(*, contract: Contract, values: Sequence[tuple[str, str]]) -> list[WrongValue]:
    """
    The values, given with the names of their columns, that would send a row to quarantine.

    Firms and persons are not looked up: a sample may name others than the city knows.
    """
    checks = [
        SQL("SELECT {column}, {value}, {reason} WHERE NOT {fits}").format(
            column=Literal(name),
            value=Literal(value),
            reason=SQL("CASE {} END").format(
                SQL(" ").join(
                    SQL("WHEN {} THEN {}").format(fault.when, Literal(f"{fault.reason.value}\t{fault.detail}"))
                    for fault in kind.faults(Literal(value))
                )
            ),
            fits=kind.fits(Literal(value)),
        )
        for name, value in values
        for each in [contract.by_name[name]]
        if each.role not in (Role.CREDIT_CODE, Role.ID_NUMBER, Role.SPOUSE)
        for kind in [kind_of(contract, each)]
    ]
    if not checks:
        return []
    with connection.cursor() as cursor:
        cursor.execute(SQL(" UNION ALL ").join(checks))
        return [WrongValue(column, value, _describe(reason)) for column, value, reason in cursor.fetchall()]


def _describe(reason: str) -> str:
    name, _tab, detail = reason.partition("\t")
    return str(Reason(name).label).format(detail=detail)
