"""Payee accounts that a department delivers: an account that differs replaces the one in use."""

from __future__ import annotations

from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.deliveries import people
from companies.deliveries.checks import incoming
from companies.deliveries.staging import execute
from companies.models.delivery import Delivery

_BY_COMPANY = SQL("JOIN companies_company AS company ON company.credit_code = incoming.credit_code")


def land_of_companies(delivery: Delivery) -> int:
    """Put the staged accounts of companies in use; returns how many are new."""
    return _land(delivery, owner=Identifier("company_id"), owner_id=Identifier("company", "id"), join=_BY_COMPANY)


def land_of_persons(delivery: Delivery) -> int:
    """Put the staged accounts of persons in use; returns how many are new."""
    return _land(delivery, owner=Identifier("employee_id"), owner_id=Identifier("person", "id"), join=people.JOIN)


def _land(delivery: Delivery, *, owner: Composable, owner_id: Composable, join: Composable) -> int:
    """An account that was replaced stays, inactive, because instructions point to it."""
    fresh = SQL(
        "SELECT {owner_id} AS owner_id, btrim(holder_name) AS holder_name, btrim(bank_name) AS bank_name, "
        "bank_number, number_encrypted, number_hash, number AS number_masked FROM {incoming} {join}"
    ).format(owner_id=owner_id, incoming=incoming(), join=join)
    execute(
        SQL(
            "UPDATE companies_payeeaccount AS stored SET is_active = false FROM ({fresh}) AS fresh "
            "WHERE stored.is_active AND stored.{owner} = fresh.owner_id "
            "AND (stored.holder_name, stored.bank_name, stored.bank_number, stored.number_hash) "
            "<> (fresh.holder_name, fresh.bank_name, fresh.bank_number, fresh.number_hash)"
        ).format(fresh=fresh, owner=owner)
    )
    return execute(
        SQL(
            "INSERT INTO companies_payeeaccount ({owner}, holder_name, bank_name, bank_number, number_encrypted, "
            "number_hash, number_masked, entered_at, is_active) "
            "SELECT fresh.*, {entered_at}, true FROM ({fresh}) AS fresh WHERE NOT EXISTS ("
            "SELECT FROM companies_payeeaccount AS stored WHERE stored.is_active AND stored.{owner} = fresh.owner_id)"
        ).format(fresh=fresh, owner=owner, entered_at=Literal(delivery.received_at))
    )
