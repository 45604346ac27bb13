"""Which facts a rule mentions, so that a decision can be stored with its evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from companies.datasets.catalogue import FactGroup
from policies.feel import terms
from policies.feel.terms import Expression, Term
from policies.feel.types.types import Type
from policies.feel.words.explain import write_canonical


@dataclass(frozen=True, slots=True)
class Mention:
    """
    One thing about the subject that a rule looks at: a fact, the one value of a filtered list, or a count or sum.

    `text` is how the rule language writes it, with English identifiers. `group` is None for a bare value.
    """

    text: str
    type: Type
    group: FactGroup | None
    term: Term

    @property
    def dataset(self) -> str | None:
        """The dataset that says so."""
        return self.group.dataset if self.group else None

    @property
    def department(self) -> str | None:
        """The department that says so."""
        return self.group.department if self.group else None


def find_mentions(expression: Expression) -> tuple[Mention, ...]:
    """Everything a rule mentions, each once, in the order of the text."""
    found = {mention.text: mention for mention in _mentions_in(expression.node)}
    return tuple(found.values())


def _mentions_in(term: Term) -> Iterator[Mention]:
    group = _group_of(term)
    if group and not terms.free_scopes(term):
        yield Mention(write_canonical(term), term.type, group, term)
    elif isinstance(term, terms.GivenFact):
        yield Mention(write_canonical(term), term.type, None, term)
    for child in terms.children(term):
        yield from _mentions_in(child)


def _group_of(term: Term) -> FactGroup | None:
    """The group of a term that is one value about the subject."""
    if isinstance(term, terms.FactOf):
        return term.record.group if term.record.scope is None else None
    source = term.source if isinstance(term, terms.Aggregation | terms.Single) else None
    selection = source.selection if isinstance(source, terms.Projection | terms.Chain) else source
    if isinstance(selection, terms.Selection) and isinstance(selection.source, FactGroup):
        return selection.source
    return None
