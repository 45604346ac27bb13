"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation
from django.utils.translation.reloader import translation_file_changed

from qinqing.messages import compile_translations
from tests.migrated import template
from tests.servers import OURS_VARIABLE

GUARDED = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"

COUNT_ON = """
    SELECT setval(format('%I.%I', schemaname, sequencename), 1000000 + coalesce(last_value, 0))
    FROM pg_sequences WHERE schemaname = 'public' AND max_value > 1000000
"""


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """On a server of our own, each worker copies a migrated database; pytest-django migrates only what is left."""
    if os.environ.get(OURS_VARIABLE):
        connection.settings_dict["TEST"]["TEMPLATE"] = template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Every table counts on from a million, as in a city, so that a number written as 1,000,001 is seen to be wrong."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(COUNT_ON)


@pytest.fixture(scope="session", autouse=True)
def _tables_may_be_emptied_after_a_test() -> Iterator[None]:
    """A test with real transactions ends by emptying all tables; for that alone the guards are laid aside."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", _empty)
        yield


def _empty(_operations: Any, statements: Sequence[str]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(GUARDED)
        guarded = [row[0] for row in cursor.fetchall()]
        for table in guarded:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        for table in guarded:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture(scope="session", autouse=True)
def _translations_are_compiled() -> None:
    """Django may have looked for them already, so it is told to look again."""
    translation_file_changed(sender=None, file_path=compile_translations())


@pytest.fixture(autouse=True)
def _each_test_begins_in_chinese() -> None:
    """A request leaves its language behind in the thread, as it does in a server, where the next one sets its own."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def in_english() -> Iterator[None]:
    """Whoever asks for it reads English."""
    with translation.override("en"):
        yield
