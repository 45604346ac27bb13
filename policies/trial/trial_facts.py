"""Reads invented facts from JSON, for examples and the calculator, by the catalogue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from companies.datasets.catalogue import Catalogue, Fact, FactGroup, FactType
from policies.feel.types.values import parse_date
from policies.feel.words.json_facts import LONGEST_NUMBER
from qinqing.kernel.text import Bilingual

AS_OF, DISTRICT = "as_of", "district"
LIMIT_RECORDS = 200
LIMIT_TEXT = 1_000

Record = dict[str, Any]


class BadFacts(ValueError):
    """Facts that cannot be read; the text is one sentence that names the fact and what is expected."""


@dataclass(frozen=True, slots=True)
class TrialFacts:
    """Facts by the catalogue's English names, as `evaluate` takes them, and the day for which they count."""

    facts: Mapping[str, Any]
    as_of: dt.date | None


def read_facts(*, facts: object, catalogue: Catalogue) -> TrialFacts:
    """
    Read invented facts: groups by English or Chinese name, each a record or a list of records.

    `as_of` is the day for which they count, and `district` the company's district. A fact that is absent or null is
    unknown.

    Raises:
        BadFacts: they are not of that form; the sentence names the fact and what is expected.
    """
    if not isinstance(facts, Mapping):
        raise BadFacts(_("The facts must be an object whose names are groups of facts, such as “company”."))
    read: dict[str, Any] = {}
    as_of: dt.date | None = None
    district: str | None = None
    for name, value in facts.items():
        if name == AS_OF:
            as_of = _value(value, FactType.DATE, AS_OF)
        elif name == DISTRICT:
            district = _value(value, FactType.STRING, DISTRICT)
        elif value is not None:
            group = find_by_name(catalogue.groups, str(name), group="")
            if group.name in read:
                raise BadFacts(_("“%(name)s” is there twice.") % {"name": name_of(group)})
            read[group.name] = _records(group, value)
    if district is not None:
        read["company"] = {**read.get("company", {}), "district": district}
    return TrialFacts(read, as_of)


def name_of(thing: FactGroup | Fact) -> str:
    """The name of a group or fact in the active language, as rules and invented facts may write it."""
    return str(Bilingual(thing.name_zh, thing.name))


def find_by_name(things: Mapping[str, Any], name: str, *, group: str) -> Any:
    """
    The thing with this name, in either language: a group, or a fact of `group` if one is given.

    Raises:
        BadFacts: there is none; the sentence names the nearest.
    """
    found = things.get(name) or next((thing for thing in things.values() if thing.name_zh == name), None)
    if found is not None:
        return found
    names = [each for thing in things.values() for each in (thing.name, thing.name_zh)]
    missing = _("“%(group)s” has no fact “%(name)s”.") if group else _("There is no group of facts called “%(name)s”.")
    sentence = missing % {"group": group, "name": name[:LONGEST_NUMBER]}
    near = get_close_matches(name[:LONGEST_NUMBER], names, n=1, cutoff=0.5)
    if near:
        sentence = _("%(sentence)s Did you mean “%(nearest)s”?") % {"sentence": sentence, "nearest": near[0]}
    raise BadFacts(sentence)


def _records(group: FactGroup, value: object) -> Record | list[Record]:
    rows = value if isinstance(value, list) else [value]
    if not group.is_list and isinstance(value, list):
        raise BadFacts(_("“%(name)s” is one record, not a list of records.") % {"name": name_of(group)})
    if len(rows) > LIMIT_RECORDS:
        raise BadFacts(
            _("“%(name)s” has %(count)d records; %(limit)d is the most.")
            % {"name": name_of(group), "count": len(rows), "limit": LIMIT_RECORDS}
        )
    records = [_record(group, row) for row in rows]
    return records if group.is_list else records[0]


def _record(group: FactGroup, row: object) -> Record:
    if not isinstance(row, Mapping):
        raise BadFacts(
            _("A record of “%(name)s” must be an object whose names are facts, such as “%(fact)s”.")
            % {"name": name_of(group), "fact": next(map(name_of, group.facts.values()), "…")}
        )
    record: Record = dict.fromkeys(group.facts)
    for name, value in row.items():
        fact: Fact = find_by_name(group.facts, str(name), group=name_of(group))
        record[fact.name] = _value(value, fact.type, f"{name_of(group)}.{name_of(fact)}")
    return record


def _value(value: object, type_: FactType, path: str) -> Any:
    if value is None:
        return None
    read = _READERS[type_](value)
    if read is None:
        raise BadFacts(
            _("“%(path)s” must be %(type)s, not %(found)s.")
            % {"path": path, "type": _expectation_sentence(type_), "found": _shorten(value)}
        )
    return read


def _expectation_sentence(type_: FactType) -> str:
    return {
        FactType.NUMBER: _("a number"),
        FactType.STRING: _("a text"),
        FactType.BOOLEAN: _("true or false"),
        FactType.DATE: _("a date like 2024-03-31"),
    }[type_]


def _shorten(value: object) -> str:
    written = str(value)
    return f"“{written[:40]}…”" if len(written) > LONGEST_NUMBER else f"“{written}”"


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    # JSON has turned a decimal into a float; its shortest text is the decimal that was written.
    written = str(value).strip()
    if len(written) > LONGEST_NUMBER:
        return None
    try:
        number = Decimal(written)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= LONGEST_NUMBER else None


def _text(value: object) -> str | None:
    if not isinstance(value, str) or len(value) > LIMIT_TEXT or "\x00" in value:
        return None
    return None if any(0xD800 <= ord(character) <= 0xDFFF for character in value) else value


def parse_truth(value: object) -> bool | None:
    """True or False if the value is one of them; None for any other."""
    return value if isinstance(value, bool) else None


def _date(value: object) -> dt.date | None:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    return parse_date(value) if isinstance(value, str) else None


_READERS = {
    FactType.NUMBER: _number,
    FactType.STRING: _text,
    FactType.BOOLEAN: parse_truth,
    FactType.DATE: _date,
}
