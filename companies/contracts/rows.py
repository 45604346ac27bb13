"""The rows of a dataset, page after page, as the desk shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from psycopg.sql import SQL, Composable, Identifier

from companies.contracts.contract import Contract, Subject
from companies.models.company import Company

_OF_COMPANY = SQL("JOIN companies_company AS c ON c.id = r.company_id")
_OF_PERSON = SQL("JOIN companies_employee AS p ON p.id = r.employee_id")


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """A row: whom it is about, its values in the order of the contract's facts, and its delivery."""

    pk: int
    company_id: int | None
    company: str
    person: str
    values: tuple[Any, ...]
    delivery_pk: int
    delivery: str


@dataclass(frozen=True, slots=True)
class RowsAsked:
    """Which rows somebody looks for: those of a firm, of a person, of some firms alone, or those before a row."""

    credit_code: str = ""
    person: str = ""
    firms: QuerySet[Company] | None = None
    older_than: int | None = None


def read_rows(*, contract: Contract, asked: RowsAsked, limit: int) -> list[DatasetRow]:
    """The newest rows that fit, at most `limit`, the newest first."""
    has_company, has_person = contract.subject is not Subject.PERSON, contract.subject is not Subject.COMPANY
    conditions, parameters = _conditions(asked, has_company=has_company, has_person=has_person)
    statement = SQL(
        "SELECT r.id, {company_id}, {company}, {person}, d.id, d.delivery_id{values} FROM {table} AS r {joins} "
        "JOIN companies_delivery AS d ON d.id = r.delivery_id WHERE {conditions} ORDER BY r.id DESC LIMIT %s"
    ).format(
        company_id=SQL("c.id") if has_company else SQL("NULL"),
        company=SQL("c.credit_code || ' ' || c.name") if has_company else SQL("''"),
        person=SQL("p.name || ' ' || p.id_number_masked") if has_person else SQL("''"),
        values=SQL("").join(SQL(", {}").format(Identifier("r", each.name)) for each in contract.facts),
        table=Identifier(contract.table),
        joins=SQL(" ").join([*([_OF_COMPANY] if has_company else []), *([_OF_PERSON] if has_person else [])]),
        conditions=SQL(" AND ").join(conditions),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, limit])
        return [_make_row(row) for row in cursor.fetchall()]


def _make_row(row: tuple[Any, ...]) -> DatasetRow:
    pk, company_id, company, person, delivery_pk, delivery, *values = row
    return DatasetRow(pk, company_id, company, person, tuple(values), delivery_pk, delivery)


def _conditions(asked: RowsAsked, *, has_company: bool, has_person: bool) -> tuple[list[Composable], list[Any]]:
    found: list[tuple[Composable, Sequence[Any]]] = [(SQL("true"), [])]
    if asked.older_than is not None:
        found.append((SQL("r.id < %s"), [asked.older_than]))
    if asked.credit_code:
        found.append((SQL("c.credit_code = %s") if has_company else SQL("false AND %s = ''"), [asked.credit_code]))
    if asked.person:
        found.append((SQL("starts_with(p.name, %s)") if has_person else SQL("false AND %s = ''"), [asked.person]))
    if asked.firms is not None:
        found.append(_of_firms(asked.firms, has_company=has_company))
    return [condition for condition, _values in found], [each for _condition, values in found for each in values]


def _of_firms(firms: QuerySet[Company], *, has_company: bool) -> tuple[Composable, Sequence[Any]]:
    """The condition that a row is about one of these firms, or about a person who is insured there."""
    text, parameters = firms.order_by().values("pk").query.sql_with_params()
    # The statement is Django's own, with parameters in the places of values.
    inner = SQL(text)
    if has_company:
        return SQL("r.company_id IN ({})").format(inner), parameters
    employed = SQL("r.employee_id IN (SELECT employee_id FROM dataset_employees WHERE company_id IN ({}))")
    return employed.format(inner), parameters
