"""Finds out whether a filter picks at most one record, by the key of the department's records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from companies.datasets.catalogue import FactGroup
from policies.feel import terms
from policies.feel.terms import Term


def picks_one_record(group: FactGroup, conditions: Sequence[Term], scope: int) -> bool:
    """Whether conditions on the record of a scope are true for at most one of a subject's records."""
    pinned = {name for condition in conditions for name in _pinned_facts(condition, scope)}
    return bool(group.key) and group.key <= pinned


def _pinned_facts(condition: Term, scope: int) -> Iterator[str]:
    """The facts of a record that must equal something for a condition to be true."""
    if isinstance(condition, terms.Junction) and condition.symbol == "and":
        for part in condition.parts:
            yield from _pinned_facts(part, scope)
    elif isinstance(condition, terms.Comparison) and condition.symbol == "=":
        sides = (condition.left, condition.right), (condition.right, condition.left)
        for fact, other in sides:
            is_own = isinstance(fact, terms.FactOf) and fact.record.scope == scope
            if is_own and scope not in terms.free_scopes(other):
                assert isinstance(fact, terms.FactOf)
                yield fact.fact.name
