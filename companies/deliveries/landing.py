"""Checked rows into the tables they are for, by set."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext as _
from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.datasets.base import DatasetRow, PersonRow
from companies.deliveries import accounts, people, registration
from companies.deliveries.checks import incoming, quarantine_where, staged
from companies.deliveries.refusals import Refused
from companies.deliveries.registry import Deliverable
from companies.deliveries.touched import COMPANIES, EMPLOYERS, write
from companies.deliveries.upsert import Upsert
from companies.models.delivery import Delivery, DeliveryStatus, Reason

REGISTERS = {
    "registration": registration.land,
    "company_accounts": accounts.land_of_companies,
    "person_accounts": accounts.land_of_persons,
}


class Outdated(Refused):
    """A newer state of a register has landed already."""


def land(*, deliverable: Deliverable, delivery: Delivery) -> int:
    """
    Bring the staged rows to their tables; returns how many facts are new or changed.

    A delivery that is older than one that landed before may add rows, and replaces none.

    Raises:
        Outdated: an older state of a register whose rows carry no date of their own.
    """
    newer = _newer(delivery)
    if deliverable.model is None:
        if newer is not None:
            raise _outdated(deliverable, delivery, newer)
        return REGISTERS[deliverable.name](delivery)
    if deliverable.name == "employees":
        people.register()
    upsert = _rows(deliverable, deliverable.model, delivery)
    if newer is not None:
        _quarantine_superseded(upsert, deliverable, delivery, newer)
    return _write(upsert, deliverable, delivery)


def _write(upsert: Upsert, deliverable: Deliverable, delivery: Delivery) -> int:
    if deliverable.model is not None and issubclass(deliverable.model, PersonRow):
        changed = write(upsert=upsert, delivery=delivery, returning="employee_id", touching=EMPLOYERS)
    else:
        changed = write(upsert=upsert, delivery=delivery, returning="company_id", touching=COMPANIES)
    if deliverable.name == "annual_report":
        registration.refresh_numbers(delivery)
    if deliverable.name == "marriage":
        changed += people.marry(delivery)
    return changed


def _newer(delivery: Delivery) -> Delivery | None:
    landed = Delivery.objects.filter(dataset=delivery.dataset, status=DeliveryStatus.LANDED)
    return landed.filter(as_of_on__gt=delivery.as_of_on).order_by("-as_of_on", "-id").first()


def _outdated(deliverable: Deliverable, delivery: Delivery, newer: Delivery) -> Outdated:
    sentence = _("{dataset} as of {newer} has landed already; data as of {older} would undo it. Send the newest state.")
    return Outdated(sentence.format(dataset=deliverable.name, newer=newer.as_of_on, older=delivery.as_of_on))


def _rows(deliverable: Deliverable, model: type[DatasetRow], delivery: Delivery) -> Upsert:
    stored = [column for column in deliverable.columns if column.stored_as]
    names = {column.name for column in deliverable.columns}
    subjects: dict[str, Composable] = {}
    joins: list[Composable] = []
    if "credit_code" in names:
        subjects["company_id"] = Identifier("company", "id")
        joins.append(SQL("JOIN companies_company AS company ON company.credit_code = incoming.credit_code"))
    if "id_number" in names:
        subjects["employee_id"] = Identifier("person", "id")
        joins.append(people.JOIN)
    return Upsert(
        table=model._meta.db_table,
        key=_key(model),
        values=subjects | {column.stored_as: column.kind.cast(staged(column.name)) for column in stored},
        source=SQL("FROM {} {}").format(incoming(), SQL(" ").join(joins)),
        stamps={"delivery_id": Literal(delivery.pk)},
    )


def _key(model: type[models.Model]) -> tuple[str, ...]:
    [promise] = model._meta.total_unique_constraints
    return tuple(model._meta.get_field(name).column for name in promise.fields)


def _quarantine_superseded(upsert: Upsert, deliverable: Deliverable, delivery: Delivery, newer: Delivery) -> None:
    quarantine_where(
        delivery=delivery,
        row_number=SQL("fresh.row_number"),
        column=Literal(deliverable.key[-1]),
        reason=Literal(Reason.SUPERSEDED.value),
        detail=Literal(newer.as_of_on.isoformat()),
        source=SQL("FROM ({}) AS fresh JOIN {} AS stored ON {} WHERE {}").format(
            upsert.fresh(SQL("incoming.row_number, ")), Identifier(upsert.table), upsert.is_same_row(), upsert.differs()
        ),
    )
