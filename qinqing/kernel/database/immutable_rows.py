"""Guards for rows that are written once, decided once, and kept."""

from __future__ import annotations

from collections.abc import Sequence

import pgtrigger

from qinqing.kernel.database.triggers import Guard, kept, refuse


def decided_once(promise: str, columns: Sequence[str], *, is_open: str) -> list[Guard]:
    """A guard that lets only these columns change, and only while SQL over OLD says that it is open."""
    decision = f"ARRAY[{', '.join(repr(column) for column in columns)}]"
    return [
        Guard(
            name=promise,
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            func=f"""
                IF NOT ({is_open}) OR to_jsonb(OLD) - {decision} IS DISTINCT FROM to_jsonb(NEW) - {decision} THEN
                    {refuse(promise, "It is decided once, and otherwise kept as it was written.")}
                END IF;
                RETURN NEW;
            """,
        )
    ]


def written_when(promise: str, condition: str, *, on: pgtrigger.Operation = pgtrigger.Insert, first: str = "") -> Guard:
    """A guard that writes a row only when SQL over NEW holds; `first` is PL/pgSQL that takes the locks it needs."""
    return Guard(
        name=promise,
        when=pgtrigger.Before,
        operation=on,
        func=f"""
            {first}
            IF ({condition}) IS NOT TRUE THEN
                {refuse(promise, "As things stand this is not written.")}
            END IF;
            RETURN NEW;
        """,
    )


def kept_forever(promise: str) -> list[Guard]:
    """Guards against deleting rows."""
    return kept(promise=promise, why="It is never deleted.", operation=pgtrigger.Delete)


def appended_only(promise: str) -> list[Guard]:
    """Guards against changing and deleting rows."""
    return kept(promise=promise, why="It is appended only.", operation=pgtrigger.Update | pgtrigger.Delete)
