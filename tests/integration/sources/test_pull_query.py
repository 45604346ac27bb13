"""A source that is a query of another PostgreSQL database, which it can only read."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal

from companies.models import Company, DataSource, Delivery, SourcePull
from companies.sources.fetch.asked import Patience
from qinqing.services.postgres import SUPERUSER_VARIABLE
from tests import superuser
from tests.certificates import Authority
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.sources import make_source, pull, pull_again

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

# Beside another worker of the tests the server has another account.
READER, PASSWORD = f"qinqing_pulls_{os.getpid()}", "opens the register"
QUERY = "SELECT credit_code, year, revenue, tax_paid, changed_at FROM tax WHERE changed_at >= %(since)s::timestamptz"
TABLE = """
    CREATE TABLE tax (credit_code text, year integer, revenue numeric, tax_paid numeric, changed_at timestamptz);
    GRANT SELECT, INSERT ON tax TO {};
    CREATE FUNCTION sneak() RETURNS numeric AS $$ INSERT INTO tax DEFAULT VALUES; SELECT 1.0; $$ LANGUAGE sql;
"""


@pytest.fixture
def register() -> Iterator[psycopg.Connection]:
    """The tax office's own database, of which the platform's account could even write the table."""
    name = f"tax_office_{os.getpid()}"
    with superuser.connected() as server:
        server.execute(SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(Identifier(READER), Literal(PASSWORD)))
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        address = urlsplit(os.environ[SUPERUSER_VARIABLE])._replace(path=f"/{name}").geturl()
        with psycopg.connect(address, autocommit=True) as office:
            office.execute(SQL(TABLE).format(Identifier(READER)))
            yield office
        server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
        server.execute(SQL("DROP ROLE {}").format(Identifier(READER)))


def query_source(register: psycopg.Connection, **terms: Any) -> DataSource:
    info = register.info
    usual = {
        "kind": "query", "address": f"postgresql://{info.host}:{info.port}/{info.dbname}", "username": READER,
        "secret": PASSWORD, "query": QUERY, "as_of_from": "pulled", "begins_at": "2020-01-01",
        "bookmark_from": "column", "bookmark_name": "changed_at",
    }  # fmt: skip
    return make_source(**(usual | terms))


def enter(register: psycopg.Connection, year: int, changed_at: str) -> Company:
    company = Company.objects.order_by("pk").first() or make_company()
    values = [company.credit_code, year, "1234.50", "0.10", changed_at]
    register.execute("INSERT INTO tax VALUES (%s, %s, %s, %s, %s)", values)
    return company


def refused(noted: SourcePull) -> str:
    assert (noted.outcome, noted.delivery_id) == ("refused", None)
    assert not Delivery.objects.exists()
    return noted.refusal_en


def test_the_rows_land_and_the_next_query_begins_where_this_one_ended(register: psycopg.Connection) -> None:
    enter(register, 2023, "2024-01-01T00:00:00Z")
    enter(register, 2024, "2025-01-01T00:00:00Z")
    source = query_source(register)
    noted = pull(source)
    assert (noted.outcome, noted.as_of_on, noted.delivery.landed_count) == ("landed", TODAY, 2)
    assert noted.what == f"{register.info.dbname} (2)"
    assert dt.datetime.fromisoformat(source.bookmark) == dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
    enter(register, 2025, "2026-01-01T00:00:00Z")
    again = pull_again(source)
    assert (again.delivery.landed_count, again.bookmark) == (2, "2025-01-01T00:00:00+00:00")


def test_no_rows_are_news_of_their_day_and_keep_the_bookmark(register: psycopg.Connection) -> None:
    source = query_source(register)
    noted = pull(source)
    assert (noted.outcome, noted.delivery.landed_count, source.bookmark) == ("landed", 0, "2020-01-01")
    tomorrow = pull(source, now=NOW + dt.timedelta(days=1))
    assert (tomorrow.outcome, tomorrow.as_of_on) == ("landed", TODAY + dt.timedelta(days=1))


def test_the_day_may_stand_in_a_column(register: psycopg.Connection) -> None:
    enter(register, 2024, "2025-06-30T12:00:00Z")
    assert pull(query_source(register, as_of_from="column", as_of_name="changed_at")).as_of_on == dt.date(2025, 6, 30)


def test_without_a_bookmark_a_percent_sign_is_one(register: psycopg.Connection) -> None:
    enter(register, 2024, "2025-06-30T12:00:00Z")
    query = "SELECT credit_code, year, revenue, tax_paid FROM tax WHERE credit_code LIKE '9%'"
    source = query_source(register, query=query, bookmark_from="", bookmark_name="", begins_at="")
    assert pull(source).delivery.landed_count == 1


def test_a_bookmark_is_a_value_and_never_text_of_the_query(register: psycopg.Connection) -> None:
    enter(register, 2024, "2025-06-30T12:00:00Z")
    source = query_source(register, begins_at="2020-01-01'::timestamptz; DELETE FROM tax; --")
    assert "SQLSTATE 22007" in refused(pull(source))
    assert register.execute("SELECT count(*) FROM tax").fetchone() == (1,)


WRONG_COLUMN = "SELECT credit_code, 1 AS wrong, changed_at FROM tax WHERE changed_at > %(since)s"
WRITING = "INSERT INTO tax (credit_code) SELECT %(since)s RETURNING *"
LONG = QUERY.replace("credit_code,", "repeat('x', 2000000) AS credit_code,")


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ({"query": WRONG_COLUMN}, "column “wrong” is unknown"),
        ({"bookmark_name": "moved_at"}, "column “changed_at” is unknown"),
        ({"query": QUERY.replace(", changed_at FROM", " FROM")}, "no column “changed_at”"),
        ({"query": QUERY.replace("FROM tax", "FROM taxes")}, "SQLSTATE 42P01"),
        ({"query": f"{QUERY}; DELETE FROM tax"}, "SQLSTATE 42601"),
        ({"query": WRITING}, "SQLSTATE 42601"),
        ({"query": f"WITH new AS ({WRITING}) SELECT * FROM new"}, "SQLSTATE 0A000"),
        ({"query": QUERY.replace("tax_paid,", "sneak() AS tax_paid,")}, "SQLSTATE 25006"),
        ({"secret": "wrong"}, "does not let us in"),
        ({"username": "nobody"}, "does not let us in"),
        ({"largest_mib": 1, "query": LONG}, "More than 1 MiB"),
    ],
)
def test_a_query_that_cannot_be_delivered_changes_nothing(
    register: psycopg.Connection, terms: dict[str, Any], sentence: str
) -> None:
    enter(register, 2024, "2025-06-30T12:00:00Z")
    assert sentence in refused(pull(query_source(register, **terms)))
    assert register.execute("SELECT count(*) FROM tax").fetchone() == (1,)


def test_a_database_proves_who_it_is(register: psycopg.Connection, tmp_path: Path) -> None:
    trusted = Path(Authority(tmp_path, "authority").file).read_text()
    assert "does not prove by TLS" in refused(pull(query_source(register, trusted=trusted)))


def test_a_query_that_takes_too_long_is_ended_by_its_database(register: psycopg.Connection) -> None:
    source = query_source(register, query=QUERY.replace("FROM tax", "FROM tax, pg_sleep(60)"))
    assert "took too long" in refused(pull(source, patience=Patience(whole_seconds=1.0)))
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE usename = %s AND state = 'active'"
    assert register.execute(waiting, [READER]).fetchone() == (0,)
