"""Policies with rules, written through the operations, and their matching."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count
from typing import Any

from policies.authoring import publish
from policies.authoring.draft import VersionFields, create_policy, draft_version
from policies.authoring.parts import ClauseText
from policies.authoring.review import submit_version
from policies.matching.run import match_due
from policies.models import Breaker, Entitlement, Policy, PolicyVersion
from tests.factories.clock import NOW, TODAY
from tests.factories.people import make_officer
from tests.superuser import unguarded

_serials = count(1)


def make_policy(code: str = "") -> Policy:
    """A policy without a version."""
    return create_policy(
        code=code or f"T-{next(_serials)}",
        title_zh="试验政策",
        title_en="A trial",
        summary_zh="",
        summary_en="",
        department="finance",
    )


def make_draft(*clauses: str, policy: Policy | None = None, amount: str = "100", **fields: object) -> PolicyVersion:
    """A draft with these conditions, written by the officer "writer"; without `policy`, of a new policy."""
    usual: VersionFields = {"opens_on": TODAY, "granted_cny": Decimal(1_000_000), "amount_feel": amount}
    return draft_version(
        policy=policy or make_policy(),
        clauses=[ClauseText(f"条件{place}", f"Condition {place}", text) for place, text in enumerate(clauses, start=1)],
        **({"actor": make_officer("writer")} | usual | fields),
    )


def make_submitted(*clauses: str, now: dt.datetime = NOW, **fields: object) -> PolicyVersion:
    """A version that its writer has submitted."""
    return submit_version(version=make_draft(*clauses, **fields), actor=make_officer("writer"), now=now)


def make_published(*clauses: str, now: dt.datetime = NOW, **fields: object) -> PolicyVersion:
    """A version in force that is not matched yet."""
    return publish_version(make_submitted(*clauses, now=now, **fields), now=now)


def publish_version(
    version: PolicyVersion, *, now: dt.datetime = NOW, replaces: PolicyVersion | None = None
) -> PolicyVersion:
    """Publish a submitted version, as the officer "reviewer"."""
    return publish.publish_version(version=version, actor=make_officer(), now=now, replaces=replaces)


def break_clauses(version: PolicyVersion) -> None:
    """Give a version a condition over a fact that does not exist, as after a release that removed the fact."""
    with unguarded("policies_clause"):
        version.clauses.update(feel="company.what_was_renamed = 1")


def break_amount(version: PolicyVersion) -> None:
    """Give a version an amount over a fact that does not exist, as after a release that removed the fact."""
    with unguarded("policies_policyversion"):
        PolicyVersion.objects.filter(pk=version.pk).update(amount_feel="company.what_was_renamed * 2")


def make_breaker(**terms: Any) -> Breaker:
    """A breaker with these terms, as if two officers had agreed on what of them is loose."""
    with unguarded("policies_breaker"):
        return Breaker.objects.create(**terms)


def match_all(*, now: dt.datetime = NOW, limit_companies: int = 1000) -> int:
    """Run matching until nothing is due; returns how many entitlements changed."""
    changed = 0
    while (decided := match_due(now=now, limit_companies=limit_companies)) is not None:
        changed += decided
    return changed


def entitlements_of(version: PolicyVersion) -> dict[str, tuple[Decimal, str]]:
    """Amount and status of each entitlement of the version's policy, by subject and period."""
    rows = Entitlement.objects.filter(policy_id=version.policy_id)
    return {
        " ".join(filter(None, (row.subject_key, row.period_key))): (row.amount_cny, row.status)
        for row in rows.order_by("pk")
    }
