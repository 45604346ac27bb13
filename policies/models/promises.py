"""Triggers that several tables of the policies share."""

from __future__ import annotations

import pgtrigger

from qinqing.kernel.database.sql_files import read_sql
from qinqing.kernel.database.triggers import Guard


def final_with_its_version(promise: str, why: str, *, owner: str = "{row}.version_id") -> Guard:
    """
    The guard of a table whose rows are parts of a version: they are written only while the version is a draft.

    `owner` is an SQL expression for the version's id; `{row}` stands for NEW or OLD.
    """
    owners = f"({owner.format(row='OLD')}), ({owner.format(row='NEW')})"
    return Guard(
        name=promise,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        func=read_sql("policies.models", "final_with_its_version.sql", promise=promise, why=why, owners=owners),
    )


def stamped(columns_by_step: dict[tuple[str, str], list[str]]) -> str:
    """The branches of an SQL CASE that yields, for each move from OLD to NEW, the columns that the move may change."""
    return "\n            ".join(
        f"WHEN (OLD.status, NEW.status) = ('{before}', '{after}') THEN ARRAY{columns}"
        for (before, after), columns in columns_by_step.items()
    )
