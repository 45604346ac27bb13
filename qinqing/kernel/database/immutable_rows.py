"""Guards for rows that are written once, decided once, and kept for ever."""

from __future__ import annotations

from collections.abc import Sequence

import pgtrigger

from qinqing.kernel.database.sql_files import read_sql
from qinqing.kernel.database.triggers import Guard, guard_against

_DECIDED = "It is decided once, and otherwise kept as it was written."


def guard_single_decision(
    promise: str, columns: Sequence[str], *, is_open: str, why: str = _DECIDED, unless: str = ""
) -> Guard:
    """
    Let only these columns change, and only while SQL over OLD says that the row is open.

    An update passes for which SQL over OLD and NEW says so: a re-seal, for instance.
    """
    decided = f"ARRAY[{', '.join(repr(column) for column in columns)}]"
    return Guard(
        name=promise,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(f"({unless} IS NOT TRUE)") if unless else None,
        func=read_sql(
            "qinqing.kernel", "single_decision.sql", promise=promise, columns=decided, is_open=is_open, why=why
        ),
    )


def require_condition(promise: str, condition: str, *, on: pgtrigger.Operation = pgtrigger.Insert) -> Guard:
    """Let a row be written only while a short condition in SQL over NEW holds; a longer one has its own file."""
    return Guard(
        name=promise,
        when=pgtrigger.Before,
        operation=on,
        func=read_sql("qinqing.kernel", "required_condition.sql", promise=promise, condition=condition),
    )


def guard_against_deletion(promise: str) -> list[Guard]:
    """Refuse to delete rows."""
    return guard_against(promise=promise, why="It is never deleted.", operation=pgtrigger.Delete)


def guard_append_only(promise: str) -> list[Guard]:
    """Refuse to change and to delete rows."""
    return guard_against(promise=promise, why="It is appended only.", operation=pgtrigger.Update | pgtrigger.Delete)
