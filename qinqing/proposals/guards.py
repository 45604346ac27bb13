"""Guards of tables whose rows change by proposal only."""

from __future__ import annotations

from collections.abc import Sequence

import pgtrigger

from qinqing.kernel.database.sql_files import read_sql
from qinqing.kernel.database.triggers import Guard, change_of


def by_proposal(
    promise: str,
    *,
    kind: str,
    columns: Sequence[str] = (),
    operation: pgtrigger.Operation = pgtrigger.Update,
    subject: str = "",
    condition: str = "",
) -> Guard:
    """
    A guard that refuses a write unless carrying out a confirmed proposal of this kind makes it.

    Args:
        columns: an update of other columns than these passes; without columns every update is guarded.
        subject: SQL over OLD and NEW for the proposal's subject; the row's own id by default.
        condition: SQL over OLD and NEW; writes for which it does not hold pass.
    """
    row = "OLD" if operation == pgtrigger.Delete else "NEW"
    # `change_of` brings its own parentheses.
    conditions = [each for each in (change_of(*columns) if columns else "", condition and f"({condition})") if each]
    return Guard(
        name=promise,
        when=pgtrigger.Before,
        operation=operation,
        condition=pgtrigger.Condition(f"({' AND '.join(conditions)})") if conditions else None,
        func=read_sql(
            __package__, "by_proposal.sql", promise=promise, kind=kind, subject=subject or f"{row}.id", row=row
        ),
    )
