"""The table of the kinds of subjects: by which SQL key a policy pays each of them once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString


@dataclass(frozen=True, slots=True)
class SubjectRows:
    """
    The rows that a policy decides one by one, and what makes two of them the same subject.

    `item` is the dataset's singular ("" for the company itself). `key` and `period` are SQL over the company `c`,
    the item's row `i` and the person `p`; where `period` is None the version's own period counts.
    `shared_column` is the item's column by which rows of several firms may be the same subject: one of them is
    chosen, by the lowest company and then the earliest hire, so that the choice never depends on the order of work.
    `is_person` says that the item's row names a person, whose own datasets then count; `starts` is the day by which the
    earliest row is known.
    `reads` names datasets that decide who the subject is, beside those the clauses mention. `persons` are SQL of the
    people behind the subject: none of them is entitled again under another key, as after a wedding.
    """

    key: LiteralString
    item: str = ""
    period: LiteralString | None = None
    shared_column: LiteralString = ""
    reads: frozenset[str] = frozenset()
    persons: tuple[LiteralString, ...] = ()
    is_person: bool = False
    starts: LiteralString = "NULL::date"


# The keys are those of `policies.models.Subject`.
SUBJECTS: dict[str, SubjectRows] = {
    "company": SubjectRows(key="'company:' || c.id"),
    "employee": SubjectRows(
        item="employee",
        key="'employee:' || i.employee_id",
        shared_column="employee_id",
        reads=frozenset({"employees"}),
        is_person=True,
        starts="i.hired_on",
    ),
    "couple": SubjectRows(
        item="employee",
        # An unmarried person is a couple of one: least() ignores null.
        key="'couple:' || least(i.employee_id, p.spouse_id)",
        shared_column="employee_id",
        reads=frozenset({"employees", "marriage"}),
        persons=("i.employee_id", "p.spouse_id"),
        is_person=True,
        starts="i.hired_on",
    ),
    "hire": SubjectRows(
        item="hire",
        key="'employee:' || i.employee_id",
        shared_column="employee_id",
        reads=frozenset({"hardship_hires"}),
        is_person=True,
        starts="i.hired_on",
    ),
    "trainee": SubjectRows(
        item="trainee",
        key="'employee:' || i.employee_id",
        period="i.month",
        shared_column="employee_id",
        reads=frozenset({"trainings"}),
        is_person=True,
        starts="i.hired_on",
    ),
    "car": SubjectRows(
        item="car",
        key="'car:' || i.vin",
        shared_column="vin",
        reads=frozenset({"car_sales"}),
        is_person=True,
        starts="i.sold_on",
    ),
    "entry": SubjectRows(item="entry", key="'entry:' || c.id || ':' || i.trade", reads=frozenset({"library"})),
    "sale": SubjectRows(item="sale", key="'company:' || c.id", period="i.month", reads=frozenset({"sales"})),
    "compound": SubjectRows(
        item="compound", key="'compound:' || i.code", shared_column="code", reads=frozenset({"compounds"})
    ),
    "title": SubjectRows(
        item="title", key="'title:' || i.certificate", shared_column="certificate", reads=frozenset({"titles"})
    ),
    "bill": SubjectRows(
        item="bill", key="'bill:' || c.id || ':' || i.kind", period="i.month", reads=frozenset({"utilities"})
    ),
    "loan": SubjectRows(item="loan", key="'loan:' || i.contract", shared_column="contract", reads=frozenset({"loans"})),
}
