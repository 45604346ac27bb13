"""
Writes payee accounts that a department delivers.

A payee's first account is used at once. One that differs from the account in use replaces nothing: it waits until the
payee or two officials confirm it.
"""

from __future__ import annotations

from django.conf import settings
from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.classifications.banks import fits_bank_in_sql
from companies.classifications.names import normalised
from companies.datasets.row_faults import Reason
from companies.deliveries.landing import people
from companies.deliveries.landing.late import newest_before, set_aside_as_superseded
from companies.deliveries.landing.registration import JOIN
from companies.deliveries.staging.checks import incoming, quarantine_where, set_aside_where
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
        "SELECT incoming.row_number, {owner_id} AS owner_id, {registered} AS registered_name, "
        "btrim(holder_name) AS holder_name, btrim(bank_name) AS bank_name, bank_number, number_encrypted, number_hash, "
        "number AS number_masked FROM {incoming} {join}"
    ).format(owner_id=Identifier(owner, "id"), registered=Identifier(owner, "name"), incoming=incoming(), join=join)


def _land(delivery: Delivery, *, column: str, owner: Composable, fresh: Composable) -> int:
    """Write the first accounts of payees, and let the accounts of the others wait; returns how many are new."""
    differs = SQL(
        "stored.is_active AND stored.{owner} = incoming.owner_id "
        "AND (stored.holder_name, stored.bank_name, stored.bank_number, stored.number_hash) "
        "<> (incoming.holder_name, incoming.bank_name, incoming.bank_number, incoming.number_hash)"
    ).format(owner=owner)
    found = SQL("FROM ({}) AS incoming JOIN companies_payeeaccount AS stored ON {}").format(fresh, differs)
    _set_aside_for_payees_word(delivery, column, found)
    _quarantine_doubtful(delivery, owner, fresh)
    newer = newest_before(delivery)
    if newer is not None:
        set_aside_as_superseded(column=column, newer=newer, delivery=delivery, source=found)
    waiting = _let_wait(delivery, owner=owner, found=found)
    return waiting + execute(_insert_first(delivery, owner=owner, fresh=fresh))


def _quarantine_doubtful(delivery: Delivery, owner: Composable, fresh: Composable) -> None:
    """Quarantine accounts whose holder is not the payee, and bank numbers of another bank, unless they are in use."""
    is_known = SQL(
        "EXISTS (SELECT FROM companies_payeeaccount AS stored WHERE stored.is_active"
        " AND stored.{owner} = incoming.owner_id AND (stored.holder_name, stored.bank_name, stored.bank_number,"
        " stored.number_hash) = (incoming.holder_name, incoming.bank_name, incoming.bank_number, incoming.number_hash))"
    ).format(owner=owner)
    is_payees = SQL("{} = {}").format(
        normalised(Identifier("incoming", "holder_name")), normalised(Identifier("incoming", "registered_name"))
    )
    fits = fits_bank_in_sql(
        bank_number=Identifier("incoming", "bank_number"), bank_name=Identifier("incoming", "bank_name")
    )
    for column, reason, holds in (
        ("holder_name", Reason.OTHER_HOLDER, is_payees),
        ("bank_number", Reason.OTHER_BANK, fits),
    ):
        quarantine_where(
            delivery=delivery,
            column=Literal(column),
            reason=Literal(reason.value),
            detail=Literal(""),
            source=SQL("FROM ({}) AS incoming WHERE NOT ({}) AND NOT {}").format(fresh, holds, is_known),
        )


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


_COLUMNS = SQL("holder_name, bank_name, bank_number, number_encrypted, number_hash, number_masked")


def _let_wait(delivery: Delivery, *, owner: Composable, found: Composable) -> int:
    """
    Keep accounts that differ from the one in use until somebody confirms them; returns their number.

    Such an account takes the place of one that a department delivered before and nobody confirmed. One that was stopped
    does not come again, and an account that the payee entered keeps its place. The condition on `is_payees_word` is
    checked again, because a payee may enter an account while the file lands.
    """
    changed = SQL(
        "SELECT incoming.* {found} WHERE NOT stored.is_payees_word AND NOT EXISTS ("
        " SELECT FROM companies_payeeaccount AS known WHERE known.{owner} = incoming.owner_id"
        " AND known.number_hash = incoming.number_hash AND known.bank_number = incoming.bank_number"
        " AND known.doubt = 'delivered' AND (known.stopped_at IS NOT NULL OR known.usable_from IS NULL))"
    ).format(found=found, owner=owner)
    execute(
        SQL(
            "UPDATE companies_payeeaccount AS older SET stopped_at = {now} FROM ({changed}) AS incoming "
            "WHERE older.{owner} = incoming.owner_id AND older.doubt = 'delivered' AND older.usable_from IS NULL "
            "AND older.stopped_at IS NULL"
        ).format(now=Literal(delivery.received_at), changed=changed, owner=owner)
    )
    return execute(
        SQL(
            "INSERT INTO companies_payeeaccount ({owner}, {columns}, entered_at, is_active, doubt) "
            "SELECT owner_id, {columns}, {entered_at}, false, 'delivered' FROM ({changed}) AS changed "
            "ON CONFLICT ({owner}) WHERE usable_from IS NULL AND stopped_at IS NULL AND {owner} IS NOT NULL DO NOTHING"
        ).format(owner=owner, columns=_COLUMNS, entered_at=Literal(delivery.received_at), changed=changed)
    )


def _insert_first(delivery: Delivery, *, owner: Composable, fresh: Composable) -> Composable:
    # ON CONFLICT looks the index up row by row. As a set, with no statistics of the accounts yet, PostgreSQL would read
    # all accounts for each owner, which took minutes.
    return SQL(
        "INSERT INTO companies_payeeaccount ({owner}, {columns}, entered_at, usable_from, is_active) "
        "SELECT owner_id, {columns}, {entered_at}, {entered_at}, true FROM ({fresh}) AS fresh "
        "ON CONFLICT ({owner}) WHERE is_active AND {owner} IS NOT NULL DO NOTHING"
    ).format(owner=owner, columns=_COLUMNS, entered_at=Literal(delivery.received_at), fresh=fresh)
