"""Whether a new day changes decisions of a version, although no department has delivered anything."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from django.core.cache import cache

from companies.models import CompanyDistrict
from policies.feel.terms import AsOf, ParameterOn, Term, children
from policies.models import PolicyVersion
from policies.rules.rules import TEXTS, RuleRefused, checked_rules_of

# Matching asks every second. A move to another district is recorded before its day, so the answer keeps this long.
MOVES_SECONDS = 600


def may_decide_otherwise(*, version: PolicyVersion, since: dt.date, until: dt.date) -> bool:
    """
    Whether the version, decided on the day `since`, may decide otherwise on the day `until`.

    A version with a fixed as-of day never does. Another may if a rule reads the day, if a value of a parameter begins
    between the two days, or if a firm has moved to another district. Delivered facts need no look here: the companies
    that a delivery touches are decided with it.
    """
    if version.as_of_on is not None or since >= until:
        return False
    return _has_moves(since, until) or _rules_change(version.pk, version.content_hash, since, until)


def _has_moves(since: dt.date, until: dt.date) -> bool:
    moves = CompanyDistrict.objects.filter(valid_from__gt=since, valid_from__lte=until)
    return bool(cache.get_or_set(f"district-moves-{since}-{until}", moves.exists, MOVES_SECONDS))


@lru_cache(maxsize=1024)
def _rules_change(version_id: int, _content_hash: str, since: dt.date, until: dt.date) -> bool:
    version = PolicyVersion.objects.prefetch_related(*TEXTS).get(pk=version_id)
    try:
        rules = checked_rules_of(version)
    except RuleRefused:
        # There was a run, and it has set the version aside with this reason.
        return False
    return any(_looks_at_days(rule.node, since, until) for rule in rules.all_rules)


def _looks_at_days(term: Term, since: dt.date, until: dt.date) -> bool:
    if isinstance(term, AsOf):
        return True
    parts = list(children(term))
    if isinstance(term, ParameterOn) and isinstance(term.on, AsOf):
        if any(value.valid_from and since < value.valid_from <= until for value in term.parameter.values):
            return True
        parts = [part for part in parts if part is not term.on]
    return any(_looks_at_days(part, since, until) for part in parts)
