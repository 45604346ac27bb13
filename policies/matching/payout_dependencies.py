"""Which past payouts the rules of a version read, so that other payouts cause no decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from companies.contracts.own import RECEIVED
from companies.datasets.catalogue import FactGroup
from policies.feel.terms import Comparison, Constant, FactOf, Junction, OneOf, Selection, Term, walk
from policies.models import PolicyVersion
from policies.rules.rules import CheckedRules, RuleRefused, checked_rules_of


def versions_reading(
    *, news: Iterable[tuple[int, str | None]], versions: Sequence[PolicyVersion]
) -> dict[frozenset[int], list[PolicyVersion]]:
    """
    The versions that read the news, by the companies that they have to decide again.

    News are ids of companies, each with the code of the policy whose payout it is about; None stands for other news.
    """
    found: dict[frozenset[int], list[PolicyVersion]] = defaultdict(list)
    news = list(news)
    for version in versions:
        read = _policies_read_by(version)
        companies = frozenset(company for company, code in news if code is None or read is None or code in read)
        if companies:
            found[companies].append(version)
    return found


def _policies_read_by(version: PolicyVersion) -> frozenset[str] | None:
    try:
        return policies_read(checked_rules_of(version))
    except RuleRefused:
        # It may read anything; the decision sets the version aside and says why.
        return None


def policies_read(rules: CheckedRules) -> frozenset[str] | None:
    """
    The codes of the policies whose payouts the rules read; None if they may read the payouts of any policy.

    `received[policy = "P-24" and period < "2023"]` reads the payouts of one policy.
    """
    parts = [part for rule in rules.all_rules for part in walk(rule.node) if isinstance(part, Selection)]
    named = [
        _codes_selected(part) for part in parts if isinstance(part.source, FactGroup) and _is_received(part.source)
    ]
    if any(codes is None for codes in named):
        return None
    return frozenset(code for codes in named if codes for code in codes)


def _is_received(group: FactGroup) -> bool:
    return group.dataset == RECEIVED.name


def _codes_selected(selection: Selection) -> frozenset[str] | None:
    """The codes of the policies that a filter can let through; None if it can let any through."""
    conditions = [part for condition in selection.conditions for part in _conjuncts(condition)]
    found = [codes for codes in (_codes(condition, selection.scope) for condition in conditions) if codes is not None]
    return min(found, key=len) if found else None


def _conjuncts(condition: Term) -> tuple[Term, ...]:
    if isinstance(condition, Junction) and condition.symbol == "and":
        return tuple(part for each in condition.parts for part in _conjuncts(each))
    return (condition,)


def _codes(condition: Term, scope: int) -> frozenset[str] | None:
    if isinstance(condition, OneOf) and _is_policy(condition.operand, scope):
        return _constant_codes(condition.options)
    if isinstance(condition, Comparison) and condition.symbol == "=":
        for side, other in ((condition.left, condition.right), (condition.right, condition.left)):
            if _is_policy(side, scope):
                return _constant_codes((other,))
    return None


def _is_policy(term: Term, scope: int) -> bool:
    return isinstance(term, FactOf) and term.fact.name == "policy" and term.record.scope == scope


def _constant_codes(terms: tuple[Term, ...]) -> frozenset[str] | None:
    values = [term.value for term in terms if isinstance(term, Constant)]
    return frozenset(map(str, values)) if len(values) == len(terms) else None
