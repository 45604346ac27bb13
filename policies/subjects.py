"""
The kinds of subjects: by which SQL key a policy pays each of them once.

Some are ours, with what is special about them; beside these stands the item of every dataset that is declared with one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, LiteralString

from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.contracts.contract import Contract, Property, Role, Subject, Type
from companies.contracts.facts import catalogue
from companies.contracts.registry import contracts, kept_by_revision
from companies.datasets.catalogue import Catalogue

# `Entitlement.subject_key` has room for so many characters.
LONGEST_KEY: Final = 80
_COLON: Final = SQL(" || ':' || ")


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

    key: Composable
    item: str = ""
    period: Composable | None = None
    shared_column: LiteralString = ""
    reads: frozenset[str] = frozenset()
    persons: tuple[LiteralString, ...] = ()
    is_person: bool = False
    starts: LiteralString = "NULL::date"


# The names are those of `policies.models.Subject`.
_OURS: Final[dict[str, SubjectRows]] = {
    "company": SubjectRows(key=SQL("'company:' || c.id")),
    "employee": SubjectRows(
        item="employee",
        key=SQL("'employee:' || i.employee_id"),
        shared_column="employee_id",
        reads=frozenset({"employees"}),
        is_person=True,
        starts="i.hired_on",
    ),
    "couple": SubjectRows(
        item="employee",
        # An unmarried person is a couple of one: least() ignores null.
        key=SQL("'couple:' || least(i.employee_id, p.spouse_id)"),
        shared_column="employee_id",
        reads=frozenset({"employees", "marriage"}),
        persons=("i.employee_id", "p.spouse_id"),
        is_person=True,
        starts="i.hired_on",
    ),
    "hire": SubjectRows(
        item="hire",
        key=SQL("'employee:' || i.employee_id"),
        shared_column="employee_id",
        reads=frozenset({"hardship_hires"}),
        is_person=True,
        starts="i.hired_on",
    ),
    "trainee": SubjectRows(
        item="trainee",
        key=SQL("'employee:' || i.employee_id"),
        period=SQL("i.month"),
        shared_column="employee_id",
        reads=frozenset({"trainings"}),
        is_person=True,
        starts="i.hired_on",
    ),
    "car": SubjectRows(
        item="car",
        key=SQL("'car:' || i.vin"),
        shared_column="vin",
        reads=frozenset({"car_sales"}),
        is_person=True,
        starts="i.sold_on",
    ),
    "entry": SubjectRows(item="entry", key=SQL("'entry:' || c.id || ':' || i.trade"), reads=frozenset({"library"})),
    "sale": SubjectRows(item="sale", key=SQL("'company:' || c.id"), period=SQL("i.month"), reads=frozenset({"sales"})),
    "compound": SubjectRows(
        item="compound", key=SQL("'compound:' || i.code"), shared_column="code", reads=frozenset({"compounds"})
    ),
    "title": SubjectRows(
        item="title", key=SQL("'title:' || i.certificate"), shared_column="certificate", reads=frozenset({"titles"})
    ),
    "bill": SubjectRows(
        item="bill", key=SQL("'bill:' || c.id || ':' || i.kind"), period=SQL("i.month"), reads=frozenset({"utilities"})
    ),
    "loan": SubjectRows(
        item="loan", key=SQL("'loan:' || i.contract"), shared_column="contract", reads=frozenset({"loans"})
    ),
}


@kept_by_revision
def known_subjects() -> Mapping[str, SubjectRows]:
    """All kinds of subjects by their names: ours, then the declared ones, which are called as their items."""
    return _OURS | {contract.item: _declared_rows(contract) for contract in declared_items()}


def declared_items() -> tuple[Contract, ...]:
    """The contracts in force whose item is none of our own subjects."""
    return tuple(each for each in contracts().values() if each.item and each.item not in _OURS)


def name_in_key(key: str, *, company_id: int) -> str:
    """What a subject's key says to its firm: all that follows the kind and the number of the firm."""
    return key.partition(":")[2].removeprefix(f"{company_id}:")


def catalogue_of(subject: str) -> Catalogue:
    """
    The groups of facts that a policy of this subject may mention.

    After its dataset was retired a declared subject has the company's groups alone; old decisions are still explained.
    """
    return catalogue(item=_OURS[subject].item if subject in _OURS else subject)


def _declared_rows(contract: Contract) -> SubjectRows:
    """A row is paid once per firm and key; of a key's columns the one of the role period says in which period."""
    beside_firm = list(zip(contract.key_columns, (contract.by_name[name] for name in contract.key), strict=True))[1:]
    period = next((column for column, each in beside_firm if each.role is Role.PERIOD), None)
    parts = [_part(column, each) for column, each in beside_firm if column != period]
    return SubjectRows(
        item=contract.item,
        key=_shortened(_COLON.join([Literal(contract.name), SQL("c.id"), *parts])),
        period=_text(period) if period else None,
        reads=frozenset({contract.name}),
        is_person=contract.subject is Subject.COMPANY_PERSON,
    )


def _part(column: str, each: Property) -> Composable:
    # Only a text can have a colon, so that two keys could read alike.
    escaped = SQL(r"replace(replace({}, '\', '\\'), ':', '\:')")
    return escaped.format(_text(column)) if each.type is Type.TEXT else _text(column)


def _text(column: str) -> Composable:
    return SQL("{}::text").format(Identifier("i", column))


def _shortened(key: Composable) -> Composable:
    """The key, or its beginning and its digest where it is too long; no key that stays whole has that length."""
    shortened = SQL(
        "CASE WHEN length({key}) < {room} THEN {key} ELSE left({key}, {room} - 33) || '~' || md5({key}) END"
    )
    return shortened.format(key=key, room=Literal(LONGEST_KEY))
