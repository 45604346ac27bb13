"""Compares the guards in the database with those in the code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.core import checks
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor

from qinqing.kernel.database.sql_files import meaning_of
from qinqing.kernel.database.triggers import SEARCH_PATH, Guard

_INSTALLED = """
    SELECT t.tgname, p.prosrc, obj_description(t.oid, 'pg_trigger'), t.tgenabled, coalesce(p.proconfig, '{}')
    FROM pg_trigger t
    JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND t.tgname LIKE 'pgtrigger\\_%'
"""


def list_drifted_guards() -> list[str]:
    """
    The faults of the database's guards, one sentence each.

    A guard may be missing, switched off for some or all sessions, read tables of the session's own, differ from the
    code's text, or be unknown to the code.
    """
    with connection.cursor() as cursor:
        cursor.execute(_INSTALLED)
        installed = {name: rest for name, *rest in cursor.fetchall()}
    wanted = {guard.get_pgid(model): (guard, model) for guard, model in guards()}
    unknown = [f"{name} is no guard of the code." for name in sorted(installed.keys() - wanted.keys())]
    return unknown + [
        f"{guard.name} of {model._meta.label} {wrong}."
        for name, (guard, model) in sorted(wanted.items())
        if (wrong := _describe_drift(installed.get(name), guard, model))
    ]


def _describe_drift(installed: list[Any] | None, guard: Guard, model: Any) -> str:
    if installed is None:
        return "is not installed"
    body, sha256, enabled, session_settings = installed
    if enabled != "A":
        return "is laid aside" if enabled == "D" else "is laid aside in some sessions"
    if sha256 != guard.sha256(model) or meaning_of(body) != meaning_of(guard.body()):
        return "is another one in the database"
    if guard.names_tables and f"search_path={SEARCH_PATH}" not in session_settings:
        return "reads whatever tables a session puts before ours"
    return ""


def guards() -> Iterator[tuple[Guard, Any]]:
    """All guards of the code, with their models."""
    for model in apps.get_models():
        yield from ((each, model) for each in getattr(model._meta, "triggers", ()) if isinstance(each, Guard))


@checks.register(checks.Tags.database)
def check_guards(*, databases: Sequence[str] | None = None, **_others: object) -> list[checks.CheckMessage]:
    """Compare the guards when `manage.py check --database default` runs on a database that has all migrations."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return []
    hint = "Install it again, or write a migration that names it as it is now."
    return [checks.Error(sentence, hint=hint, id="qinqing.E001") for sentence in list_drifted_guards()]
