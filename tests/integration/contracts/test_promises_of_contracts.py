"""What the database promises of contracts, shown by statements that bypass the application."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import Error, IntegrityError, connection, transaction

from companies.contracts.contract import Contract, Type
from companies.contracts.registry import contracts
from companies.contracts.shape import shape_of
from companies.models import DatasetContract
from qinqing.kernel.database.integrity import constraint_of
from qinqing.kernel.database.roles import login_of
from tests.factories.contracts import declare, declare_by_two, make_column, make_contract, retire
from tests.factories.people import make_user
from tests.factories.rows import refusal_of

pytestmark = pytest.mark.django_db

FEE = make_column("fee", Type.YUAN)
HOSTILE = "x; DROP TABLE dataset_tax; --\"' || $$"


def refused(contract: Contract) -> str | None:
    """The promise by which the database refuses a contract that one person declares."""
    with pytest.raises(IntegrityError) as found, transaction.atomic():
        declare(contract)
    return constraint_of(found.value)


def columns(table: str = "dataset_tolls") -> set[str]:
    with connection.cursor() as cursor:
        return {column.name for column in connection.introspection.get_table_description(cursor, table)}


@pytest.fixture
def declared() -> DatasetContract:
    return declare(make_contract(FEE, version="1.2.0"))


def test_a_version_is_declared_once(declared: DatasetContract) -> None:
    assert refused(make_contract(FEE, version="1.2.0")) == "dataset_contract_once_per_version"


@pytest.mark.parametrize("version", ["1.1.9", "0.99.0", "1.1.10"])
def test_a_version_is_higher_than_the_one_in_force(declared: DatasetContract, version: str) -> None:
    assert refused(make_contract(FEE, version=version)) == "dataset_contract_has_a_higher_version"


@pytest.mark.parametrize(
    "narrower",
    [
        make_contract(version="2.0.0"),
        make_contract(replace(FEE, is_required=True), version="2.0.0"),
        make_contract(replace(FEE, name="paid", formerly="fee"), version="2.0.0"),
        make_contract(FEE, version="2.0.0", freshness_days=31),
        make_contract(FEE, version="2.0.0", key=("credit_code",)),
    ],
    ids=["a column dropped", "required", "renamed", "terms", "key"],
)
def test_one_person_takes_nothing_away(declared: DatasetContract, narrower: Contract) -> None:
    before = columns()
    assert refused(narrower) == "dataset_contract_is_narrowed_by_two"
    assert columns() == before


def test_two_people_may_take_something_away(declared: DatasetContract) -> None:
    declare_by_two(make_contract(FEE, version="2.0.0", freshness_days=31))
    assert contracts()["tolls"].freshness_days == 31


@pytest.mark.parametrize(
    "change",
    [
        "name = 'roads'",
        "version = '9.0.0'",
        "text = ''",
        "sha256 = ''",
        "shape = '{}'",
        "declared_at = now()",
    ],
)
def test_a_contract_stays_as_it_was_declared(declared: DatasetContract, change: str) -> None:
    update = f"UPDATE companies_datasetcontract SET {change} WHERE id = %s"
    assert refusal_of(update, declared.pk) == "dataset_contract_stays_as_declared"


def test_one_person_retires_nothing(declared: DatasetContract) -> None:
    update = "UPDATE companies_datasetcontract SET retired_at = now(), retired_by_id = %s WHERE id = %s"
    assert refusal_of(update, make_user("clerk").pk, declared.pk) == "dataset_contract_is_retired_by_two"


def test_a_retired_dataset_is_not_declared_again(declared: DatasetContract) -> None:
    retire("tolls")
    assert refused(make_contract(FEE, version="2.0.0")) == "dataset_contract_is_not_of_a_retired_one"


@pytest.mark.parametrize(
    "contract",
    [
        make_contract(name="roads", item="tolls"),
        make_contract(name="roads", item="toll"),
        make_contract(name="toll"),
        make_contract(name="roads", item="employee"),
    ],
    ids=["an item called as a dataset", "an item called as an item", "a dataset called as an item", "a shipped item"],
)
def test_a_dataset_and_its_rows_are_called_as_nothing_else(contract: Contract) -> None:
    declare(make_contract(item="toll"))
    assert refused(contract) == "dataset_contract_has_words_of_its_own"


def test_what_fails_leaves_no_table_behind() -> None:
    declare(make_contract(item="toll"))
    refused(make_contract(name="roads", item="tolls"))
    assert "dataset_roads" not in connection.introspection.table_names()


def insert_shape(shape: dict[str, Any], *, name: str = "tolls") -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO companies_datasetcontract (name, version, text, sha256, shape, declared_at)"
            " VALUES (%s, '1.0.0', '', '', %s, now())",
            [name, json.dumps(shape)],
        )


@pytest.mark.parametrize("part", ["name", "type", "length", "digits", "places", "minimum", "maximum", "formerly"])
def test_no_text_of_a_column_becomes_sql(part: str) -> None:
    """Whoever can insert rows could write a shape that no contract has; its texts are names or nothing."""
    shape = shape_of(make_contract(make_column("share", Type.NUMBER)))
    shape["columns"][-1][part] = HOSTILE
    try:
        insert_shape(shape)
    except Error:
        assert "dataset_tolls" not in connection.introspection.table_names()
    else:
        assert columns() - {"id", "company_id", "delivery_id", "month"} <= {"share", HOSTILE}
    assert "revenue" in columns("dataset_tax")


@pytest.mark.parametrize("part", ["owners", "key"])
def test_no_text_of_the_key_becomes_sql(part: str) -> None:
    shape = shape_of(make_contract())
    shape[part] = [HOSTILE]
    try:
        insert_shape(shape)
    except Error:
        assert "dataset_tolls" not in connection.introspection.table_names()
    else:
        assert HOSTILE in columns()
    assert "revenue" in columns("dataset_tax")


def test_no_name_of_a_dataset_becomes_sql() -> None:
    with pytest.raises(IntegrityError) as found:
        insert_shape(shape_of(make_contract()), name="x; DROP TABLE y")
    assert constraint_of(found.value) == "dataset_contract_has_a_plain_name"


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE dataset_own (id bigint)",
        "ALTER TABLE dataset_tax ADD COLUMN own integer",
        "ALTER TABLE dataset_tax DISABLE TRIGGER row_is_never_deleted",
        "ALTER TABLE dataset_tax DROP CONSTRAINT tax_once_per_key",
        "DROP TABLE dataset_tax",
        "DROP TABLE history_tax",
        'SELECT dataset_create(\'own\', \'{"owners": ["company_id"], "key": ["company_id"], "columns": []}\')',
        "SELECT dataset_alter('tax', '{\"columns\": []}', '{\"columns\": []}')"
        ', dataset_check_column(\'tax\', \'{"name": "year", "type": "year"}\')',
    ],
)
def test_the_product_builds_no_table_without_a_contract(statement: str) -> None:
    with pytest.raises(Error) as found, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert isinstance(found.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_nobody_borrows_the_owners_rights() -> None:
    """The function that builds tables has the owner's rights; on a table of one's own it would build what one likes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE proname LIKE '%dataset_contract_builds_its_table%'")
        (function,) = cursor.fetchone()
        cursor.execute("CREATE TEMPORARY TABLE mine (id bigint, name text, version text, shape jsonb)")
        with pytest.raises(Error) as found, transaction.atomic():
            cursor.execute(f"CREATE TRIGGER mine AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION {function}()")
    assert isinstance(found.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_a_table_of_the_session_with_the_same_name_misleads_nobody() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE companies_datasetcontract (name text, id bigint, shape jsonb)")
    with transaction.atomic(), connection.cursor() as cursor:
        shape = json.dumps(shape_of(make_contract(FEE)))
        cursor.execute(
            "INSERT INTO public.companies_datasetcontract (name, version, text, sha256, shape, declared_at)"
            " VALUES ('tolls', '1.0.0', '', '', %s, now())",
            [shape],
        )
    assert "fee" in columns()


def test_the_tables_are_the_owners_and_their_rows_are_everybodys_to_read(declared: DatasetContract) -> None:
    reader = login_of(os.environ["READER_DATABASE_URL"]).role
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename, tableowner, has_table_privilege(%s, tablename, 'SELECT'),"
            " has_table_privilege(%s, tablename, 'INSERT') FROM pg_tables"
            " WHERE tablename IN ('dataset_tolls', 'history_tolls') ORDER BY tablename",
            [reader, reader],
        )
        found = cursor.fetchall()
    owner = settings.OWNER_DATABASE["USER"]
    assert found == [("dataset_tolls", owner, True, False), ("history_tolls", owner, True, False)]
