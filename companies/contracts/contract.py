"""
What a dataset is: whose it is, what its rows are about, its columns, its key, and how fresh it is.

A contract that exists is sound: each part refuses what cannot be meant as soon as it is made.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.datasets.catalogue import Absence
from qinqing.kernel.refusals import Refusal

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

# Names become those of tables and columns, so nothing but these characters may stand in one.
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
VERSION: Final = re.compile(r"(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})")
MOST_PROPERTIES: Final = 100
MOST_CODES: Final = 500
LONGEST_TEXT: Final = 200
EARLIEST_YEAR, LATEST_YEAR = Decimal(1900), Decimal(2199)
# Words of the rule language, and the names of our own columns and groups, which a rule would confuse with a fact.
_FEEL_WORDS: Final = (
    *("and", "or", "not", "in", "if", "then", "else", "for", "return", "some", "every", "satisfies", "between"),
    *("instance", "of", "true", "false", "null", "function", "date", "time", "duration"),
)
_OWN_COLUMNS: Final = ("id", "company", "company_id", "employee", "employee_id", "delivery", "delivery_id")
RESERVED: Final = frozenset({*_FEEL_WORDS, *_OWN_COLUMNS, "received", "blacklist", "registration"})


class Unsound(Refusal):
    """A part of a contract cannot be meant as it is written; the sentence continues the name of the part."""


class Subject(StrEnum):
    """What a row is about."""

    COMPANY = "company"
    PERSON = "person"
    COMPANY_PERSON = "company_person"


class Level(StrEnum):
    """Who delivers: an office of the city, or those of the districts for their own."""

    CITY = "city"
    DISTRICT = "district"


class Type(StrEnum):
    """The types of a column."""

    TEXT = "text"
    WHOLE = "whole number"
    NUMBER = "number"
    YUAN = "yuan"
    YES_NO = "yes or no"
    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    CODE = "code"
    CREDIT_CODE = "credit code"
    ID_NUMBER = "ID number"


class Role(StrEnum):
    """What a column is to the row, beside a fact."""

    NONE = ""
    CREDIT_CODE = "credit_code"
    ID_NUMBER = "id_number"
    # The name under which the delivery may make a person known.
    PERSON_NAME = "person_name"
    # The ID number of the person to whom the subject is married.
    SPOUSE = "spouse"
    PERIOD = "period"


# The roles whose columns lead to a row of another table, and are stored there.
LEADS_ELSEWHERE: Final = (Role.CREDIT_CODE, Role.ID_NUMBER, Role.PERSON_NAME, Role.SPOUSE)
_TYPE_OF_ROLE: Final = {
    Role.CREDIT_CODE: Type.CREDIT_CODE,
    Role.ID_NUMBER: Type.ID_NUMBER,
    Role.SPOUSE: Type.ID_NUMBER,
    Role.PERSON_NAME: Type.TEXT,
}
# Landing joins rows with firms and persons by these names; a file may use the Chinese title of the column instead.
_NAME_OF_ROLE: Final = {
    Role.CREDIT_CODE: "credit_code",
    Role.ID_NUMBER: "id_number",
    Role.PERSON_NAME: "name",
    Role.SPOUSE: "spouse_id_number",
}
PERIODS: Final = (Type.DAY, Type.MONTH, Type.QUARTER, Type.YEAR)
NUMBERS: Final = (Type.WHOLE, Type.NUMBER, Type.YUAN)


class Part(StrEnum):
    """A part of a month that the database works out by itself, so that a rule can look a year back."""

    YEAR = "year"
    MONTH_OF_YEAR = "month_of_year"


@dataclass(frozen=True, slots=True)
class Word:
    """The name of a thing in both languages, and its unit."""

    zh: str
    en: str
    unit: str = ""

    def __post_init__(self) -> None:
        for text in (self.zh, self.en):
            if not 1 <= len(text) <= 60 or not text.isprintable():
                raise Unsound(_("needs a name of 1 to 60 characters in Chinese (zh) and in English (en)"))
        if len(self.unit) > 10 or not self.unit.isprintable():
            raise Unsound(_("has a unit of more than 10 characters"))


@dataclass(frozen=True, slots=True)
class Code:
    """A code that a column may have, and its names."""

    code: str
    word: Word

    def __post_init__(self) -> None:
        if not CODE.fullmatch(self.code):
            sentence = _("has the code “{code}”; a code has up to 40 letters, digits, dots, dashes and underscores")
            raise Unsound(format_lazy(sentence, code=self.code[:60]))


@dataclass(frozen=True, slots=True)
class Derived:
    """The column from which the database works another out, and which part of it."""

    source: str
    part: Part


@dataclass(frozen=True, slots=True)
class Property:
    """
    A column of a dataset.

    `digits` and `places` are those of a number in all and behind the point, `length` that of a text; `minimum` and
    `maximum` are the plausible values, as they would be written in a file.
    """

    name: str
    word: Word
    type: Type
    is_required: bool = False
    role: Role = Role.NONE
    is_sealed: bool = False
    digits: int = 0
    places: int = 0
    length: int = 0
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    codes: tuple[Code, ...] = ()
    derived: Derived | None = None
    formerly: str = ""

    def __post_init__(self) -> None:
        _refuse_name(self.name)
        if self.formerly:
            _refuse_name(self.formerly)
        if _TYPE_OF_ROLE.get(self.role, self.type) != self.type:
            raise Unsound(format_lazy(_("has the role {role}, which fits no {type}"), role=self.role, type=self.type))
        if _NAME_OF_ROLE.get(self.role, self.name) != self.name:
            sentence = _("has the role {role}; the column of that role is called {name}")
            raise Unsound(format_lazy(sentence, role=self.role, name=_NAME_OF_ROLE[self.role]))
        if self.role is Role.PERIOD and self.type not in PERIODS:
            raise Unsound(_("has the role period; only a day, a month, a quarter or a year can be one"))
        if (self.type is Type.ID_NUMBER) != self.is_sealed:
            raise Unsound(_("is an ID number without “sealed”, or sealed and no ID number"))
        if self.type is Type.ID_NUMBER and self.role not in LEADS_ELSEWHERE:
            raise Unsound(_("is an ID number without a role; a rule reads facts about persons, never their numbers"))
        self._check_size()
        self._check_codes()
        self._check_range()

    @property
    def is_stored(self) -> bool:
        """Whether the dataset's own table has the column."""
        return self.role not in LEADS_ELSEWHERE

    @property
    def range(self) -> tuple[Decimal | None, Decimal | None]:
        """The least and the greatest plausible value; a year is never far from ours."""
        if self.type is not Type.YEAR:
            return self.minimum, self.maximum
        return (
            EARLIEST_YEAR if self.minimum is None else self.minimum,
            LATEST_YEAR if self.maximum is None else self.maximum,
        )

    def _check_size(self) -> None:
        if self.type is Type.TEXT and not 1 <= self.length <= LONGEST_TEXT:
            raise Unsound(format_lazy(_("needs a maxLength from 1 to {limit}"), limit=LONGEST_TEXT))
        if self.type is Type.NUMBER and not (0 <= self.places <= 8 and 0 < self.digits - self.places <= 20):
            raise Unsound(_("needs its digits, as in “numeric(9, 2)”: at most 8 behind the point and 20 before it"))

    def _check_codes(self) -> None:
        if (self.type is Type.CODE) != bool(self.codes):
            raise Unsound(_("is one of some codes and has no list of them, or has such a list and is none"))
        if len(self.codes) > MOST_CODES:
            raise Unsound(format_lazy(_("has more than {limit} values; make it a text"), limit=MOST_CODES))
        _refuse_twice([code.code for code in self.codes], _("lists the value “{name}” twice"))

    def _check_range(self) -> None:
        limits = [limit for limit in (self.minimum, self.maximum) if limit is not None]
        if limits and self.type not in (*NUMBERS, Type.YEAR):
            raise Unsound(_("has a minimum or a maximum; only numbers and years can have one"))
        if len(limits) == 2 and limits[0] > limits[1]:
            raise Unsound(_("has a minimum above its maximum"))


