"""Reads a data contract, and says in one sentence what is wrong with it and in which line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.contracts.contract import (
    Code,
    Contract,
    Derived,
    Level,
    Part,
    Property,
    Role,
    Shift,
    Subject,
    Type,
    Unsound,
    Word,
)
from companies.contracts.document import Section, read_document
from companies.datasets.catalogue import Absence

API_VERSIONS: Final = ("v3.1.0", "v3.0.2", "v3.0.1", "v3.0.0")
LOGICAL_TYPES: Final = ("string", "integer", "number", "boolean", "date")
# How a date is written, in the letters that the standard takes for it.
DATE_FORMATS: Final = {"yyyy-MM-dd": Type.DAY, "yyyy-MM": Type.MONTH, "yyyy'Q'q": Type.QUARTER, "yyyy": Type.YEAR}
TEXT_FORMATS: Final = {"credit-code": Type.CREDIT_CODE, "id-number": Type.ID_NUMBER}
YUAN: Final = "元"
# The engine of the quality checks that we carry out, and the limit that each sets.
ENGINE: Final = "qinqing"
LIMITS: Final = {"rowShift": "rows", "losingFirms": "losing_firms", "newNulls": "new_nulls", "wrongRows": "wrong_rows"}
DAYS_OF: Final = {"d": 1, "day": 1, "days": 1, "m": 31, "month": 31, "months": 31, "y": 366, "yr": 366, "years": 366}
_NUMERIC: Final = re.compile(r"(?:numeric|decimal)\( *([0-9]{1,2}) *, *([0-9]{1,2}) *\)", re.IGNORECASE)
_DERIVED: Final = re.compile(r"(year|month_of_year)\(([a-z][a-z0-9_]{0,39})\)")


@lru_cache(maxsize=512)
def read_contract(text: str) -> Contract:
    """
    The contract that a text in YAML holds; a text that was read before is not read again.

    Raises:
        WrongContract: it holds none that can be used; the sentence says where and what to do.
    """
    top = read_document(text)
    top.choice("kind", ["DataContract"])
    top.choice("apiVersion", API_VERSIONS)
    for name in ("id", "name", "status"):
        top.text(name, default="")
    tables = top.list_of_sections("schema")
    if len(tables) != 1:
        raise top.refusal("schema", format_lazy(_("has {count} tables; a contract is about one"), count=len(tables)))
    with _refusals_of(tables[0], "name"):
        contract = _read_table(top, tables[0])
    return replace(contract, unread=tuple(top.list_unread()))


def _read_table(top: Section, table: Section) -> Contract:
    own, sections = table.custom(), table.list_of_sections("properties")
    properties = tuple(_read_property(section) for section in sections)
    agreed = _read_agreed(top)
    for name in ("physicalName", "physicalType", "businessName", "logicalType"):
        table.text(name, default="")
    return Contract(
        name=table.text("name"),
        word=Word(own.text("zh"), own.text("en")),
        version=top.text("version"),
        department=own.text("department"),
        subject=Subject(own.choice("subject", [each.value for each in Subject])),
        properties=properties,
        key=_read_key(sections, properties),
        item=own.text("item", default=""),
        absence=Absence(own.choice("absence", [each.value for each in Absence], default=Absence.UNKNOWN.value)),
        level=Level(own.choice("level", [each.value for each in Level], default=Level.CITY.value)),
        purpose=top.section("description").text("purpose", default=""),
        owner=top.section("team").text("name", default=""),
        shift=_read_shift(table),
        every_days=agreed.get("frequency"),
        freshness_days=agreed.get("latency"),
    )


def _read_key(sections: list[Section], properties: tuple[Property, ...]) -> tuple[str, ...]:
    """The names of the key's columns by their positions, or in the order in which they stand."""
    placed = []
    for number, (section, each) in enumerate(zip(sections, properties, strict=True)):
        position = section.whole("primaryKeyPosition", default=-1)
        if section.boolean("primaryKey"):
            placed.append((number if position in (None, -1) else position, number, each.name))
    return tuple(name for _position, _number, name in sorted(placed))


