"""Writes checked rows to the tables of their datasets, by set."""

from __future__ import annotations

from django.db import models
from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.datasets.base import DatasetRow, EngagementRow, PersonRow
from companies.deliveries.landing import accounts, people, registration
from companies.deliveries.landing.late import newest_before, set_aside_superseded
from companies.deliveries.landing.touched import COMPANIES, engaged_companies, write_and_note_companies
from companies.deliveries.landing.upsert import Upsert
from companies.deliveries.registry.targets import Deliverable
from companies.deliveries.staging.checks import incoming, staged
from companies.models.delivery import Delivery

REGISTERS = {
    "registration": registration.land,
    "company_accounts": accounts.land_company_accounts,
    "person_accounts": accounts.land_person_accounts,
}


def land(*, deliverable: Deliverable, delivery: Delivery) -> int:
    """Write the staged rows to their tables; returns how many facts are new or changed."""
    if deliverable.model is None:
        return REGISTERS[deliverable.name](delivery)
    if issubclass(deliverable.model, EngagementRow):
        # Only the register of employees may change the name of a person.
        may_rename = deliverable.name == "employees" and newest_before(delivery) is None
        people.register_people(may_rename=may_rename)
    upsert = _rows(deliverable, deliverable.model, delivery)
    is_late = set_aside_superseded(upsert=upsert, column=deliverable.key[-1], delivery=delivery)
    is_about_people = issubclass(deliverable.model, PersonRow)
    changed = write_and_note_companies(
        upsert=upsert,
        delivery=delivery,
        returning="employee_id" if is_about_people else "company_id",
        touching=engaged_companies() if is_about_people else COMPANIES,
    )
    if deliverable.name == "annual_report":
        registration.refresh_numbers(delivery)
    if deliverable.name == "marriage":
        changed += people.join_spouses(delivery, is_late=is_late)
    return changed


def _rows(deliverable: Deliverable, model: type[DatasetRow], delivery: Delivery) -> Upsert:
    names = {column.name for column in deliverable.columns}
    subjects: dict[str, Composable] = {}
    joins: list[Composable] = []
    if "credit_code" in names:
        subjects["company_id"] = Identifier("company", "id")
        joins.append(registration.JOIN)
    if "id_number" in names:
        subjects["employee_id"] = Identifier("person", "id")
        joins.append(people.JOIN)
    stored = [column for column in deliverable.columns if column.stored_as]
    return Upsert(
        table=model._meta.db_table,
        key=_key(model),
        values=subjects | {column.stored_as: column.kind.cast(staged(column.name)) for column in stored},
        source=SQL("FROM {} {}").format(incoming(), SQL(" ").join(joins)),
        stamps={"delivery_id": Literal(delivery.pk)},
    )


def _key(model: type[models.Model]) -> tuple[str, ...]:
    [promise] = model._meta.total_unique_constraints
    columns = {field.name: field.column for field in model._meta.concrete_fields}
    return tuple(str(columns[name]) for name in promise.fields)