@dataclass(frozen=True, slots=True)
class Shift:
    """
    How far a delivery may differ from what stands before a person of the department looks at it, in per cent.

    None means that nobody needs to look, however large the shift is.
    """

    rows: Decimal | None = None
    losing_firms: Decimal | None = None
    new_nulls: Decimal | None = None
    wrong_rows: Decimal | None = None


@dataclass(frozen=True)
class Contract:
    """
    A dataset as its department declares it.

    `item` is the singular under which a policy may pay once per row (“loan” of “loans”); `key` names the properties
    that tell rows apart, the subject first; `freshness_days` is how old the data may be, None for history;
    `unread` names what the text says beside this, which we keep and do not use.
    """

    name: str
    word: Word
    version: str
    department: str
    subject: Subject
    properties: tuple[Property, ...]
    key: tuple[str, ...]
    item: str = ""
    absence: Absence = Absence.UNKNOWN
    level: Level = Level.CITY
    freshness_days: int | None = None
    every_days: int | None = None
    purpose: str = ""
    owner: str = ""
    shift: Shift = field(default_factory=Shift)
    unread: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _refuse_name(self.name)
        if not VERSION.fullmatch(self.version):
            raise Unsound(_("needs a version of three numbers, as 1.0.0"))
        if self.item and (not NAME.fullmatch(self.item) or self.item == self.name):
            raise Unsound(_("needs an item of small letters that is not the name of the dataset itself"))
        if not 1 <= len(self.properties) <= MOST_PROPERTIES:
            raise Unsound(format_lazy(_("needs 1 to {limit} columns"), limit=MOST_PROPERTIES))
        _refuse_twice([each.name for each in self.properties], _("has the column “{name}” twice"))
        self._check_subject()
        self._check_key()
        self._check_derived()

    @cached_property
    def by_name(self) -> Mapping[str, Property]:
        """The properties by their names."""
        return {each.name: each for each in self.properties}

    @property
    def table(self) -> str:
        """The name of its table."""
        return f"dataset_{self.name}"

    @property
    def facts(self) -> tuple[Property, ...]:
        """The properties that a rule may mention."""
        return tuple(each for each in self.properties if each.is_stored)

    @property
    def delivered(self) -> tuple[Property, ...]:
        """The properties that a file brings."""
        return tuple(each for each in self.properties if each.derived is None)

    @property
    def owners(self) -> tuple[str, ...]:
        """The columns of the table that name the company and the person."""
        columns = {Subject.COMPANY: ("company_id",), Subject.PERSON: ("employee_id",)}
        return columns.get(self.subject, ("company_id", "employee_id"))

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns of the table that tell its rows apart."""
        led_to = {Role.CREDIT_CODE: "company_id", Role.ID_NUMBER: "employee_id"}
        return tuple(led_to.get(self.by_name[name].role, name) for name in self.key)

    @property
    def is_list(self) -> bool:
        """Whether a subject may have many rows."""
        return len(self.key) > 1

    def of_role(self, role: Role) -> Property | None:
        """The property that has a role."""
        return next((each for each in self.properties if each.role is role), None)

    def _check_subject(self) -> None:
        wanted = {
            Subject.COMPANY: {Role.CREDIT_CODE: 1, Role.ID_NUMBER: 0},
            Subject.PERSON: {Role.CREDIT_CODE: 0, Role.ID_NUMBER: 1},
            Subject.COMPANY_PERSON: {Role.CREDIT_CODE: 1, Role.ID_NUMBER: 1},
        }[self.subject]
        roles = Counter(each.role for each in self.properties)
        for role, count in wanted.items():
            if roles[role] != count:
                sentence = _("is about a {subject}, so {count} of its columns has the role {role}, not {found}")
                raise Unsound(format_lazy(sentence, subject=self.subject, count=count, role=role, found=roles[role]))

    def _check_key(self) -> None:
        led_by = Role.ID_NUMBER if self.subject is Subject.PERSON else Role.CREDIT_CODE
        if not self.key or self.by_name.get(self.key[0]) is not self.of_role(led_by):
            raise Unsound(
                format_lazy(_("needs a primaryKey that begins with the column of the role {role}"), role=led_by)
            )
        for name in self.key:
            part = self.by_name[name]
            if not part.is_required or part.derived or part.role in (Role.PERSON_NAME, Role.SPOUSE):
                sentence = _("has “{name}” in its key, which may be missing; a column of the key is required")
                raise Unsound(format_lazy(sentence, name=name))
        if self.item and self.subject is Subject.PERSON:
            raise Unsound(_("has an item, but no firm; a policy pays for a row of a firm, or of a person at a firm"))
        if self.item and not self.is_list:
            raise Unsound(_("has an item, but only one row of each subject; only a list has items"))

    def _check_derived(self) -> None:
        for each in self.properties:
            source = self.by_name.get(each.derived.source) if each.derived else None
            if each.derived and (source is None or source.type is not Type.MONTH or each.type is not Type.WHOLE):
                sentence = _("has “{name}”, which can be worked out only from a column of months, as a whole number")
                raise Unsound(format_lazy(sentence, name=each.name))


def _refuse_name(name: str) -> None:
    if not NAME.fullmatch(name):
        sentence = _("is called “{name}”; a name has up to 40 small letters, digits and underscores, a letter first")
        raise Unsound(format_lazy(sentence, name=name[:60]))
    if name in RESERVED:
        raise Unsound(format_lazy(_("is called “{name}”, which is a word of the rule language or of ours"), name=name))


def _refuse_twice(names: Sequence[str], sentence: StrPromise) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise Unsound(format_lazy(sentence, name=name))
