"""The cockpit, the auditor's pairs and the auditor's files read as the role that may only read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from companies.models import AdminRecord, SignIn
from payouts.controls.pairs import list_pairs
from qinqing.cockpit.queries import count
from qinqing.kernel.database.reading import as_reader, read_newest_first
from tests.factories.clients import sign_in_official
from tests.factories.companies import make_company
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "reader"])
READER = "qinqing_reader"


@pytest.fixture(autouse=True)
def _reads_as_the_reader(settings: Any) -> None:
    settings.READER_ALIAS = "reader"


def read_by(read: Callable[[], object]) -> tuple[list[str], list[str]]:
    """The tables that a function read as the product's role, and those that it read as the reader."""
    with CaptureQueriesContext(connections["reader"]) as by_reader, CaptureQueriesContext(connection) as by_app:
        read()
    return tuple([each["sql"] for each in found.captured_queries] for found in (by_app, by_reader))  # type: ignore[return-value]


def file_of(page: str) -> str:
    answer = sign_in_official("auditor").get(reverse(page))
    return b"".join(answer.streaming_content).decode()


def test_the_citys_figures_are_counted_by_the_reader_alone() -> None:
    by_app, by_reader = read_by(lambda: count(now=timezone.now()))
    assert by_app == []
    assert any("payouts_payout" in each for each in by_reader)


def test_the_auditors_pairs_are_found_by_the_reader_alone() -> None:
    by_app, by_reader = read_by(list_pairs)
    assert (by_app, len(by_reader)) == ([], 1)


def test_the_auditors_files_are_read_by_the_reader() -> None:
    company = make_company()
    sign_in_official("finance")
    AdminRecord.objects.log_actions(make_user("clerk").pk, [company], 2, change_message="moved", single_object=True)
    _by_app, by_reader = read_by(lambda: file_of("admin:companies_adminrecord_export"))
    assert any("django_admin_log" in each for each in by_reader)
    assert not any("password" in each for each in by_reader)
    text = file_of("admin:companies_adminrecord_export")
    assert "clerk" in text
    _by_app, by_reader = read_by(lambda: file_of("admin:companies_signin_export"))
    assert any("companies_signin" in each for each in by_reader)


def test_pages_of_rows_come_whole_and_newest_first_and_give_the_connection_back() -> None:
    for number in range(5):
        SignIn.objects.create(kind=SignIn.Kind.FAILED, happened_at=timezone.now(), name_fingerprint=str(number))
    rows = read_newest_first(SignIn.objects.all(), rows_at_once=2)
    first = next(rows)
    assert connection.settings_dict["USER"] != READER
    keys = [first.pk, *(row.pk for row in rows)]
    assert keys == sorted(keys, reverse=True)
    assert len(keys) == 5


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "CREATE TEMPORARY TABLE x (y int)"])
def test_the_database_refuses_a_write_by_whoever_reads(statement: str) -> None:
    with as_reader(), connection.cursor() as cursor, pytest.raises(Exception, match="read-only transaction"):
        cursor.execute(statement.format("payouts_payout"))
    # Not even one who begins a transaction that could write.
    with as_reader(), connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = off")
        with pytest.raises(Exception, match="permission denied"):
            cursor.execute("DELETE FROM payouts_payout")
        cursor.execute("SET default_transaction_read_only = on")