def _read_property(section: Section) -> Property:
    own, options = section.custom(), section.section("logicalTypeOptions")
    codes = _read_codes(own)
    kind = _read_type(section, options, own, has_codes=bool(codes))
    digits, places = _read_digits(section, kind)
    section.text("businessName", default="")
    with _refusals_of(section, "name"):
        return Property(
            name=section.text("name"),
            word=Word(own.text("zh"), own.text("en"), own.text("unit", default="")),
            type=kind,
            is_required=section.boolean("required"),
            role=Role(own.choice("role", [each.value for each in Role], default="")),
            is_sealed=own.boolean("sealed"),
            digits=digits,
            places=places,
            length=(options.whole("maxLength", default=0) or 0) if kind is Type.TEXT else 0,
            minimum=options.number("minimum"),
            maximum=options.number("maximum"),
            codes=codes,
            derived=_read_derived(section),
            formerly=own.text("formerly", default=""),
        )


def _read_type(section: Section, options: Section, own: Section, *, has_codes: bool) -> Type:
    logical = section.choice("logicalType", LOGICAL_TYPES)
    if logical == "date":
        return DATE_FORMATS[options.choice("format", tuple(DATE_FORMATS), default="yyyy-MM-dd")]
    if logical == "string":
        found = TEXT_FORMATS.get(options.choice("format", ("", *TEXT_FORMATS), default=""), Type.TEXT)
        return Type.CODE if has_codes and found is Type.TEXT else found
    if logical == "number":
        return Type.YUAN if own.text("unit", default="") == YUAN else Type.NUMBER
    return Type.WHOLE if logical == "integer" else Type.YES_NO


def _read_digits(section: Section, kind: Type) -> tuple[int, int]:
    physical = section.text("physicalType", default="")
    if kind is not Type.NUMBER:
        return 0, 0
    found = _NUMERIC.fullmatch(physical)
    if found is None:
        raise section.refusal("physicalType", _("should tell the digits of the number, as “numeric(9, 2)”"))
    return int(found[1]), int(found[2])


def _read_codes(own: Section) -> tuple[Code, ...]:
    codes = []
    for each in own.list_of_sections("values"):
        with _refusals_of(each, "code"):
            codes.append(Code(each.text("code"), Word(each.text("zh"), each.text("en"))))
    return tuple(codes)


def _read_derived(section: Section) -> Derived | None:
    logic = section.text("transformLogic", default="")
    if not logic:
        return None
    found = _DERIVED.fullmatch(logic)
    if found is None:
        raise section.refusal("transformLogic", _("is neither “year(…)” nor “month_of_year(…)” of a column of months"))
    return Derived(found[2], Part(found[1]))


def _read_agreed(top: Section) -> dict[str, int]:
    """How often a delivery comes, and how old it may be, in days."""
    agreed = {}
    for each in top.list_of_sections("slaProperties"):
        name = each.text("property")
        if name not in ("frequency", "latency"):
            continue
        days = DAYS_OF[each.choice("unit", tuple(DAYS_OF), default="d")]
        value = each.whole("value")
        if value is None or not 1 <= value * days <= 3_660:
            raise each.refusal("value", _("should be a time of 1 day to 10 years"))
        agreed[name] = value * days
    return agreed


def _read_shift(table: Section) -> Shift:
    """The limits of a delivery, from the quality checks that are ours to carry out."""
    found: dict[str, Decimal] = {}
    for check in table.list_of_sections("quality"):
        name = check.text("implementation", default="")
        if check.text("engine", default="") != ENGINE or name not in LIMITS:
            continue
        check.choice("type", ["custom"])
        check.text("unit", default="")
        limit = check.number("mustBeLessOrEqualTo")
        if limit is None or not 0 <= limit <= 100:
            raise check.refusal("mustBeLessOrEqualTo", _("should be a share of 0 to 100 per cent"))
        found[LIMITS[name]] = limit
    return Shift(**found)


@contextmanager
def _refusals_of(section: Section, name: str) -> Iterator[None]:
    """Give a refusal of the part that the block makes the line of its section."""
    try:
        yield
    except Unsound as unsound:
        raise section.refusal(name, unsound) from None
