"""Stores the first departments in a database that has none yet."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from companies.datasets.departments import FIRST_OFFICES


def load_departments(**_signal: Any) -> None:
    """Store the first departments unless they are stored already; runs after each migrate."""
    from companies.models import Department

    known = set(Department.objects.values_list("code", flat=True))
    now = timezone.now()
    Department.objects.bulk_create(
        Department(code=code, name_zh=name.zh, name_en=name.en, added_at=now)
        for code, name in FIRST_OFFICES.items()
        if code not in known
    )
