"""Writes payee accounts that a department delivers; an account that differs replaces the account delivered before."""

from __future__ import annotations

from django.conf import settings
from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.datasets.row_faults import Reason
from companies.deliveries.landing import people
from companies.deliveries.landing.late import newest_before, set_aside_as_superseded
from companies.deliveries.landing.registration import JOIN
from companies.deliveries.staging.checks import incoming, set_aside_where
from companies.deliveries.staging.table import execute
from companies.models.delivery import Delivery


def land_company_accounts(delivery: Delivery) -> int:
    """Write the staged accounts of companies; returns how many are new."""
    return _land(
        delivery, column="credit_code", owner=Identifier("company_id"), fresh=_staged_accounts("company", JOIN)
    )


def land_person_accounts(delivery: Delivery) -> int:
    """Write the staged accounts of persons; returns how many are new."""
    return _land(
        delivery, column="id_number", owner=Identifier("employee_id"), fresh=_staged_accounts("person", people.JOIN)
    )


def _staged_accounts(owner: str, join: Composable) -> Composable:
    return SQL(
        "SELECT incoming.row_number, {owner_id} AS owner_id, btrim(holder_name) AS holder_name, "
        "btrim(bank_name) AS bank_name, bank_number, number_encrypted, number_hash, number AS number_masked "
        "FROM {incoming} {join}"
    ).format(owner_id=Identifier(owner, "id"), incoming=incoming(), join=join)


def _land(delivery: Delivery, *, column: str, owner: Composable, fresh: Composable) -> int:
    """Write the accounts. A replaced account stays as an inactive row, because instructions refer to it."""
    differs = SQL(
        "stored.is_active AND stored.{owner} = incoming.owner_id "
        "AND (stored.holder_name, stored.bank_name, stored.bank_number, stored.number_hash) "
        "<> (incoming.holder_name, incoming.bank_name, incoming.bank_number, incoming.number_hash)"
    ).format(owner=owner)
    found = SQL("FROM ({}) AS incoming JOIN companies_payeeaccount AS stored ON {}").format(fresh, differs)
    _set_aside_for_payees_word(delivery, column, found)
    newer = newest_before(delivery)
    if newer is not None:
        set_aside_as_superseded(column=column, newer=newer, delivery=delivery, source=found)
    # The condition on `is_payees_word` is checked again, because a payee may enter an account while the file lands.
    execute(
        SQL(
            "UPDATE companies_payeeaccount AS stored SET is_active = false FROM ({}) AS incoming "
            "WHERE {} AND NOT stored.is_payees_word"
        ).format(fresh, differs)
    )
    return execute(_insert(delivery, owner=owner, fresh=fresh))


def _set_aside_for_payees_word(delivery: Delivery, column: str, found: Composable) -> None:
    """
    Set aside rows for payees who have entered an account themselves. Departments repeat an account for months after
    that, often one that the bank has refused.
    """
    set_aside_where(
        delivery=delivery,
        column=column,
        reason=Reason.PAYEES_WORD,
        detail=SQL("coalesce((stored.entered_at AT TIME ZONE {})::date::text, '')").format(Literal(settings.TIME_ZONE)),
        source=SQL("{} WHERE stored.is_payees_word").format(found),
    )


def _insert(delivery: Delivery, *, owner: Composable, fresh: Composable) -> Composable:
    # ON CONFLICT looks the index up row by row. As a set, with no statistics of the accounts yet, PostgreSQL would read
    # all accounts for each owner, which took minutes.
    columns = SQL("holder_name, bank_name, bank_number, number_encrypted, number_hash, number_masked")
    return SQL(
        "INSERT INTO companies_payeeaccount ({owner}, {columns}, entered_at, is_active) "
        "SELECT owner_id, {columns}, {entered_at}, true FROM ({fresh}) AS fresh "
        "ON CONFLICT ({owner}) WHERE is_active AND {owner} IS NOT NULL DO NOTHING"
    ).format(owner=owner, columns=columns, entered_at=Literal(delivery.received_at), fresh=fresh)
