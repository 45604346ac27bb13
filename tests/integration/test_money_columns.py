"""Every column of money, found by looking at the models: what is no amount is refused by the database itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import DataError, IntegrityError, connection, models, transaction

pytestmark = pytest.mark.django_db

OWN = ("payouts_payout", "payouts_posting", "payouts_instruction", "payouts_grant", "policies_entitlement")


def columns() -> Iterator[tuple[str, str, int]]:
    for app in ("companies", "policies", "payouts"):
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, models.DecimalField) and field.name.endswith("_cny"):
                    yield model._meta.db_table, str(field.column), field.max_digits - field.decimal_places


COLUMNS = sorted(columns())
NAMES = [f"{table}.{column}" for table, column, _digits in COLUMNS]


def put(table: str, column: str, value: str) -> str:
    """Write one value into a copy of the table that keeps its checks and asks for nothing else; what is stored."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE trial (LIKE {table} INCLUDING CONSTRAINTS) ON COMMIT DROP")
        cursor.execute("SELECT attname FROM pg_attribute WHERE attrelid = 'trial'::regclass AND attnum > 0")
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE trial ALTER COLUMN "{name}" DROP NOT NULL')
        cursor.execute(f"INSERT INTO trial ({column}) VALUES (%s) RETURNING {column}", [value])
        stored = str(cursor.fetchone()[0])
        cursor.execute("DROP TABLE trial")
    return stored


def test_the_columns_are_found() -> None:
    assert len(COLUMNS) > 50
    assert {f"{table}.amount_cny" for table in OWN} <= set(NAMES)


@pytest.mark.parametrize(("table", "column", "digits"), COLUMNS, ids=NAMES)
def test_more_digits_than_the_column_has_are_refused(table: str, column: str, digits: int) -> None:
    with pytest.raises(DataError):
        put(table, column, "1" + "0" * digits)


@pytest.mark.parametrize("table", OWN)
@pytest.mark.parametrize("amount", ["0", "-0.01", "NaN", "0.004"])
def test_what_is_paid_or_granted_is_an_amount(table: str, amount: str) -> None:
    with pytest.raises(IntegrityError):
        put(table, "amount_cny", amount)


@pytest.mark.parametrize("table", OWN)
def test_half_a_fen_is_rounded_up(table: str) -> None:
    assert put(table, "amount_cny", "0.005") == "0.01"
