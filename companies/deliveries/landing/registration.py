"""Writes the market regulator's register: companies with their districts, numbers and size classes."""

from __future__ import annotations

from psycopg.sql import SQL, Identifier, Literal

from companies.classifications.size_classes import size_sql
from companies.datasets.column_types import Day
from companies.datasets.row_faults import Reason
from companies.deliveries.landing.late import set_aside_superseded
from companies.deliveries.landing.touched import COMPANIES, touched_by, write_and_note_companies
from companies.deliveries.landing.upsert import Upsert
from companies.deliveries.registry.targets import find_deliverable
from companies.deliveries.staging.checks import incoming, quarantine_where, staged
from companies.deliveries.staging.table import execute
from companies.models.company import Company, CompanyDistrict
from companies.models.delivery import Delivery

COMPANY = Company._meta.db_table
JOIN = SQL("JOIN companies_company AS company ON company.credit_code = incoming.credit_code")
_NEW_COMPANIES = SQL("SELECT id AS company_id FROM landed")
_DISTRICT_FROM = Day().cast(staged("district_from"))


def land(delivery: Delivery) -> int:
    """Store the staged firms, or update them; returns how many facts are new or changed."""
    _check_districts(delivery)
    companies, districts = _companies(), _districts()
    for upsert in (companies, districts):
        set_aside_superseded(upsert=upsert, column="credit_code", delivery=delivery)
    changed = write_and_note_companies(upsert=companies, delivery=delivery, returning="id", touching=_NEW_COMPANIES)
    changed += write_and_note_companies(upsert=districts, delivery=delivery, returning="company_id", touching=COMPANIES)
    refresh_sizes(delivery)
    return changed


def refresh_numbers(delivery: Delivery) -> None:
    """Copy the numbers of the newest annual report to the touched companies, and compute their size class."""
    execute(
        SQL(
            "UPDATE companies_company AS company SET staff = newest.staff, revenue_cny = newest.revenue, "
            "assets_cny = newest.assets FROM (SELECT DISTINCT ON (company_id) * FROM dataset_annual_report "
            "WHERE company_id IN {touched} ORDER BY company_id, year DESC) AS newest "
            "WHERE company.id = newest.company_id AND (company.staff, company.revenue_cny, company.assets_cny) "
            "IS DISTINCT FROM (newest.staff, newest.revenue, newest.assets)"
        ).format(touched=touched_by(delivery))
    )
    refresh_sizes(delivery)


def refresh_sizes(delivery: Delivery) -> None:
    """Compute the size class of the touched companies again."""
    execute(
        SQL("UPDATE companies_company SET size = {size} WHERE id IN {touched} AND size IS DISTINCT FROM {size}").format(
            size=size_sql(), touched=touched_by(delivery)
        )
    )


def _check_districts(delivery: Delivery) -> None:
    quarantine_where(
        delivery=delivery,
        column=Literal("district"),
        reason=Literal(Reason.UNKNOWN_DISTRICT.value),
        detail=Literal(""),
        source=SQL(
            "FROM {incoming} WHERE NOT EXISTS (SELECT FROM companies_district AS known "
            "WHERE known.code = incoming.district AND {day} >= known.valid_from "
            "AND (known.valid_until IS NULL OR {day} < known.valid_until))"
        ).format(incoming=incoming(), day=_DISTRICT_FROM),
    )


def _companies() -> Upsert:
    columns = [column for column in find_deliverable(name="registration").columns if column.stored_as]
    values = {column.stored_as: column.kind.cast(staged(column.name)) for column in columns}
    edition = SQL("coalesce({}, {})").format(values["industry_edition"], Literal(_newest_edition()))
    return Upsert(
        table=COMPANY,
        key=("credit_code",),
        values={"credit_code": staged("credit_code")} | values | {"industry_edition": edition},
        source=SQL("FROM {}").format(incoming()),
        stamps={},
    )


def _newest_edition() -> str:
    return str(Company._meta.get_field("industry_edition").default)


def _districts() -> Upsert:
    return Upsert(
        table=CompanyDistrict._meta.db_table,
        key=("company_id", "valid_from"),
        values={
            "company_id": Identifier("company", "id"),
            "valid_from": _DISTRICT_FROM,
            "district_id": staged("district"),
        },
        source=SQL("FROM {} {}").format(incoming(), JOIN),
        stamps={},
    )
