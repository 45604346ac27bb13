"""Rows of any table, written without triggers and foreign keys; constraints and indexes still hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, connection, transaction

from companies.contracts.contract import Type
from qinqing.kernel.database.integrity import constraint_of
from qinqing.kernel.text import mask_id_number
from tests.shipped import SHIPPED
from tests.superuser import unguarded

# The values that a table's checks require, a tuple for each variant; all other values are made by their type.
LATER = date(2026, 12, 31)
SOUND: dict[str, dict[str, Any]] = {
    "companies_datasetcontract": {"version": "1.0.0"},
    "companies_company": {"credit_code": "91330102QQ00000017", "industry_code": "H62"},
    "companies_employee": {"id_number_masked": mask_id_number("330102199001010001")},
    "companies_invitation": {"role": "viewer", "ended_as": "", "expires_at": datetime(2026, 12, 31, tzinfo=UTC)},
    "companies_payeeaccount": {
        "bank_number": "313331000014", "number_masked": "622***********90", "is_active": True, "company_id": 1,
        "usable_from": datetime(2015, 6, 1, tzinfo=UTC),
    },
    "companies_thirdparty": {"code": ("91330102QQ00000017", "91330102QQ00000025")},
    "payouts_appeal": {"decision": ""},
    "payouts_bank": {"channel": "file", "payer_account": "330100001", "payer_bank_number": "011331000015"},
    "payouts_banktemplate": {"status": "draft"},
    "payouts_replytemplate": {"status": "draft"},
    "payouts_batch": {
        "channel": "file", "status": "open", "bank_id": 1, "rejected_because": "",
        "opened_at": datetime(2026, 1, 1, tzinfo=UTC), "collects_until": datetime(2026, 1, 1, tzinfo=UTC),
    },
    "payouts_blacklisting": {"ends_on": LATER, "lifted_because": ""},
    "payouts_fine": {"percentage": 20},
    "payouts_fund": {
        "granted_cny": 3, "available_cny": 1, "reserved_cny": 1, "disbursed_cny": 1, "recovered_cny": 0,
    },
    "payouts_download": {"is_encrypted": True},
    "payouts_fundalarm": {"percentage": 80, "granted_cny": 10, "available_cny": 1},
    "proposals_proposal": {"decision": "", "decided_at": None, "decided_by_id": None, "excluded_ids": []},
    "payouts_leaserelease": {"leased_until": datetime(2026, 12, 31, tzinfo=UTC)},
    "payouts_objection": {"decision": ""},
    "payouts_payout": {"moved_as": "system", "status": "requested"},
    "payouts_postcheck": {"finding": "", "result": ""},
    "payouts_posting": {"debit": "granted", "credit": "available", "payout_id": None, "sequence": None},
    "payouts_recovery": {"fine_percentage": 0, "fine_cny": 0, "ended_as": ""},
    "payouts_reply": {"outcome": "paid"},
    "payouts_replyline": {"decided_because": ""},
    "payouts_settlement": {"debtor": "district", "creditor": "city"},
    "companies_deliverykey": {
        "algorithm": "ed25519",
        "public_key": tuple(bytes.fromhex("302a300506032b6570032100" + serial * 32) for serial in ("01", "02")),
    },
    "companies_department": {"code": ("transport", "water"), "name_zh": ("交通局", "水务局"), "name_en": "Transport"},
    "policies_matchrun": {"refusal": ""},
    "policies_policyversion": {
        "limit_feel": "", "status": "draft", "reminders": [], "payee": "company", "payee_feel": "",
    },
    "policies_previewrun": {"back_test_refusal": ""},
    "policies_whitelistentry": {
        "credit_code": ("91330102QQ00000017", "91330102QQ00000025"), "id_number_hash": None, "id_number_masked": "",
    },
    "companies_datasource": {
        "kind": "", "as_of_from": "", "bookmark_from": "",
        "confirmed_at": None, "paused_at": None, "paused_by_id": None,
    },
    "companies_sourcepull": {"outcome": "nothing_new", "refusal": ""},
    "policies_suspension": {"lifted_because": ""},
}  # fmt: skip
# Those of the columns of datasets, whose checks go by the type.
SOUND_OF_TYPE: dict[Type, object] = {Type.MONTH: "2026-01", Type.QUARTER: "2026Q1", Type.YEAR: 2026}


def insert(table: str, *, variant: int = 1, **values: Any) -> int:
    """
    Insert a row as a superuser without triggers would; values that are not given are made, different for each variant.
    """
    with unguarded(table):
        return insert_guarded(table, variant=variant, **values)


def insert_guarded(table: str, *, variant: int = 1, **values: Any) -> int:
    """Insert a row as anybody who can write SQL does, with triggers."""
    given = _make_values(table, variant) | sound_values(table, variant) | values
    names = ", ".join(f'"{name}"' for name in given)
    marks = ", ".join(["%s"] * len(given))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id", list(given.values()))
        return int(cursor.fetchone()[0])


def sound_values(table: str, variant: int = 1) -> dict[str, Any]:
    """The values that the checks of a table require."""
    asked = SOUND.get(table, {}) | _sound_of_dataset(table)
    return {name: value[variant - 1] if isinstance(value, tuple) else value for name, value in asked.items()}


def _sound_of_dataset(table: str) -> dict[str, Any]:
    contract = SHIPPED.contracts.get(table.removeprefix("dataset_"))
    if contract is None or contract.table != table:
        return {}
    required = (each for each in contract.facts if each.is_required)
    return {each.name: SOUND_OF_TYPE[each.type] for each in required if each.type in SOUND_OF_TYPE}


def refusal_of(statement: str, *parameters: Any) -> str | None:
    """The name of the promise by which the database refuses a statement; None if it accepts it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, parameters)
    except IntegrityError as refused:
        return constraint_of(refused)
    return None


def columns_of(table: str) -> Sequence[tuple[str, str, int | None, bool]]:
    """Name, type, length and whether a value is required, for each column but the id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, udt_name, character_maximum_length,"
            " is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'"
            " FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
            " AND column_name <> 'id' AND is_generated = 'NEVER'"
            " ORDER BY ordinal_position",
            [table],
        )
        return list(cursor.fetchall())


def value_of(kind: str, longest: int | None, variant: int) -> Any:
    """A value of a type, different for each variant."""
    texts = f"t{variant}"[: longest or 10]
    return {
        "_int8": [1],
        "_text": ["t"],
        "_varchar": ["t"],
        "bool": False,
        "bytea": bytes([variant]),
        "date": date(2026, 1, variant),
        "int2": variant,
        "jsonb": "{}",
        "numeric": Decimal(variant),
        "time": time(variant),
        "timestamptz": datetime(2026, 1, variant, tzinfo=UTC),
        "uuid": f"00000000-0000-0000-0000-{variant:012d}",
    }.get(kind, 1000 + variant if kind.startswith("int") else texts)


def _make_values(table: str, variant: int) -> dict[str, Any]:
    return {
        name: value_of(kind, longest, variant)
        for name, kind, longest, has_to_be_given in columns_of(table)
        if has_to_be_given
    }
