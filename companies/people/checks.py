"""The check that nobody in production holds every right."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.core import checks
from django.db import DEFAULT_DB_ALIAS, connection

from companies.models import User


def check_superusers(*, databases: Sequence[str] | None = None, **_others: object) -> list[checks.CheckMessage]:
    """Name the superusers in production: whoever holds every right stands outside the roles and their exclusions."""
    table = User._meta.db_table
    if not settings.IS_PRODUCTION or DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    if table not in connection.introspection.table_names():
        return []
    names = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").values_list("username", flat=True)
    hint = "Propose a new account with one of the roles for the person, and close this one."
    return [checks.Error(f"{name} is a superuser.", hint=hint, id="qinqing.E002") for name in names]


def connect() -> None:
    """Have `manage.py check --database default` ask."""
    checks.register(check_superusers, checks.Tags.database)
