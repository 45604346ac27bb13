"""The promise that rows to which facts and payments refer are never deleted."""

from __future__ import annotations

import pgtrigger

from qinqing.kernel.database.triggers import Guard, refuse_when


def never_deleted(what: str) -> list[Guard]:
    """The trigger that refuses to delete rows to which rows of other tables refer."""
    why = f"A {what} is never deleted, because facts and payments name it."
    return [refuse_when(promise=f"{what}_is_never_deleted", why=why, operation=pgtrigger.Delete)]
