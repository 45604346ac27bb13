"""
Rules whose datasets went stale: what a stale fact says is unknown, and never counts as “there is none”.

A null that a department told is an answer: `x = null` is true. A stale dataset tells nothing, though both are NULL in
the engines. So each term that would make an answer out of the second is rewritten before either engine sees it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from companies.datasets.catalogue import FactGroup
from policies.feel import terms
from policies.feel.choices import looks_through, scopes_of
from policies.feel.kinds import FeelType, ListOf
from policies.feel.terms import Term

_NOT_TOLD = terms.Constant(FeelType.BOOLEAN, None)


def only_told(term: Term, stale: frozenset[str]) -> Term:
    """The term, with every test for null, and every filter, that looks at a stale dataset made unknown."""
    if not stale:
        return term
    unsure = _unsure(term, stale)
    return _rewritten(term, unsure) if unsure.reads(term) else term


def looks_at(term: Term, stale: frozenset[str]) -> bool:
    """Whether a term looks at one of the stale datasets."""
    return bool(stale) and _unsure(term, stale).reads(term)


def _unsure(term: Term, stale: frozenset[str]) -> _Unsure:
    return _Unsure(stale, scopes_of(term, _Unsure(stale, set()).is_stale))


@dataclass(frozen=True, slots=True)
class _Unsure:
    """The stale datasets, and the scopes whose items were worked out from them."""

    stale: frozenset[str]
    scopes: set[int]

    def reads(self, term: Term) -> bool:
        """Whether a term looks at what is stale."""
        return any(self.is_stale(part) for part in terms.walk(term))

    def is_stale(self, part: Term) -> bool:
        """Whether this very part is stale."""
        if isinstance(part, terms.Record):
            return part.group.dataset in self.stale
        if isinstance(part, terms.Selection) and isinstance(part.source, FactGroup):
            return part.source.dataset in self.stale
        return looks_through(part, self.scopes)


def _rewritten(term: Term, unsure: _Unsure) -> Term:
    if _chooses_unsurely(term, unsure):
        return terms.Constant(term.type, None)
    changed: dict[str, Any] = {
        name: _each_rewritten(getattr(term, name), unsure) for name in terms.places_of(type(term))
    }
    again = replace(term, **changed) if changed else term
    if isinstance(term, terms.Choice) and isinstance(again, terms.Choice) and unsure.reads(term.condition):
        again = replace(again, poisons=True)
    needed = _needed(term, again, unsure)
    if not needed:
        return again
    body = terms.Constant(FeelType.BOOLEAN, value=False) if isinstance(again, terms.IsNull) else again
    return terms.WhenTold(term.type, needed, body)


def _each_rewritten(value: object, unsure: _Unsure) -> object:
    if isinstance(value, tuple):
        return tuple(_each_rewritten(item, unsure) for item in value)
    return _rewritten(value, unsure) if isinstance(value, Term) else value


def _needed(term: Term, again: Term, unsure: _Unsure) -> tuple[Term, ...]:
    """The rewritten parts of a term without which it has no answer: it would take their null for a word."""
    if isinstance(term, terms.IsNull) and isinstance(again, terms.IsNull):
        return (again.operand,) if unsure.reads(term.operand) else ()
    if not (isinstance(term, terms.Call) and isinstance(again, terms.Call)):
        return ()
    names = [name for name, _ in term.function.parameters]
    arguments = zip(names, term.arguments, again.arguments, strict=True)
    takes_null = term.function.takes_null
    taken = [pair for name, old, new in arguments for pair in _taken(old, new, takes_null=name in takes_null)]
    return tuple(new for old, new in taken if unsure.reads(old))


def _taken(old: Term, new: Term, *, takes_null: bool) -> list[tuple[Term, Term]]:
    """The parts of an argument whose null a function takes for a value: itself, or the items of a written list."""
    if isinstance(old, terms.Listing) and isinstance(new, terms.Listing):
        return list(zip(old.items, new.items, strict=True))
    if isinstance(old.type, ListOf) and not isinstance(old, terms.Call):
        # Which of its items are unsure cannot be told from outside; the items of a call were looked at as its own.
        return [(old, _NOT_TOLD)]
    return [(old, new)] if takes_null else []


def _chooses_unsurely(term: Term, unsure: _Unsure) -> bool:
    """Whether a filter would leave out what it knows nothing about, as if it were known to be out."""
    source = term.source if isinstance(term, terms.Aggregation | terms.Single) else term
    selection = source.selection if isinstance(source, terms.Projection | terms.Chain) else source
    return isinstance(selection, terms.Selection) and any(unsure.reads(each) for each in selection.conditions)
