"""What a test declares in a transaction of its own is gone after it, and a widened table is as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection

from companies.contracts.contract import Type
from companies.contracts.registry import contracts, forget
from tests.factories.companies import make_company
from tests.factories.contracts import declare, declare_by_two, make_column, make_contract
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import deliver_file
from tests.restoring import restore
from tests.shipped import SHIPPED

pytestmark = pytest.mark.django_db(transaction=True)

FEE = make_column("fee", Type.YUAN)


def description() -> dict[str, object]:
    """Every table of a dataset with its owner, its rights, its columns, its constraints and its guards."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.relname, jsonb_build_array(t.relowner, t.relacl::text[],
                (SELECT jsonb_agg(jsonb_build_array(attname, format_type(atttypid, atttypmod), attnotnull)
                    ORDER BY attnum) FROM pg_attribute
                 WHERE attrelid = t.oid AND attnum > 0 AND NOT attisdropped),
                (SELECT jsonb_agg(pg_get_constraintdef(c.oid) ORDER BY conname) FROM pg_constraint c
                 WHERE conrelid = t.oid),
                (SELECT jsonb_agg(tgname || ' ' || tgenabled::text ORDER BY tgname) FROM pg_trigger
                 WHERE tgrelid = t.oid),
                (SELECT jsonb_agg(indexrelid::regclass::text ORDER BY 1) FROM pg_index WHERE indrelid = t.oid))
            FROM pg_class AS t WHERE relkind = 'r' AND relname ~ '^(dataset|history)_'
            """
        )
        return dict(cursor.fetchall())


def test_a_new_table_is_gone_and_a_changed_one_is_as_before() -> None:
    before, tax = description(), SHIPPED.contracts["tax"]
    firm = make_company(has_account=False)
    row = {"credit_code": firm.credit_code, "year": 2024}
    declare(make_contract(FEE))
    deliver_file("tolls", [{"credit_code": firm.credit_code, "month": "2026-01", "fee": 1}])
    declare(replace(tax, version="1.1.0", properties=(*tax.properties, FEE)))
    declare_by_two(replace(tax, version="2.0.0", properties=tax.properties[:-1]))
    for revenue in (1, 2):
        deliver_file("tax", [row | {"revenue": revenue}])
    newest = TaxYear.objects.values_list("pk", flat=True).get()

    restore()

    assert description() == before
    forget()
    assert dict(contracts()) == dict(SHIPPED.contracts)
    firm = make_company(has_account=False)
    deliver_file("tax", [row | {"credit_code": firm.credit_code, "tax_paid": 1}])
    assert TaxYear.objects.get().pk > newest


def test_rows_that_no_one_may_delete_are_gone_as_well() -> None:
    firm = make_company(has_account=False)
    for revenue in (1, 2):
        deliver_file("tax", [{"credit_code": firm.credit_code, "year": 2024, "revenue": revenue}])
    restore()
    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM dataset_tax), (SELECT count(*) FROM history_tax)")
        assert cursor.fetchone() == (0, 0)
