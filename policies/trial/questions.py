"""The questions of the calculator: the facts that a policy's rules read, in words that anybody can answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from companies.contracts.departments import department_name
from companies.datasets.catalogue import Absence, Fact, FactGroup, FactType, unit_name
from policies.explain.value_names import choices_of
from policies.feel import terms
from policies.feel.terms import Term, walk
from policies.feel.types.values import format_number
from policies.models import PolicyVersion
from policies.rules.rules import CheckedRules, checked_rules_of
from qinqing.kernel.text import Bilingual

# The facts with their values, text or numbers, by which a rule picks one record of a list.
SelectingFacts = tuple[tuple[str, "str | Decimal"], ...]

MOST_ROWS = 12
KINDS = {FactType.NUMBER: "number", FactType.BOOLEAN: "boolean", FactType.DATE: "date"}


@dataclass(frozen=True, slots=True)
class Question:
    """One fact to ask for: `kind` is number, boolean, date, choice or text; `choices` pairs codes with names."""

    fact: str
    label: Bilingual
    kind: str
    unit: Bilingual
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class RecordQuestion:
    """One record to ask for: `given` are the facts by which the rules pick it, `label` says them in words."""

    label: Bilingual
    given: SelectingFacts


@dataclass(frozen=True, slots=True)
class GroupQuestions:
    """
    The questions about one group of facts.

    `rows` are the records that the rules pick ("2024"); of a list without them a visitor may enter any number of
    records. `is_complete`: no record means that there is none.
    """

    name: str
    label: Bilingual
    department: Bilingual
    is_list: bool
    is_complete: bool
    rows: tuple[RecordQuestion, ...]
    questions: tuple[Question, ...]

    @property
    def is_open(self) -> bool:
        """Whether a visitor may add records."""
        return self.is_list and not self.rows


def questions(*, version: PolicyVersion) -> tuple[GroupQuestions, ...]:
    """
    The questions about everything that the rules of a version read, by group.

    Raises:
        RuleRefused: a rule does not check any more.
    """
    return tuple(_group_questions(*looked) for looked in groups_of(checked_rules_of(version)))


def groups_of(rules: CheckedRules) -> tuple[tuple[FactGroup, tuple[Fact, ...], tuple[SelectingFacts, ...]], ...]:
    """The groups that the rules read, with their facts and, where the rules pick records by a key, these records."""
    groups: dict[str, FactGroup] = {}
    facts: dict[str, dict[str, Fact]] = {}
    chosen: dict[str, list[SelectingFacts | None]] = {}
    for term in _terms(rules):
        if isinstance(term, terms.FactOf):
            group = term.record.group
            groups.setdefault(group.name, group)
            facts.setdefault(group.name, {})[term.fact.name] = term.fact
        if isinstance(term, terms.Selection) and isinstance(term.source, FactGroup):
            groups.setdefault(term.source.name, term.source)
            chosen.setdefault(term.source.name, []).append(_selecting_facts(term, term.source))
    found = []
    for name, group in groups.items():
        rows = chosen.get(name, [])
        told = tuple(dict.fromkeys(row for row in rows if row)) if rows and all(rows) else ()
        found.append((group, tuple(facts.get(name, {}).values()), told))
    return tuple(found)


def _terms(rules: CheckedRules) -> Iterator[Term]:
    for mention in rules.mentions:
        yield from walk(mention.term)


def _selecting_facts(selection: terms.Selection, group: FactGroup) -> SelectingFacts | None:
    """The key facts that a selection compares, if they pick one record; else None."""
    named: dict[str, str | Decimal] = {}
    for condition in selection.conditions:
        for part in _split_conjunction(condition):
            if (pair := _equal_to(part, selection.scope)) is not None:
                named[pair[0]] = pair[1]
    return tuple(sorted(named.items())) if group.key and group.key <= set(named) else None


def _split_conjunction(condition: Term) -> tuple[Term, ...]:
    if isinstance(condition, terms.Junction) and condition.symbol == "and":
        return condition.parts
    return (condition,)


def _equal_to(term: Term, scope: int) -> tuple[str, str | Decimal] | None:
    if not isinstance(term, terms.Comparison) or term.symbol != "=":
        return None
    fact, value = term.left, term.right
    if not isinstance(fact, terms.FactOf) or fact.record.scope != scope or not isinstance(value, terms.Constant):
        return None
    return (fact.fact.name, value.value) if isinstance(value.value, str | Decimal) else None


def _group_questions(group: FactGroup, facts: tuple[Fact, ...], rows: tuple[SelectingFacts, ...]) -> GroupQuestions:
    given = {fact for row in rows for fact, _value in row}
    # If the rules only count the records of a list, the form still asks for one fact of each record.
    asked = [fact for fact in facts if fact.name not in given] or list(group.facts.values())[: 0 if rows else 1]
    return GroupQuestions(
        name=group.name,
        label=Bilingual(group.name_zh, group.name_en),
        department=department_name(group.department),
        is_list=group.is_list,
        is_complete=group.absence is Absence.NONE,
        rows=tuple(RecordQuestion(_row_label(group, row), row) for row in rows),
        questions=tuple(_question(group, fact) for fact in asked),
    )


def _row_label(group: FactGroup, row: SelectingFacts) -> Bilingual:
    said = [_value_label(group, fact, value) for fact, value in row]
    return Bilingual("，".join(said), ", ".join(said))


def _value_label(group: FactGroup, fact: str, value: str | Decimal) -> str:
    written = value if isinstance(value, str) else format_number(value)
    return choices_of(group=group.name, fact=fact).get(written, written)


def _question(group: FactGroup, fact: Fact) -> Question:
    choices: Mapping[str, str] = choices_of(group=group.name, fact=fact.name) if fact.type is FactType.STRING else {}
    return Question(
        fact=fact.name,
        label=Bilingual(fact.name_zh, fact.name_en),
        kind="choice" if choices else KINDS.get(fact.type, "text"),
        unit=unit_name(fact.unit),
        choices=tuple(choices.items()),
    )
