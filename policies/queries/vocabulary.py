"""The words a rule may use, for the officer who writes one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from companies.catalogue import Absence, Catalogue, Fact, FactGroup
from companies.datasets.departments import DEPARTMENTS
from companies.facts import catalogue
from companies.queries import freshness
from policies.models import Subject
from policies.subjects import SUBJECTS
from qinqing.kernel.text import Bilingual


@dataclass(frozen=True, slots=True)
class WordShown:
    """One fact: `path` is how a rule writes it, `path_zh` the same with Chinese names."""

    path: str
    path_zh: str
    name: Bilingual
    type: str
    unit: str


@dataclass(frozen=True, slots=True)
class WordGroup:
    """
    The facts of one dataset.

    `is_complete`: no record means there is nothing. `freshness_days` is None for what never goes stale; `subjects`
    are the kinds of policy that may use the group, empty for all.
    """

    name: Bilingual
    department: Bilingual
    is_list: bool
    is_complete: bool
    freshness_days: int | None
    delivered_on: dt.date | None
    subjects: tuple[Subject, ...]
    words: tuple[WordShown, ...]


def vocabulary() -> tuple[WordGroup, ...]:
    """All facts by dataset: first those of every policy, then those of one kind alone."""
    delivered_on = freshness()
    catalogues: dict[str, Catalogue] = {rows.item: catalogue(item=rows.item) for rows in SUBJECTS.values()}
    shared = catalogues[""].groups
    groups = [_group(group, (), delivered_on.get(group.dataset)) for group in shared.values()]
    for item, known in catalogues.items():
        subjects = tuple(subject for subject in Subject if SUBJECTS[subject].item == item)
        own = [group for name, group in known.groups.items() if name not in shared]
        groups += [_group(group, subjects, delivered_on.get(group.dataset)) for group in own]
    return tuple(groups)


def _group(group: FactGroup, subjects: tuple[Subject, ...], delivered_on: dt.date | None) -> WordGroup:
    return WordGroup(
        name=Bilingual(group.name_zh, group.name_en),
        department=DEPARTMENTS[group.department],
        is_list=group.is_list,
        is_complete=group.absence is Absence.NONE,
        freshness_days=group.freshness_days,
        delivered_on=delivered_on,
        subjects=subjects,
        words=tuple(_word(group, fact) for fact in group.facts.values()),
    )


def _word(group: FactGroup, fact: Fact) -> WordShown:
    return WordShown(
        path=f"{group.name}.{fact.name}",
        path_zh=f"{group.name_zh}.{fact.name_zh}",
        name=Bilingual(fact.name_zh, fact.name_en),
        type=fact.type.value,
        unit=fact.unit,
    )
