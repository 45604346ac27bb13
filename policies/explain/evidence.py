"""Facts in the reader's words: paths of rules, values and departments by their names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from companies.contracts.departments import departments
from companies.contracts.registry import kept_by_revision
from companies.datasets.catalogue import Fact, FactGroup, unit_name
from policies.explain.rule_words import in_words
from policies.explain.value_names import choices_of
from policies.feel.checking.check import check
from policies.feel.messages.errors import FeelError
from policies.subjects import catalogue_of
from qinqing.kernel.text import Bilingual

UNNAMED = Bilingual("", "")
ISO_DAY = len("2020-01-31")
# The forms of nearly all paths. Any other path is put into words by the rule language.
_FACT_PATH = re.compile(r"(?P<group>\w+)\.(?P<fact>\w+)")
_FILTER_PATH = re.compile(r'(?P<group>\w+)\[(?P<by>\w+) = "?(?P<value>[^"\]]+)"?\]\.(?P<fact>\w+)')
_COUNT_PATH = re.compile(r'count\((?P<group>\w+)\[(?:(?P<by>\w+) = "(?P<value>[^"]+)")?[^\[\]]*\]\)')


@dataclass(frozen=True, slots=True)
class ShownFact:
    """One fact behind a decision, in the active language; `as_of_on` is None where unknown."""

    label: str
    value: str
    department: Bilingual
    as_of_on: date | None


def shown_facts(*, evidence: Mapping[str, Mapping[str, object]], subject: str) -> tuple[ShownFact, ...]:
    """The facts that an entitlement keeps as its evidence."""
    sources = evidence.get("sources", {})
    facts = tuple(_shown_fact(path, value, sources, subject) for path, value in evidence.get("facts", {}).items())
    return (*_list_fact(evidence.get("list")), *facts)


def _list_fact(row: Mapping[str, object] | None) -> tuple[ShownFact, ...]:
    """The row of a department's list that names the subject, as a fact."""
    if not row:
        return ()
    label = _("On the list “%(title)s” (%(number)s), row %(row)s") % row
    value = f"¥{Decimal(str(row['amount'])):,.2f}"
    department = departments().get(str(row.get("department")), UNNAMED)
    return (ShownFact(label, value, department, parse_date(str(row.get("as_of") or ""))),)


@dataclass(frozen=True, slots=True)
class ChangedFact:
    """A fact as it was when a claim was made and as it is now, in the active language."""

    label: str
    then: str
    now: str


def shown_changes(*, facts: Mapping[str, Sequence[object]], subject: str) -> tuple[ChangedFact, ...]:
    """The changed facts of a `FactChange`."""
    return tuple(
        ChangedFact(
            label=label_of(path=path, subject=subject),
            then=value_with_unit(path=path, value=then, subject=subject),
            now=value_with_unit(path=path, value=now, subject=subject),
        )
        for path, (then, now) in facts.items()
    )


def _shown_fact(path: str, value: object, sources: Mapping[str, object], subject: str) -> ShownFact:
    group = _first_group(path, subject)
    source = sources.get(group.dataset) if group else None
    told: Mapping[str, object] = source if isinstance(source, Mapping) else {}
    return ShownFact(
        label=label_of(path=path, subject=subject),
        value=value_with_unit(path=path, value=value, subject=subject),
        department=departments().get(str(told.get("department")), UNNAMED),
        as_of_on=parse_date(str(told.get("as_of") or "")),
    )


def label_of(*, path: str, subject: str) -> str:
    """The name of a path of the rule language, in the active language."""
    if match := _COUNT_PATH.fullmatch(path):
        group = _group(match["group"], subject)
        return _("%(register)s: entries") % {"register": _name_with_value(group, match)} if group else path
    match, group, fact = _find_fact(path, subject)
    if not (match and group and fact):
        return str(_explain_path(path, subject))
    if match.re is _FILTER_PATH:
        return f"{_name_with_value(group, match)} · {_fact_name(fact)}"
    return str(_fact_name(fact)) if group.subject == "company" else f"{_group_name(group)} · {_fact_name(fact)}"


def _find_fact(path: str, subject: str) -> tuple[re.Match[str] | None, FactGroup | None, Fact | None]:
    """The fact that a path names, with its group and the match; None where the path has another form."""
    match = _FILTER_PATH.fullmatch(path) or _FACT_PATH.fullmatch(path)
    group = _group(match["group"], subject) if match else None
    return match, group, group.facts.get(match["fact"]) if match and group else None


def value_with_unit(*, path: str, value: object, subject: str) -> str:
    """A value with the unit of its fact, if it is a number: 5,000,000 yuan, 7 people."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float):
        return value_in_words(path=path, value=value)
    # Evidence is kept as JSON, where a whole number may have become 5000000.0.
    said = value_in_words(path=path, value=int(value) if value == int(value) else value)
    fact = _find_fact(path, subject)[2]
    return f"{said} {unit_name(fact.unit, of=value)}" if fact and fact.unit else said


def value_in_words(*, path: str, value: object) -> str:
    """A value in words: yes or no, thousands separated, codes by their names, dates in the language's form."""
    if value is None:
        return _("not known")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return date_format(value)
    if isinstance(value, Decimal):
        return f"{value:,f}"
    if isinstance(value, int | float):
        return f"{value:,}"
    if not isinstance(value, str):
        return str(value)
    match = _FILTER_PATH.fullmatch(path) or _FACT_PATH.fullmatch(path)
    if match and (name := _value_name(match["group"], match["fact"], value)):
        return name
    day = _day(value)
    return date_format(day) if day else value


def _day(text: str) -> date | None:
    """The day that a text names; None for a text such as 2024-13-01, which only looks like a day."""
    try:
        return parse_date(text) if len(text) == ISO_DAY else None
    except ValueError:
        return None


def _name_with_value(group: FactGroup, match: re.Match[str]) -> str:
    if not match["by"]:
        return str(_group_name(group))
    value = _value_name(match["group"], match["by"], match["value"]) or match["value"]
    return _("%(register)s (%(value)s)") % {"register": _group_name(group), "value": value}


def _value_name(group: str, fact: str, value: str) -> str:
    """The name of a district's code or of a choice of a column; empty for any other value."""
    return choices_of(group=group, fact=fact).get(value, "")


def _first_group(path: str, subject: str) -> FactGroup | None:
    groups = (_group(word, subject) for word in re.findall(r"\w+", path))
    return next((group for group in groups if group), None)


def _group(name: str, subject: str) -> FactGroup | None:
    return catalogue_of(subject).groups.get(name)


def _group_name(group: FactGroup) -> Bilingual:
    return Bilingual(group.name_zh, group.name_en)


def _fact_name(fact: Fact) -> Bilingual:
    return Bilingual(fact.name_zh, fact.name_en)


@kept_by_revision
def _explain_path(path: str, subject: str) -> Bilingual:
    try:
        rule = check(path, catalogue=catalogue_of(subject))
    except FeelError:
        return Bilingual(path, path)
    return in_words(rule)
