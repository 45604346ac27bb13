"""Facts as people read them: a rule's paths in words, values with their units, departments by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from companies.datasets.departments import DEPARTMENTS
from companies.facts import catalogue
from companies.models import Ownership, Size, Standing
from policies.feel import FeelError, check, explained
from policies.subjects import SUBJECTS
from qinqing.kernel.text import Bilingual

UNNAMED = Bilingual("", "")
# Codes that have names of their own.
NAMED: dict[str, type[Size | Standing | Ownership]] = {
    "company.size": Size,
    "company.standing": Standing,
    "company.ownership": Ownership,
}
ISO_DAY = len("2020-01-31")


@dataclass(frozen=True, slots=True)
class ShownFact:
    """One fact behind a decision; `value` is written in the active language, `as_of_on` is None where unknown."""

    label: Bilingual
    value: str
    department: Bilingual
    as_of_on: date | None


@dataclass(frozen=True, slots=True)
class Named:
    """What a path of the rule language is called, and which dataset says so."""

    label: Bilingual
    dataset: str


def shown_facts(*, evidence: Mapping[str, Mapping[str, object]], subject: str) -> tuple[ShownFact, ...]:
    """The facts that an entitlement keeps as its evidence, in the order of the rules."""
    sources = evidence.get("sources", {})
    return tuple(_shown(path, value, sources, subject) for path, value in evidence.get("facts", {}).items())


def _shown(path: str, value: object, sources: Mapping[str, object], subject: str) -> ShownFact:
    named = named_path(path, subject)
    source = sources.get(named.dataset)
    told: Mapping[str, object] = source if isinstance(source, Mapping) else {}
    return ShownFact(
        label=named.label,
        value=value_in_words(path, value),
        department=DEPARTMENTS.get(str(told.get("department")), UNNAMED),
        as_of_on=parse_date(str(told.get("as_of") or "")),
    )


def value_in_words(path: str, value: object) -> str:
    """A value as people write it: yes and no, thousands apart, dates in the active language's way."""
    if value is None:
        return _("not known")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if not isinstance(value, str):
        return f"{value:,}"
    if path in NAMED and value in NAMED[path].values:
        return str(NAMED[path](value).label)
    day = parse_date(value) if len(value) == ISO_DAY else None
    return date_format(day) if day else value


@lru_cache(maxsize=1024)
def named_path(path: str, subject: str) -> Named:
    """The words for a path of the rule language; the path itself where it does not check any more."""
    known = catalogue(item=SUBJECTS[subject].item)
    groups = (known.groups[word] for word in re.findall(r"\w+", path) if word in known.groups)
    dataset = next((group.dataset for group in groups), "")
    try:
        rule = check(path, catalogue=known)
    except FeelError:
        return Named(Bilingual(path, path), dataset)
    return Named(Bilingual(explained(rule, language="zh"), explained(rule, language="en")), dataset)
