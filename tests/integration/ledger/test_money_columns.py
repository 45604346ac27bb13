"""The test finds every column of money in the models; the database itself refuses values that are no amounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import DataError, IntegrityError, connection, models, transaction

from companies.contracts.contract import Type
from qinqing.kernel.database.integrity import constraint_of
from qinqing.kernel.money import DECIMAL_PLACES, MAX_DIGITS
from tests.shipped import SHIPPED

pytestmark = pytest.mark.django_db

MONEY_OF_DATASETS = [
    (contract, column)
    for contract in SHIPPED.contracts.values()
    for column in contract.facts
    if column.type is Type.YUAN
]
OWN = ("payouts_payout", "payouts_posting", "payouts_instruction", "payouts_grant", "policies_entitlement")


def columns() -> Iterator[tuple[str, str, int]]:
    for app in ("companies", "policies", "payouts"):
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, models.DecimalField) and field.name.endswith("_cny"):
                    yield model._meta.db_table, str(field.column), field.max_digits - field.decimal_places
    for contract, column in MONEY_OF_DATASETS:
        yield contract.table, column.name, MAX_DIGITS - DECIMAL_PLACES


COLUMNS = sorted(columns())
NAMES = [f"{table}.{column}" for table, column, _digits in COLUMNS]

# Columns that may be zero, with the promise that refuses less; columns named neither here nor below must be positive.
NOT_NEGATIVE = {
    # A percentage of one fen may be zero.
    "payouts_fine.amount_cny": "fine_amount_is_not_negative",
    "payouts_fund.available_cny": "fund_available_is_not_negative",
    "payouts_fund.disbursed_cny": "fund_disbursed_is_not_negative",
    "payouts_fund.granted_cny": "fund_granted_is_not_negative",
    "payouts_fund.recovered_cny": "fund_recovered_is_not_negative",
    "payouts_fund.reserved_cny": "fund_reserved_is_not_negative",
    "payouts_fundalarm.available_cny": "fund_alarm_amounts_are_not_negative",
    "payouts_fundalarm.granted_cny": "fund_alarm_amounts_are_not_negative",
    "payouts_sharebalance.disbursed_cny": "share_balance_is_not_negative",
    "payouts_sharebalance.recovered_cny": "share_balance_is_not_negative",
    "payouts_sharebalance.reserved_cny": "share_balance_is_not_negative",
    # A level's part of one fen may be zero.
    "payouts_shareposting.amount_cny": "share_posting_is_not_negative",
    "policies_policyversion.granted_cny": "policy_version_grant_is_not_negative",
    "policies_policyversion.minimum_cny": "policy_version_minimum_is_not_negative",
    "policies_pooldivision.base_total_cny": "pool_division_amounts_are_not_negative",
    "policies_pooldivision.divided_cny": "pool_division_amounts_are_not_negative",
    "policies_pooldivision.pool_cny": "pool_division_amounts_are_not_negative",
    "policies_stackingseat.limit_cny": "stacking_seat_within_its_limit",
    "policies_stackingseat.total_cny": "stacking_seat_total_is_not_negative",
    # The open amount is zero where facts are missing.
    "policies_reminder.open_cny": "reminder_says_of_what",
    # What is plausible, the contract says.
    **{
        f"{contract.table}.{column.name}": f"{contract.name}_{column.name}_fits"
        for contract, column in MONEY_OF_DATASETS
        if column.minimum == 0
    },
}
ANY_SIGN = {
    # Compared with the control sum, which is positive.
    "payouts_batch.declared_sum_cny",
    # Kept as the bank's file has it; a clerk decides about odd amounts.
    "payouts_replyline.amount_cny",
    # A negative amount was paid back to the firm; both columns have the same sign.
    "payouts_repayment.fine_cny",
    "payouts_repayment.principal_cny",
    # The result of a rule, before it is divided and limited.
    "policies_entitlement.base_cny",
    "policies_entitlement.limit_cny",
    "policies_example.expected_cny",
    # A copy of what a membership had.
    "companies_membershipchange.day_limit_cny",
    # Facts are what a department delivers: a negative revenue is a fact.
    *(f"{contract.table}.{column.name}" for contract, column in MONEY_OF_DATASETS if column.minimum is None),
    "companies_company.assets_cny",
    "companies_company.revenue_cny",
}
# Values of other columns that a check compares with the tried one.
BESIDE: dict[str, dict[str, Any]] = {
    "companies_invitation.day_limit_cny": {"role": "acceptor"},
    "companies_membership.day_limit_cny": {"role": "acceptor"},
    "payouts_batch.checked_sum_cny": {"control_sum_cny": 1, "checked_at": "2026-03-02", "checked_by_id": 1},
    "payouts_recovery.fine_cny": {"amount_cny": 10, "fine_percentage": 10},
    "policies_stackinggroup.cap_cny": {"rule": "cap_together"},
    "policies_stackingseat.limit_cny": {"total_cny": 0},
}


def put(table: str, column: str, value: str) -> str:
    """Write one value into a copy of the table with its checks alone; return the stored value."""
    given = BESIDE.get(f"{table}.{column}", {}) | {column: value}
    names, marks = ", ".join(given), ", ".join(["%s"] * len(given))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE trial (LIKE {table} INCLUDING CONSTRAINTS) ON COMMIT DROP")
        cursor.execute("SELECT attname FROM pg_attribute WHERE attrelid = 'trial'::regclass AND attnum > 0")
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER TABLE trial ALTER COLUMN "{name}" DROP NOT NULL')
        cursor.execute(f"INSERT INTO trial ({names}) VALUES ({marks}) RETURNING {column}", list(given.values()))
        stored = str(cursor.fetchone()[0])
        cursor.execute("DROP TABLE trial")
    return stored


def promise(table: str, column: str, value: str) -> str | None:
    """The name of the promise that refuses the value."""
    with pytest.raises(IntegrityError) as refused:
        put(table, column, value)
    return constraint_of(refused.value)


def test_the_columns_are_found() -> None:
    assert len(COLUMNS) > 50
    assert {f"{table}.amount_cny" for table in OWN} <= set(NAMES)
    assert NOT_NEGATIVE.keys() | ANY_SIGN | BESIDE.keys() <= set(NAMES)


@pytest.mark.parametrize(("table", "column", "digits"), COLUMNS, ids=NAMES)
def test_more_digits_than_the_column_has_are_refused(table: str, column: str, digits: int) -> None:
    for sign in ("", "-"):
        with pytest.raises(DataError):
            put(table, column, sign + "1" + "0" * digits)


@pytest.mark.parametrize(("table", "column", "_digits"), COLUMNS, ids=NAMES)
def test_what_is_no_number_is_refused(table: str, column: str, _digits: int) -> None:
    assert promise(table, column, "NaN")
    for endless in ("Infinity", "-Infinity"):
        with pytest.raises(DataError):
            put(table, column, endless)
    for other in ("", "1,000", "一百"):
        with pytest.raises(DataError):
            put(table, column, other)


def test_a_parameter_is_a_number_too() -> None:
    assert promise("policies_parametervalue", "value", "NaN") == "policies_parametervalue_value_check"
    assert put("policies_parametervalue", "value", "-0.5") == "-0.500000"


@pytest.mark.parametrize(("table", "column", "_digits"), COLUMNS, ids=NAMES)
def test_a_column_takes_amounts_of_its_sign_alone(table: str, column: str, _digits: int) -> None:
    name = f"{table}.{column}"
    assert put(table, column, "1") == "1.00"
    if name in ANY_SIGN:
        assert (put(table, column, "0"), put(table, column, "-0.01")) == ("0.00", "-0.01")
    elif name in NOT_NEGATIVE:
        assert put(table, column, "0") == "0.00"
        assert promise(table, column, "-0.01") == NOT_NEGATIVE[name]
    else:
        for amount in ("0", "0.004", "-0.01"):
            assert promise(table, column, amount)


@pytest.mark.parametrize("table", OWN)
def test_half_a_fen_is_rounded_up(table: str) -> None:
    assert put(table, "amount_cny", "0.005") == "0.01"


def test_a_file_of_a_batch_has_a_sum() -> None:
    assert promise("payouts_batchfile", "control_sum_cny", "0") == "batch_file_sum_is_positive"
