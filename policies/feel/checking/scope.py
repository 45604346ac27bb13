"""Resolves names: what a name means depends on the filters and loops around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Protocol

from companies.datasets.catalogue import Catalogue, Fact, FactGroup
from policies.feel import terms
from policies.feel.functions.registry import find_built_in
from policies.feel.messages.errors import FeelError, Span
from policies.feel.syntax import nodes
from policies.feel.syntax.hints import WORDS, suggest_phrase
from policies.feel.syntax.naming import Named, find_named
from policies.feel.terms import Term
from policies.feel.types.types import FACT_TYPES, ListOf, RecordOf, RecordsOf, Type

PATHS_SHOWN = 3


class Expander(Protocol):
    """What a rule may call by name beside the facts."""

    def expand_name(self, name: nodes.Name) -> Term | None:
        """What a bare name stands for, if it is defined."""

    def expand_call(self, node: nodes.Invocation, scope: Scope) -> Term | None:
        """What a name with arguments stands for, if it is defined."""

    def names(self) -> list[str]:
        """All defined names."""


@dataclass(frozen=True, slots=True)
class Frame:
    """
    The names that one filter or loop adds.

    `item` is what it looks at; the facts of a record item are visible by their bare names when `is_filter`.
    """

    name: str
    item: Term
    is_filter: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """The catalogue and the frames around one place, innermost last."""

    catalogue: Catalogue
    frames: tuple[Frame, ...] = field(default=())
    defined: Expander | None = None

    def with_frame(self, frame: Frame) -> Scope:
        """This scope with one more frame."""
        return Scope(self.catalogue, (*self.frames, frame), self.defined)

    def resolve(self, name: nodes.Name) -> Term:
        """
        The term that a bare name stands for.

        Raises:
            FeelError: nothing has that name.
        """
        for frame in reversed(self.frames):
            if frame.name == name.text:
                return frame.item
            if frame.is_filter and isinstance(frame.item, terms.Record):
                fact = find_named(frame.item.group.facts, name.text)
                if fact:
                    return fact_of(frame.item, fact)
        return self._resolve_outermost(name)

    def find_local(self, name: str) -> Term | None:
        """A function that the rule itself has named."""
        return next((frame.item for frame in reversed(self.frames) if frame.name == name), None)

    def _resolve_outermost(self, name: nodes.Name) -> Term:
        group = find_named(self.catalogue.groups, name.text)
        if group:
            return _group_term(group)
        given = find_named(self.catalogue.values, name.text)
        if given:
            return terms.GivenFact(_type_of(given), given)
        defined = self.defined and self.defined.expand_name(name)
        if defined:
            return defined
        if name.text == "?":
            raise FeelError("unsupported", name.span, what="“?”")
        if find_built_in(name.text):
            raise FeelError("function_without_call", name.span, name=name.text)
        raise self._refuse_unknown(name)

    def _refuse_unknown(self, name: nodes.Name) -> FeelError:
        """The refusal of a bare name: a value's, a fact's that lacks its group, or a slip of the pen."""
        value = self._find_value_code(name.text)
        if value:
            return FeelError("value_by_name", name.span, name=name.text, value=value)
        paths = self._find_paths(name.text)
        # Inside a filter the officer means a fact of the filtered record that has nearly this name.
        if paths and not get_close_matches(name.text, self._filtered_names(), n=1, cutoff=0.5):
            return FeelError("fact_without_group", name.span, name=name.text, paths=" / ".join(paths[:PATHS_SHOWN]))
        return unknown_name("unknown_name", name, self._filtered_names() if paths else self._visible_names())

    def _filtered_names(self) -> list[str]:
        """The facts that filters make visible by their bare names."""
        records = (frame.item for frame in self.frames if frame.is_filter and isinstance(frame.item, terms.Record))
        return [name for record in records for name in _names(record.group.facts)]

    def _find_value_code(self, name: str) -> str | None:
        """The value that people call by this name."""
        facts = (fact for group in self.catalogue.groups.values() for fact in group.facts.values())
        values = (each for fact in facts for each in fact.values)
        return next((code for code, *names in values if name in (code, *names)), None)

    def _find_paths(self, name: str) -> list[str]:
        """Where a fact of this name is, in the language of the name; those with one record for a subject first."""
        groups = sorted(self.catalogue.groups.values(), key=lambda group: group.is_list)
        return [
            f"{group.name if fact.name == name else group.name_zh}.{name}"
            for group in groups
            if (fact := find_named(group.facts, name))
        ]

    def _visible_names(self) -> list[str]:
        names = list(_names(self.catalogue.groups)) + list(_names(self.catalogue.values))
        names.extend(self.defined.names() if self.defined else ())
        return names + [frame.name for frame in self.frames] + self._filtered_names()


def unknown_name(code: str, name: nodes.Name, choices: Iterable[str], **params: object) -> FeelError:
    """The refusal of a name that does not exist, with the nearest one that does."""
    instead = suggest_phrase(name.text)
    if instead:
        return FeelError("write_instead", name.span, found=name.text, instead=instead)
    # “Size 属于” is read as one name of two words.
    last = name.text.rpartition(" ")[2]
    if last in WORDS:
        end = name.span.position + name.span.length
        return FeelError("write_instead", Span(end - len(last), len(last)), found=last, instead=WORDS[last])
    nearest = get_close_matches(name.text, list(choices), n=1, cutoff=0.5)
    if nearest:
        return FeelError(f"{code}_near", name.span, name=name.text, nearest=nearest[0], **params)
    return FeelError(code, name.span, name=name.text, **params)


def fact_of(record: terms.Record, fact: Fact) -> terms.FactOf:
    """A fact of a record, typed."""
    return terms.FactOf(_type_of(fact), record, fact)


def find_fact(record: terms.Record, name: nodes.Name) -> terms.FactOf:
    """
    The fact of a record with this name.

    Raises:
        FeelError: the record has no such fact.
    """
    group = record.group
    fact = find_named(group.facts, name.text)
    if fact is None:
        group_zh = group.name_zh or group.name
        raise unknown_name("unknown_fact", name, _names(group.facts), group=group.name, group_zh=group_zh)
    return fact_of(record, fact)


def _group_term(group: FactGroup) -> Term:
    if group.is_list:
        # The checker numbers the scope of each use.
        return terms.Selection(RecordsOf(group), 0, group, ())
    return terms.Record(RecordOf(group), None)


def _type_of(fact: Fact) -> Type:
    kind = FACT_TYPES[fact.type]
    return ListOf(kind) if fact.is_list else kind


def _names(things: Mapping[str, Named]) -> Iterable[str]:
    for thing in things.values():
        yield thing.name
        yield thing.name_zh


@dataclass(frozen=True, slots=True)
class Closure:
    """A function that a rule writes: its calls are replaced by its body, checked in the scope where it stands."""

    parameters: tuple[str, ...]
    body: nodes.Node
    scope: Scope

    def bind(self, arguments: Sequence[Term], names: Sequence[str] = ()) -> Scope:
        """The scope of the body with these arguments, given in the order of `names` or of the parameters."""
        inner = self.scope
        for name, term in zip(names or self.parameters, arguments, strict=True):
            inner = inner.with_frame(Frame(name, term, is_filter=False))
        return inner
