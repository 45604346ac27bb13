"""After a migration the database holds the contracts that ship, and the tables that they describe."""

from __future__ import annotations

import hashlib

import pytest
from django.db import connection

from companies.contracts.contract import Contract, Type
from companies.contracts.declare import declare_shipped
from companies.contracts.facts import catalogue
from companies.contracts.read import read_contract
from companies.contracts.registry import contracts, current_register, forget
from companies.contracts.shape import shape_of
from companies.contracts.shipped import read_shipped
from companies.models import DatasetContract
from tests.shipped import SHIPPED

pytestmark = pytest.mark.django_db
EACH = pytest.mark.parametrize("contract", SHIPPED.contracts.values(), ids=SHIPPED.contracts)
# The columns of PostgreSQL for each type; text and numbers also have their sizes.
COLUMNS = {
    Type.TEXT: "character varying({0.length})",
    Type.WHOLE: "integer",
    Type.NUMBER: "numeric({0.digits},{0.places})",
    Type.YUAN: "numeric(14,2)",
    Type.YES_NO: "boolean",
    Type.DAY: "date",
    Type.MONTH: "character varying(7)",
    Type.QUARTER: "character varying(6)",
    Type.YEAR: "smallint",
    Type.CODE: "character varying(40)",
    Type.CREDIT_CODE: "character varying(18)",
}


def columns_of(table: str) -> dict[str, tuple[object, ...]]:
    """Type, whether a value is required, and whether the database works it out, for each column."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, format_type(atttypid, atttypmod), attnotnull, attgenerated <> '' FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            [table],
        )
        return {name: tuple(told) for name, *told in cursor.fetchall()}


def test_the_database_knows_the_shipped_contracts_as_their_files_say() -> None:
    forget()
    assert dict(contracts()) == dict(SHIPPED.contracts)
    assert list(contracts()) == list(SHIPPED.contracts)
    assert current_register() is not SHIPPED


def test_each_row_keeps_the_text_of_its_file_and_its_hash() -> None:
    rows = {row.name: row for row in DatasetContract.objects.all()}
    assert len(rows) == len(read_shipped())
    for text in read_shipped():
        contract = read_contract(text)
        row = rows[contract.name]
        assert (row.text, row.sha256) == (text, hashlib.sha256(text.encode()).hexdigest())
        assert (row.version, row.shape) == (contract.version, shape_of(contract))
        assert (row.declared_by, row.retired_at) == (None, None)


def test_the_catalogue_is_the_same_from_the_files_and_from_the_database() -> None:
    of_files = catalogue(item="employee").groups
    forget()
    assert catalogue(item="employee").groups == of_files


def test_a_migration_declares_nothing_twice() -> None:
    before = DatasetContract.objects.count()
    declare_shipped()
    assert DatasetContract.objects.count() == before


@EACH
def test_the_table_has_the_columns_of_its_contract(contract: Contract) -> None:
    owners = dict.fromkeys(("id", *contract.owners, "delivery_id"), ("bigint", True, False))
    facts = {
        each.name: (
            COLUMNS[each.type].format(each),
            each.is_required and each.derived is None,
            each.derived is not None,
        )
        for each in contract.facts
    }
    assert columns_of(contract.table) == owners | facts
    earlier = {name: (kind, False, False) for name, (kind, _must, _derived) in facts.items()}
    assert columns_of(f"history_{contract.name}") == owners | {"until_delivery_id": ("bigint", True, False)} | earlier
