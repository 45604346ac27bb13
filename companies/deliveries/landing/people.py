"""Makes persons known, and joins spouses."""

from __future__ import annotations

from psycopg.sql import SQL, Composable

from companies.deliveries.landing.touched import engaged_companies, write_changes
from companies.deliveries.staging.checks import incoming
from companies.deliveries.staging.table import execute
from companies.models.delivery import Delivery

JOIN = SQL("JOIN companies_employee AS person ON person.id_number_hash = incoming.id_number_hash")


def register_people(*, may_rename: bool) -> None:
    """Store the staged persons; `may_rename` gives a known person the name in these rows."""
    named = SQL(
        "SELECT DISTINCT ON (incoming.id_number_hash) incoming.*, btrim(incoming.name) AS trimmed FROM {} "
        "ORDER BY incoming.id_number_hash, incoming.row_number"
    ).format(incoming())
    if may_rename:
        _rename(named)
    execute(
        SQL(
            "INSERT INTO companies_employee (id_number_encrypted, id_number_hash, id_number_masked, name, born_on) "
            "SELECT id_number_encrypted, id_number_hash, id_number, trimmed, id_number_born_on FROM ({}) AS named "
            "ON CONFLICT (id_number_hash) DO NOTHING"
        ).format(named)
    )


def _rename(named: Composable) -> None:
    execute(
        SQL(
            "UPDATE companies_employee AS person SET name = named.trimmed FROM ({}) AS named "
            "WHERE person.id_number_hash = named.id_number_hash AND person.name <> named.trimmed"
        ).format(named)
    )


# The couples by the staged rows. A person's own row comes first; without one, the spouse's row counts for both. A
# spouse who is not on the platform is unknown.
_WANTED = SQL(
    "SELECT DISTINCT ON (employee_id) employee_id, spouse_id FROM ("
    " SELECT person.id AS employee_id, spouse.id AS spouse_id, 1 AS rank FROM {incoming} {join}"
    " LEFT JOIN companies_employee AS spouse ON {married} AND spouse.id_number_hash = incoming.spouse_id_number_hash"
    " UNION ALL"
    " SELECT spouse.id, person.id, 2 FROM {incoming} {join}"
    " JOIN companies_employee AS spouse ON {married} AND spouse.id_number_hash = incoming.spouse_id_number_hash"
    ") AS told ORDER BY employee_id, rank, spouse_id"
)
_SPOUSES = SQL("lower(incoming.is_married) IN ('true', '1', '是')")


def join_spouses(delivery: Delivery, *, is_late: bool) -> int:
    """
    Join the couples of the staged rows and part those who are married no longer; returns how many persons changed.

    Late data joins only people of whom no marriage is known yet.
    """
    wanted = _WANTED.format(incoming=incoming(), join=JOIN, married=_SPOUSES)
    joined = SQL(
        "wanted AS ({}), landed AS (UPDATE companies_employee AS person SET spouse_id = wanted.spouse_id FROM wanted "
        "WHERE person.id = wanted.employee_id AND person.spouse_id IS DISTINCT FROM wanted.spouse_id {} "
        "RETURNING person.id AS employee_id)"
    ).format(wanted, SQL("AND person.spouse_id IS NULL") if is_late else SQL(""))
    changed = write_changes(changes=joined, delivery=delivery, touching=engaged_companies())
    # Marriage is mutual: a person who still refers to somebody whose spouse is another is parted.
    parted = SQL(
        "wanted AS ({}), landed AS (UPDATE companies_employee AS person SET spouse_id = NULL "
        "FROM companies_employee AS spouse WHERE person.spouse_id = spouse.id "
        "AND spouse.spouse_id IS DISTINCT FROM person.id AND person.id IN (SELECT employee_id FROM wanted UNION ALL "
        "SELECT near.id FROM companies_employee AS near JOIN wanted ON near.spouse_id = wanted.employee_id) "
        "RETURNING person.id AS employee_id)"
    ).format(wanted)
    return changed + write_changes(changes=parted, delivery=delivery, touching=engaged_companies())
