"""Stores the districts of the city in a database that has none yet."""

from __future__ import annotations

from typing import Any

from companies.classifications.districts import DISTRICTS


def load_districts(**_signal: Any) -> None:
    """Store the districts unless they are stored already; runs after each migrate, and after each flush of a test."""
    from companies.models import District

    District.objects.bulk_create(
        (
            District(code=code, name_zh=zh, name_en=en, valid_from=valid_from, valid_until=valid_until)
            for code, zh, en, valid_from, valid_until in DISTRICTS
        ),
        ignore_conflicts=True,
    )
