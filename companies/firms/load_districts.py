"""Writes the districts of the city down where a database has none yet."""

from __future__ import annotations

from typing import Any

from companies.classifications.districts import DISTRICTS


def load_districts(**_signal: Any) -> None:
    """Write the districts down unless they are there; runs after each migrate, and after each flush of a test."""
    from companies.models import District

    District.objects.bulk_create(
        (
            District(code=code, name_zh=zh, name_en=en, valid_from=valid_from, valid_until=valid_until)
            for code, zh, en, valid_from, valid_until in DISTRICTS
        ),
        ignore_conflicts=True,
    )
