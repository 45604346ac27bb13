"""The words that a rule may use, for the officer who writes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from companies.contracts.departments import departments
from companies.contracts.facts import catalogue
from companies.datasets.catalogue import Absence, Catalogue, Fact, FactGroup, unit_name
from companies.firms.queries import freshness
from policies.editor.coverage import NOTHING_KNOWN, Coverage, coverage
from policies.explain.value_names import choices_of
from policies.feel.types.types import FACT_TYPES, words
from policies.models import NamedClause, PolicyVersion, subject_choices
from policies.subjects import known_subjects
from qinqing.kernel.text import Bilingual

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# The mark of the cursor in a text that is inserted.
CURSOR = "▮"


@dataclass(frozen=True, slots=True)
class WordShown:
    """
    One fact: `path` is how a rule writes it, `path_zh` the same with Chinese names; `insert` and `insert_zh` are the
    forms with which one begins. `percent` of the subjects have it, None where that is not known. `choices` pair the
    codes it may have, as a rule writes them, with their names.
    """

    path: str
    path_zh: str
    insert: str
    insert_zh: str
    name: Bilingual
    type: Bilingual
    unit: Bilingual
    percent: int | None
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WordGroup:
    """
    The facts of one dataset.

    `is_complete`: no record means there is nothing. `freshness_days` is None for what never goes stale; `subjects`
    are the kinds of policy that may use the group, empty for all. `percent` of the firms (or people) have a record.
    """

    name: Bilingual
    department: Bilingual
    is_list: bool
    is_complete: bool
    freshness_days: int | None
    delivered_on: dt.date | None
    subjects: tuple[StrOrPromise, ...]
    percent: int | None
    words: tuple[WordShown, ...]


@dataclass(frozen=True, slots=True)
class NameShown:
    """A name that a version defines, or the library of named clauses."""

    name: str
    name_zh: str
    says: Bilingual


def vocabulary() -> tuple[WordGroup, ...]:
    """All facts by dataset: first those that every policy may use, then those of one kind of subject."""
    delivered_on, covered, kinds = freshness(), coverage(), known_subjects()
    catalogues: dict[str, Catalogue] = {rows.item: catalogue(item=rows.item) for rows in kinds.values()}
    shared = catalogues[""].groups
    groups = [_group(group, (), delivered_on, covered) for group in shared.values()]
    for item, known in catalogues.items():
        subjects = tuple(label for subject, label in subject_choices() if kinds[subject].item == item)
        own = [group for name, group in known.groups.items() if name not in shared]
        groups += [_group(group, subjects, delivered_on, covered) for group in own]
    return tuple(groups)


def names_for(*, version: PolicyVersion | None) -> tuple[NameShown, ...]:
    """The names that a rule of the version may call: its parameters and tables, and the library's named clauses."""
    library = [NameShown(one.name, one.name_zh, one.title) for one in NamedClause.objects.order_by("name")]
    if version is None or version.pk is None:
        return tuple(library)
    parameters, tables = version.parameters.order_by("name"), version.tables.order_by("name")
    own = [NameShown(one.name, one.name_zh, Bilingual(one.name_zh, one.name_en)) for one in parameters]
    own += [NameShown(one.name, one.name_zh, Bilingual(one.name_zh, one.name_en)) for one in tables]
    return (*own, *library)


def _group(
    group: FactGroup,
    subjects: tuple[StrOrPromise, ...],
    delivered_on: Mapping[str, dt.date],
    covered: Mapping[str, Coverage],
) -> WordGroup:
    known = covered.get(group.relation, NOTHING_KNOWN)
    return WordGroup(
        name=Bilingual(group.name_zh, group.name_en),
        department=departments()[group.department],
        is_list=group.is_list,
        is_complete=group.absence is Absence.NONE,
        freshness_days=group.freshness_days,
        delivered_on=delivered_on.get(group.dataset),
        subjects=subjects,
        percent=known.percent,
        words=tuple(_word(group, fact, known.facts.get(name)) for name, fact in group.facts.items()),
    )


def _word(group: FactGroup, fact: Fact, percent: int | None) -> WordShown:
    return WordShown(
        path=path_of(group, fact),
        path_zh=path_of(group, fact, is_chinese=True),
        insert=opening_text(group, fact),
        insert_zh=opening_text(group, fact, is_chinese=True),
        name=Bilingual(fact.name_zh, fact.name_en),
        type=_type(fact),
        unit=unit_name(fact.unit),
        percent=percent,
        choices=tuple((f'"{code}"', name) for code, name in choices_of(group=group.name, fact=fact.name).items()),
    )


def path_of(group: FactGroup, fact: Fact, *, is_chinese: bool = False) -> str:
    """The path of a fact in a rule."""
    return f"{group.name_zh}.{fact.name_zh}" if is_chinese else f"{group.name}.{fact.name}"


def opening_text(group: FactGroup, fact: Fact, *, is_chinese: bool = False) -> str:
    """The text that is inserted for a fact; for a fact of a list it begins with the filter that picks one record."""
    if not group.is_list:
        return path_of(group, fact, is_chinese=is_chinese)
    name = "name_zh" if is_chinese else "name"
    return f"{getattr(group, name)}[{_chooser(group, name)}].{getattr(fact, name)}"


def _type(fact: Fact) -> Bilingual:
    english, chinese = words(FACT_TYPES[fact.type])
    return Bilingual(chinese, english.removeprefix("a "))


def _chooser(group: FactGroup, name: str) -> str:
    """The filter that picks one record of a list, without its values."""
    keys = [fact for fact in group.facts.values() if fact.name in group.key]
    return f"{getattr(keys[0], name)} = {CURSOR}" if len(keys) == 1 else CURSOR
