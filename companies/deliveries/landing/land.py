"""Writes checked rows to the tables of their datasets, by set."""

from __future__ import annotations

from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.contracts.contract import Contract, Role, Subject
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
    contract = deliverable.contract
    if contract is None:
        return REGISTERS[deliverable.name](delivery)
    if contract.of_role(Role.PERSON_NAME):
        # Only the register of employees may change the name of a person.
        may_rename = deliverable.name == "employees" and newest_before(delivery) is None
        people.register_people(may_rename=may_rename)
    upsert = _rows(deliverable, contract, delivery)
    is_late = set_aside_superseded(upsert=upsert, column=deliverable.key[-1], delivery=delivery)
    is_about_people = contract.subject is Subject.PERSON
    changed = write_and_note_companies(
        upsert=upsert,
        delivery=delivery,
        returning="employee_id" if is_about_people else "company_id",
        touching=engaged_companies() if is_about_people else COMPANIES,
    )
    if deliverable.name == "annual_report":
        registration.refresh_numbers(delivery)
    if contract.of_role(Role.SPOUSE):
        changed += people.join_spouses(delivery, is_late=is_late)
    return changed


def _rows(deliverable: Deliverable, contract: Contract, delivery: Delivery) -> Upsert:
    found = {
        "company_id": (Identifier("company", "id"), registration.JOIN),
        "employee_id": (Identifier("person", "id"), people.JOIN),
    }
    subjects: dict[str, Composable] = {owner: found[owner][0] for owner in contract.owners}
    stored = [column for column in deliverable.columns if column.stored_as]
    return Upsert(
        table=contract.table,
        key=contract.key_columns,
        values=subjects | {column.stored_as: column.kind.cast(staged(column.name)) for column in stored},
        source=SQL("FROM {} {}").format(incoming(), SQL(" ").join(found[owner][1] for owner in contract.owners)),
        stamps={"delivery_id": Literal(delivery.pk)},
    )
