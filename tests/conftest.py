"""Fixtures and settings that all tests share."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.db import connection, connections
from django.http import HttpRequest
from django.test import TransactionTestCase, override_settings
from django.utils import translation
from django.utils.translation.reloader import translation_file_changed
from psycopg.sql import SQL, Identifier
from whitenoise.middleware import WhiteNoiseMiddleware

from qinqing.messages import compile_translations
from tests import profiles, superuser
from tests.migrated import ready_template
from tests.restoring import restore
from tests.shipped import know_shipped

profiles.register_profiles()
# Modules of tests read the catalogue while they are collected.
know_shipped()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any
) -> Iterator[None]:
    """Let each worker copy a database that is ready, and work in it as the product's role; copying migrates nothing."""
    with django_db_blocker.unblock():
        ready, name = ready_template(), connection.creation._get_test_db_name()
        with superuser.connected() as server:
            server.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
            made = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy OWNER {}")
            server.execute(
                made.format(Identifier(name), Identifier(ready), Identifier(settings.OWNER_DATABASE["USER"]))
            )
        superuser.work_as_app(name)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        with superuser.connected() as server:
            server.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture(scope="session", autouse=True)
def _database_is_restored_after_real_transactions() -> Iterator[None]:
    """
    Restore a snapshot, because Django would empty each table and send `post_migrate`, which takes longer than most
    tests.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: restore())
        yield


@pytest.fixture(scope="session", autouse=True)
def _passwords_are_hashed_fast() -> Iterator[None]:
    """Hash passwords fast, because a million rounds for each password would take longer than most tests."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_found_once() -> Iterator[None]:
    """
    Find static files once, because each test client has middleware of its own that would search all folders again.
    """
    found: dict[str, Any] = {}
    find = WhiteNoiseMiddleware.add_files_from_finders

    def find_once(middleware: WhiteNoiseMiddleware) -> None:
        if not found:
            find(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", find_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _translations_are_compiled() -> None:
    """Compile the translations and make Django read them again, because it may have read older ones already."""
    translation_file_changed(sender=None, file_path=compile_translations())


@pytest.fixture(scope="session", autouse=True)
def _whoever_is_signed_in_by_force_has_just_shown_a_second_factor() -> Iterator[None]:
    """Record a proof for `force_login`, because most tests are about what a person does and not about who it is."""

    def prove(*, request: HttpRequest, user: Any, **_signal: Any) -> None:
        # `force_login` makes a request without an address, and nothing else does.
        if "SERVER_NAME" not in request.META:
            record_authentication(request, user, "mfa", type="totp")

    user_logged_in.connect(prove)
    yield
    user_logged_in.disconnect(prove)


@pytest.fixture(autouse=True)
def _each_test_begins_in_chinese() -> None:
    """
    Activate Chinese, because a request leaves its language active in the thread; in a server the next request sets its
    own.
    """
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def _each_test_leaves_the_shipped_contracts_known() -> Iterator[None]:
    """Forget what a test declared, because its rows are gone; the fixtures of the next test come before its own."""
    yield
    know_shipped()


@pytest.fixture
def in_english() -> Iterator[None]:
    """Activate English for the test."""
    with translation.override("en"):
        yield


def pytest_collection_finish() -> None:
    """Exempt modules and tests from garbage collection, because they live until the end."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """After a search, print how to store a failing example."""
    sentence = profiles.how_to_store(terminalreporter.stats.get("failed", []))
    if sentence is not None:
        terminalreporter.section("a search found something")
        terminalreporter.write_line(sentence)
