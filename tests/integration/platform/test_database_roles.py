"""The product's roles of the database have rows alone, and the guards fire in every session, whoever began it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from companies.models import Company
from qinqing.kernel.database.drift import guards
from qinqing.kernel.database.least_rights import check_roles, role_faults
from qinqing.kernel.database.owner import OwnerUnknown
from qinqing.kernel.database.reading import as_reader
from qinqing.kernel.database.roles import SECRETS
from qinqing.services.postgres import SUPERUSER_VARIABLE
from tests.factories.rows import insert, refusal_of
from tests.integration.platform.test_every_promise import KEPT
from tests.migrated import address_of
from tests.superuser import as_superuser

GUARDED = sorted({model._meta.db_table: guard.get_pgid(model) for guard, model in guards()}.items())
DENIED = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)


def connected(variable: str) -> psycopg.Connection:
    """A connection as the product makes it, with the address that a variable of the environment names."""
    return psycopg.connect(address_of(connection.settings_dict["NAME"], role=variable), autocommit=True)


@pytest.fixture
def app(db: None) -> Iterator[psycopg.Connection]:
    with connected("DATABASE_URL") as opened:
        yield opened


@pytest.fixture
def reader(db: None) -> Iterator[psycopg.Connection]:
    with connected("READER_DATABASE_URL") as opened:
        yield opened


def refused(database: psycopg.Connection, statement: str) -> bool:
    try:
        database.execute(statement.encode())
    except DENIED:
        return True
    return False


@pytest.mark.parametrize(("table", "trigger"), GUARDED)
def test_the_product_switches_no_guard_off_and_empties_no_table(
    app: psycopg.Connection, table: str, trigger: str
) -> None:
    statements = [
        f"ALTER TABLE {table} DISABLE TRIGGER {trigger}",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"ALTER TABLE {table} ENABLE TRIGGER {trigger}",
        f"DROP TRIGGER {trigger} ON {table}",
        f"TRUNCATE {table} CASCADE",
        f"DROP TABLE {table} CASCADE",
        f"ALTER FUNCTION {trigger}() RESET ALL",
        f"CREATE OR REPLACE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        f"CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION {trigger}()",
        f"CREATE RULE mine AS ON DELETE TO {table} DO INSTEAD NOTHING",
    ]
    assert [each for each in statements if not refused(app, each)] == []


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        "SELECT set_config('session_replication_role', 'replica', false)",
        "CREATE TABLE public.mine (id int)",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine SUPERUSER",
        "ALTER ROLE qinqing_app SUPERUSER",
        "SET ROLE qinqing_owner",
        "SET ROLE qinqing",
        "UPDATE pg_trigger SET tgenabled = 'D'",
        "ALTER SYSTEM SET session_replication_role = replica",
        "COPY companies_company TO PROGRAM 'true'",
        "UPDATE django_migrations SET name = 'other'",
    ],
)
def test_the_product_gets_no_right_beyond_rows(app: psycopg.Connection, statement: str) -> None:
    assert refused(app, statement)


@pytest.mark.parametrize("promise", sorted(KEPT))
def test_a_guard_fires_in_a_session_that_passes_triggers(db: None, promise: str) -> None:
    table, may_not_change = KEPT[promise]
    number = insert(table)
    with as_superuser() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        assert refusal_of(f"DELETE FROM {table} WHERE id = %s", number) == promise
        if may_not_change:
            assert refusal_of(f"UPDATE {table} SET id = id WHERE id = %s", number) == promise


@pytest.mark.django_db
def test_every_guard_fires_in_every_session() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'A'")
        assert cursor.fetchall() == []


@pytest.mark.django_db
def test_a_temporary_table_stands_before_none_of_the_tables_that_guards_read() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.proname FROM pg_proc p JOIN pg_trigger t ON t.tgfoid = p.oid AND NOT t.tgisinternal"
            " WHERE p.prosrc ~* '\\m(from|join|into)\\M\\s+(companies|policies|payouts)_'"
            " AND NOT coalesce(p.proconfig, '{}') @> ARRAY['search_path=public, pg_temp']"
        )
        assert cursor.fetchall() == []


def test_the_reader_reads_rows_and_writes_none(reader: psycopg.Connection) -> None:
    assert reader.execute("SELECT count(*) FROM payouts_payout").fetchone() == (0,)
    for table in ("payouts_payout", "companies_company"):
        assert refused(reader, f"DELETE FROM {table}")
        assert refused(reader, f"UPDATE {table} SET id = id")
        assert refused(reader, f"INSERT INTO {table} DEFAULT VALUES")


def test_the_reader_sees_no_password_session_or_token(reader: psycopg.Connection) -> None:
    tables = {name for (name,) in reader.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert "django_session" in tables
    for table in tables & set(SECRETS):
        assert refused(reader, f"SELECT * FROM {table}")
    reader.execute("SELECT id, username FROM companies_user")
    assert refused(reader, "SELECT password FROM companies_user")


@pytest.mark.django_db(transaction=True, databases=["default", "reader"])
def test_what_is_read_as_the_reader_is_written_by_nobody(settings: Any) -> None:
    settings.READER_ALIAS = "reader"
    with as_reader():
        assert Company.objects.count() == 0
        assert role_faults(connection) == ""
        with pytest.raises(Exception, match="read-only transaction"):
            Company.objects.create(credit_code="91330102QQ00000017", name="甲", industry_code="H62")
    assert connection.settings_dict["USER"] != "qinqing_reader"


def start(asked: str, variable: str) -> str:
    """What a part of the product says that starts with the address of a variable; it ends by itself."""
    address = address_of(connection.settings_dict["NAME"], role=variable)
    ran = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "qinqing.settings"},
        capture_output=True,
        text=True,
        timeout=90,
    )
    return ran.stderr + ran.stdout + f"exit code {ran.returncode}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("variable", "why"), [(SUPERUSER_VARIABLE, "is a superuser"), ("OWNER_DATABASE_URL", "owns tables")]
)
@pytest.mark.parametrize(
    "start_part",
    [
        "import qinqing.wsgi",
        "from qinqing.celery import app; app.worker_main(['worker', '--concurrency=1', '--pool=solo'])",
        "import tempfile; from qinqing.celery import app; app.Beat(schedule=tempfile.mkdtemp() + '/beat').run()",
    ],
    ids=["web", "worker", "beat"],
)
def test_no_part_starts_as_a_role_that_could_switch_guards_off(start_part: str, variable: str, why: str) -> None:
    said = start(start_part, variable)
    assert why in said
    assert "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO qinqing_app" in said
    assert "exit code 1" in said


@pytest.mark.django_db
def test_the_portal_starts_as_the_role_of_rows() -> None:
    assert start("import qinqing.wsgi", "DATABASE_URL").endswith("exit code 0")


@pytest.mark.django_db
def test_the_check_says_what_to_grant() -> None:
    asked = (
        "from django.core.management import execute_from_command_line as run; run(['', 'check', '--database=default'])"
    )
    assert "E002" in start(asked, SUPERUSER_VARIABLE)
    assert start(asked, "DATABASE_URL").endswith("exit code 0")
    assert check_roles(databases=[]) == []


@pytest.mark.django_db
def test_migrations_run_as_the_owner_alone(settings: Any) -> None:
    settings.OWNER_DATABASE = None
    with pytest.raises(OwnerUnknown, match="set OWNER_DATABASE_URL"):
        call_command("migrate", verbosity=0)


@pytest.mark.django_db
def test_the_owner_has_all_tables_and_the_roles_are_made_again_without_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    superuser = address_of(connection.settings_dict["NAME"], role=SUPERUSER_VARIABLE)
    owned = (
        "SELECT c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S') AND rolname <> %s"
    )
    with psycopg.connect(superuser, autocommit=True) as server:
        assert server.execute(owned, [settings.OWNER_DATABASE["USER"]]).fetchall() == []
    monkeypatch.delenv(SUPERUSER_VARIABLE)
    with pytest.raises(CommandError, match="superuser's address"):
        call_command("roles")
    call_command("roles", "--as", superuser, stdout=StringIO())
