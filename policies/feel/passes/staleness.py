"""
Makes unknown what a stale dataset says, so that it never counts as “there is none”.

A null that a department delivered is an answer: `x = null` is true. A stale dataset says nothing, though both are NULL
in the engines. So this pass rewrites each term that would make an answer of a stale value, before either engine sees
it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from companies.datasets.catalogue import FactGroup
from policies.feel import terms
from policies.feel.passes.null_guards import find_scopes, is_item_of
from policies.feel.terms import Term
from policies.feel.types.types import FeelType, ListOf

_UNKNOWN = terms.Constant(FeelType.BOOLEAN, None)


def hide_stale(term: Term, stale: frozenset[str]) -> Term:
    """Make unknown every test for null and every filter that looks at a stale dataset."""
    if not stale:
        return term
    stale_parts = _stale_parts_of(term, stale)
    return _rewrite(term, stale_parts) if stale_parts.reads(term) else term


def reads_stale(term: Term, stale: frozenset[str]) -> bool:
    """Whether a term looks at one of the stale datasets."""
    return bool(stale) and _stale_parts_of(term, stale).reads(term)


def _stale_parts_of(term: Term, stale: frozenset[str]) -> _StaleParts:
    return _StaleParts(stale, find_scopes(term, _StaleParts(stale, set()).is_stale))


@dataclass(frozen=True, slots=True)
class _StaleParts:
    """The stale datasets, and the scopes whose items come from them."""

    stale: frozenset[str]
    scopes: set[int]

    def reads(self, term: Term) -> bool:
        """Whether a term looks at stale values."""
        return any(self.is_stale(part) for part in terms.walk(term))

    def is_stale(self, part: Term) -> bool:
        """Whether a part itself is a stale value."""
        if isinstance(part, terms.Record):
            return part.group.dataset in self.stale
        if isinstance(part, terms.Selection) and isinstance(part.source, FactGroup):
            return part.source.dataset in self.stale
        return is_item_of(part, self.scopes)


def _rewrite(term: Term, stale_parts: _StaleParts) -> Term:
    if _filters_by_stale(term, stale_parts):
        return terms.Constant(term.type, None)
    changed: dict[str, Any] = {
        name: _rewrite_each(getattr(term, name), stale_parts) for name in terms.fields_of(type(term))
    }
    again = replace(term, **changed) if changed else term
    if isinstance(term, terms.Choice) and isinstance(again, terms.Choice) and stale_parts.reads(term.condition):
        again = replace(again, poisons=True)
    needed = _parts_needed(term, again, stale_parts)
    if not needed:
        return again
    body = terms.Constant(FeelType.BOOLEAN, value=False) if isinstance(again, terms.IsNull) else again
    return terms.WhenKnown(term.type, needed, body)


def _rewrite_each(value: object, stale_parts: _StaleParts) -> object:
    if isinstance(value, tuple):
        return tuple(_rewrite_each(item, stale_parts) for item in value)
    return _rewrite(value, stale_parts) if isinstance(value, Term) else value


def _parts_needed(term: Term, again: Term, stale_parts: _StaleParts) -> tuple[Term, ...]:
    """The rewritten parts that a term needs: it would take their null for an answer."""
    if isinstance(term, terms.IsNull) and isinstance(again, terms.IsNull):
        return (again.operand,) if stale_parts.reads(term.operand) else ()
    if not (isinstance(term, terms.Call) and isinstance(again, terms.Call)):
        return ()
    names = [name for name, _ in term.function.parameters]
    arguments = zip(names, term.arguments, again.arguments, strict=True)
    takes_null = term.function.takes_null
    taken = [pair for name, old, new in arguments for pair in _parts_taken(old, new, takes_null=name in takes_null)]
    return tuple(new for old, new in taken if stale_parts.reads(old))


def _parts_taken(old: Term, new: Term, *, takes_null: bool) -> list[tuple[Term, Term]]:
    """The parts of an argument whose null a function takes for a value: itself, or the items of a written list."""
    if isinstance(old, terms.UniformList) and isinstance(new, terms.UniformList):
        return list(zip(old.items, new.items, strict=True))
    if isinstance(old.type, ListOf) and not isinstance(old, terms.Call):
        # Nobody sees from outside which items are stale; the pass has rewritten the items of a call already.
        return [(old, _UNKNOWN)]
    return [(old, new)] if takes_null else []


def _filters_by_stale(term: Term, stale_parts: _StaleParts) -> bool:
    """Whether a filter would leave out records because of stale values, as if the condition were false."""
    source = term.source if isinstance(term, terms.Aggregation | terms.Single) else term
    selection = source.selection if isinstance(source, terms.Projection | terms.Chain) else source
    return isinstance(selection, terms.Selection) and any(stale_parts.reads(each) for each in selection.conditions)
