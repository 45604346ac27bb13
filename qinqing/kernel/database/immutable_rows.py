"""Guards for rows that are written once, decided once, and kept for ever."""

from __future__ import annotations

from collections.abc import Sequence

import pgtrigger

from qinqing.kernel.database.sql_files import read_sql
from qinqing.kernel.database.triggers import Guard, kept

_DECIDED = "It is decided once, and otherwise kept as it was written."


def decided_once(promise: str, columns: Sequence[str], *, is_open: str, why: str = _DECIDED, unless: str = "") -> Guard:
    """
    A guard that lets only these columns change, and only while SQL over OLD says that the row is open.

    It lets an update pass for which SQL over OLD and NEW says so: a re-seal, for instance.
    """
    written = f"ARRAY[{', '.join(repr(column) for column in columns)}]"
    return Guard(
        name=promise,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(f"({unless} IS NOT TRUE)") if unless else None,
        func=read_sql("qinqing.kernel", "decided_once.sql", promise=promise, columns=written, is_open=is_open, why=why),
    )


def written_when(promise: str, condition: str, *, on: pgtrigger.Operation = pgtrigger.Insert) -> Guard:
    """A guard that writes a row only when a short condition in SQL over NEW holds; a longer one has its own file."""
    return Guard(
        name=promise,
        when=pgtrigger.Before,
        operation=on,
        func=read_sql("qinqing.kernel", "written_when.sql", promise=promise, condition=condition),
    )


def kept_forever(promise: str) -> list[Guard]:
    """Guards against deleting rows."""
    return kept(promise=promise, why="It is never deleted.", operation=pgtrigger.Delete)


def appended_only(promise: str) -> list[Guard]:
    """Guards against changing and deleting rows."""
    return kept(promise=promise, why="It is appended only.", operation=pgtrigger.Update | pgtrigger.Delete)
