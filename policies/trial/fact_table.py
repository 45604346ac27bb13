"""Invented facts as a table that officers fill in: each row is a fact, the number of its record, and a value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from companies.datasets.catalogue import Catalogue, Fact, FactGroup, FactType
from policies.explain.value_names import choices_of
from policies.trial.trial_facts import AS_OF, DISTRICT, BadFacts, find_by_name, name_of, read_facts
from qinqing.kernel.text import Bilingual

# A form takes no more rows; a stored example has to fit into a form.
LIMIT_ROWS = 1_000
LONGEST_NUMBER = 3
# The day and the district of an example, by the names that officers may write.
_OWN = {AS_OF: AS_OF, "基准日": AS_OF, "数据截至": AS_OF, DISTRICT: DISTRICT, "所在区县": DISTRICT}
_OWN_NAMES = {AS_OF: Bilingual("基准日", AS_OF), DISTRICT: Bilingual("所在区县", DISTRICT)}
_SCALES = {"万": 4, "亿": 8, "%": -2, "％": -2}
_SCALED = re.compile(r"([0-9]+(?:\.[0-9]+)?)([万亿%％])")
_YES = {"true": True, "yes": True, "是": True, "false": False, "no": False, "否": False}


def facts_from_rows(*, rows: Sequence[Sequence[str]], catalogue: Catalogue) -> dict[str, Any]:
    """
    The facts of a table whose rows are a fact, the number of its record, and its value.

    Facts are named in either language, and so are values that have names; a record's number tells the records of
    a list apart and may be left out for the first. A row that names only a group says that it was delivered without
    a record, or as the record of that number with nothing known in it.

    Raises:
        BadFacts: a row is none of that; the sentence names it.
    """
    facts: dict[str, Any] = {}
    records: dict[str, dict[int, dict[str, Any]]] = {}
    for place, (path, number, value) in enumerate(rows, start=1):
        try:
            _read_row(path, number, value, catalogue, facts, records)
        except BadFacts as refused:
            raise BadFacts(_("Row %(row)d: %(sentence)s") % {"row": place, "sentence": refused}) from refused
    for name, numbered in records.items():
        listed = [numbered[key] for key in sorted(numbered)]
        facts[name] = listed if catalogue.groups[name].is_list else (listed or [{}])[0]
    read_facts(facts=facts, catalogue=catalogue)
    return facts


def _read_row(
    path: str,
    number: str,
    value: str,
    catalogue: Catalogue,
    facts: dict[str, Any],
    records: dict[str, dict[int, dict[str, Any]]],
) -> None:
    if path in _OWN:
        facts[_OWN[path]] = _code_of("company", DISTRICT, value) if _OWN[path] == DISTRICT else value
        return
    group_name, _dot, fact_name = path.partition(".")
    group: FactGroup = find_by_name(catalogue.groups, group_name.strip(), group="")
    numbered = records.setdefault(group.name, {})
    key = _number(number)
    if not fact_name.strip():
        if key:
            numbered.setdefault(key, {})
        return
    fact: Fact = find_by_name(group.facts, fact_name.strip(), group=name_of(group))
    record = numbered.setdefault(key or 1, {})
    if fact.name in record:
        raise BadFacts(_("“%(name)s” is there twice.") % {"name": path})
    record[fact.name] = _value(group, fact, value)


def _number(text: str) -> int | None:
    if not text:
        return None
    # Python refuses to read a number of thousands of digits.
    if not text.isdecimal() or len(text) > LONGEST_NUMBER or int(text) == 0:
        raise BadFacts(_("A record is told apart by a number from 1, not “%(text)s”.") % {"text": text[:40]})
    return int(text)


def _value(group: FactGroup, fact: Fact, text: str) -> object:
    if not text:
        return None
    if fact.type == FactType.BOOLEAN:
        return _YES.get(text.lower(), text)
    if fact.type == FactType.NUMBER:
        return as_digits(text)
    return _code_of(group.name, fact.name, text) if fact.type == FactType.STRING else text


def as_digits(text: str) -> str:
    """A number such as 1,200, 12万 or 5.5%, in plain digits."""
    bare = text.replace(",", "").replace("，", "").replace(" ", "")
    scaled = _SCALED.fullmatch(bare)
    return f"{Decimal(scaled[1]).scaleb(_SCALES[scaled[2]]):f}" if scaled else bare


def _code_of(group: str, fact: str, text: str) -> str:
    """The code of a value whose name was written, in either language."""
    named: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            named |= {name: code for code, name in choices_of(group=group, fact=fact).items()}
    return named.get(text, text)


def rows_from_facts(*, facts: Mapping[str, Any], catalogue: Catalogue) -> list[list[str]]:
    """The table of invented facts, with names in the active language, as `facts_from_rows` reads it."""
    rows: list[list[str]] = []
    for name, told in _sort_as_in_catalogue(facts, catalogue.groups):
        if name in (AS_OF, DISTRICT):
            rows.append([str(_OWN_NAMES[name]), "", _name_of_value("company", name, told)])
            continue
        group = catalogue.groups.get(name)
        if isinstance(told, list):
            rows += _list_rows(name, group, told)
        else:
            shown = [
                [_path(name, fact, group), "", _name_of_value(name, fact, value)]
                for fact, value in _facts_of_record(told or {}, group)
            ]
            rows += shown or [[_path(name, "", group), "1", ""]]
    return rows


def _name_of_value(group: str, fact: str, value: object) -> str:
    """The name of a value, if no other value of the fact has the same name; else the value itself."""
    names = choices_of(group=group, fact=fact) if isinstance(value, str) else {}
    name = names.get(str(value), "")
    return name if name and list(names.values()).count(name) == 1 else _text(value)


def _list_rows(name: str, group: FactGroup | None, records: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    if not records:
        return [[_path(name, "", group), "", ""]]
    rows = []
    for number, record in enumerate(records, start=1):
        told = [
            [_path(name, fact, group), str(number), _name_of_value(name, fact, value)]
            for fact, value in _facts_of_record(record, group)
        ]
        rows += told or [[_path(name, "", group), str(number), ""]]
    return rows


def _facts_of_record(record: Mapping[str, Any], group: FactGroup | None) -> list[tuple[str, Any]]:
    return _sort_as_in_catalogue(record, group.facts if group else {})


def _sort_as_in_catalogue(told: Mapping[str, Any], known: Mapping[str, object]) -> list[tuple[str, Any]]:
    """Sort facts as the catalogue lists them, because JSON in the database keeps no order; unknown facts come last."""
    places = {name: place for place, name in enumerate(known)}
    return sorted(told.items(), key=lambda each: (places.get(each[0], len(places)), each[0]))


def _path(name: str, fact_name: str, group: FactGroup | None) -> str:
    """The path of a fact, or of its group alone. A name that the catalogue does not know stays as it is stored."""
    fact = group.facts.get(fact_name) if group else None
    parts = (name_of(group) if group else name, name_of(fact) if fact else fact_name)
    return ".".join(filter(None, parts))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
