"""Rows of any dataset, also of one that a test declares."""

from __future__ import annotations

from typing import Any

from django.db import connection
from psycopg.sql import SQL, Identifier


def rows_of(dataset: str, *, kept: bool = False) -> list[dict[str, Any]]:
    """The rows of a dataset by the names of their columns; `kept` asks for their earlier forms."""
    table = f"history_{dataset}" if kept else f"dataset_{dataset}"
    with connection.cursor() as cursor:
        cursor.execute(SQL("SELECT * FROM {} ORDER BY id").format(Identifier(table)))
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
