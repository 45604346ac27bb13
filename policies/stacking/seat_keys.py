"""
Stacking in SQL: which seats entitlements take, and which entitlements are superseded or open again.

The view `policies_stackingplace` says which seats an entitlement takes, the view `policies_stackingterms` what the
rule of a group means. The claim, the portal, matching and the triggers of the database all read these two.
"""

# ruff: noqa: S608 - what is put into these statements are texts of our own.
from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import LiteralString, NamedTuple

from django.db import connection
from psycopg.sql import SQL, Composable, Literal

from companies.models import Company
from policies.models import Policy, StackingMember, StackingSeat
from policies.rules.company_set import CompanySet
from policies.stacking.allowances import SeatKey
from qinqing.kernel.database.prepared_statements import fetch_rows_by_size
from qinqing.kernel.database.statements import fetch_rows, first_column

# The view of the keys of the seats that entitlements take; see `policies/models/sql/policies_stackingplace.sql`.
SEAT_KEYS: LiteralString = "policies_stackingplace"

# The condition that the seat `s`, by the terms `g` of its group, leaves nothing for the entitlement `h`.
_NOTHING_LEFT: LiteralString = """(
    s.policies <> '{}' AND (
        s.is_exclusive AND h.policy_id <> ALL (s.policies)
        OR g.pays_difference AND h.policy_id <> ALL (s.policies) AND h.amount_cny <= s.total_cny
        OR s.total_cny >= g.cap_cny
    )
)"""

_TAKEN: LiteralString = f"""
    {SEAT_KEYS} h
    JOIN policies_stackingterms g ON g.group_id = h.group_id
    JOIN policies_stackingseat s
        ON (s.group_id, s.holder_key, s.period_key) = (h.group_id, h.holder_key, h.period_key)
"""


class EntitlementSeatKey(NamedTuple):
    """An entitlement and the key of one of its seats."""

    entitlement_id: int
    key: SeatKey


def find_seat_keys(*, entitlement_ids: Sequence[int]) -> list[EntitlementSeatKey]:
    """The keys of the seats that entitlements take when they are claimed; a policy without a group has none."""
    rows = fetch_rows(
        f"SELECT h.entitlement_id, h.group_id, h.holder_key, h.period_key FROM {SEAT_KEYS} h"
        " WHERE h.entitlement_id = ANY(%(ids)s) ORDER BY h.entitlement_id, h.group_id, h.holder_key",
        ids=list(entitlement_ids),
    )
    return [EntitlementSeatKey(entitlement, SeatKey(*key)) for entitlement, *key in rows]


def stacked_entitlement_ids(*, entitlement_ids: Sequence[int]) -> frozenset[int]:
    """The ids of those entitlements whose policy is in a stacking group that restricts something."""
    return frozenset(
        entitlement
        for (entitlement,) in fetch_rows_by_size(
            """
            SELECT e.id FROM policies_entitlement e WHERE e.id = ANY(%(ids)s) AND e.policy_id IN (
                SELECT m.policy_id FROM policies_stackingmember m
                JOIN policies_stackinggroup g ON g.id = m.group_id AND g.rule <> 'may_coexist'
            )
            """,
            ids=list(entitlement_ids),
        )
    )


def find_rivals(*, entitlement_ids: Sequence[int], status: str = "open") -> list[int]:
    """The ids of other entitlements, in this status, that compete for a seat of these."""
    return first_column(
        f"""
        WITH asked AS MATERIALIZED (
            SELECT a.group_id, a.holder_key, a.period_key, g.holder, e.company_id, e.subject_key,
                coalesce(e.persons, ARRAY[e.employee_id]) AS persons
            FROM {SEAT_KEYS} a
            JOIN policies_entitlement e ON e.id = a.entitlement_id
            JOIN policies_stackinggroup g ON g.id = a.group_id
            WHERE a.entitlement_id = ANY(%(ids)s)
        ), candidates AS (
            SELECT c.id FROM asked a JOIN policies_entitlement c ON c.company_id = a.company_id
                WHERE a.holder = 'company' AND c.status = %(status)s
            UNION SELECT c.id FROM asked a JOIN companies_employee p ON p.id = ANY(a.persons)
                JOIN policies_entitlement c ON c.employee_id IN (p.id, p.spouse_id)
                WHERE a.holder = 'person' AND c.status = %(status)s
            UNION SELECT c.id FROM asked a JOIN policies_stackingmember m ON m.group_id = a.group_id
                JOIN policies_entitlement c ON c.policy_id = m.policy_id AND c.subject_key = a.subject_key
                WHERE a.holder = 'subject' AND c.status = %(status)s
        )
        SELECT DISTINCT r.entitlement_id
        FROM {SEAT_KEYS} r
        JOIN asked a ON (r.group_id, r.holder_key, r.period_key) = (a.group_id, a.holder_key, a.period_key)
        -- An array is looked up by its ids; a join would compute the seat keys of the whole city.
        WHERE r.entitlement_id = ANY(ARRAY(SELECT id FROM candidates)) AND r.entitlement_id <> ALL(%(ids)s)
        """,
        ids=list(entitlement_ids),
        status=status,
    )


def superseded_by(*, company: Company, policy: Policy) -> tuple[Policy, ...]:
    """The policies, by code, whose claims supersede a company's entitlements of this policy."""
    ids = first_column(
        f"""
        SELECT DISTINCT unnest(s.policies) FROM {_TAKEN}
        WHERE h.company_id = %(company)s AND h.policy_id = %(policy)s AND h.status = 'superseded'
        """,
        company=company.pk,
        policy=policy.pk,
    )
    return tuple(Policy.objects.filter(pk__in=ids).exclude(pk=policy.pk).order_by("code"))


def supersede(*, entitlement_ids: Sequence[int]) -> list[int]:
    """Mark the open entitlements superseded for which a seat leaves nothing; returns their ids."""
    return first_column(
        f"""
        UPDATE policies_entitlement SET status = 'superseded' WHERE status = 'open' AND id IN (
            SELECT h.entitlement_id FROM {_TAKEN} WHERE h.entitlement_id = ANY(%(ids)s) AND {_NOTHING_LEFT}
        ) RETURNING id
        """,
        ids=list(entitlement_ids),
    )


def supersede_decided(*, policy_ids: Collection[int], companies: CompanySet) -> int:
    """Mark what matching has just decided about some companies, if a seat leaves nothing; returns how many."""
    return _change_status(
        SQL(
            "UPDATE policies_entitlement SET status = 'superseded' WHERE status = 'open' AND id IN ("
            " SELECT h.entitlement_id FROM {taken} WHERE h.policy_id = ANY({policies}) AND h.status = 'open'"
            " AND {companies} AND {nothing_left})"
        ),
        policy_ids,
        companies(SQL("h.company_id")),
    )


def reopen_unsuperseded(*, policy_ids: Collection[int], companies: CompanySet) -> int:
    """
    Open the entitlements that are no longer superseded, as after a cap was raised; returns how many.

    Matching passes superseded entitlements over, so the caller decides these right afterwards.
    """
    return _change_status(
        SQL(
            "UPDATE policies_entitlement AS e SET status = 'open' WHERE e.status = 'superseded'"
            " AND e.policy_id = ANY({policies}) AND {companies} AND NOT EXISTS ("
            " SELECT FROM {taken} WHERE h.entitlement_id = e.id AND {nothing_left})"
        ),
        policy_ids,
        companies(SQL("e.company_id")),
    )


def has_stacked_claims() -> bool:
    """Whether anything was ever claimed under a group; otherwise nothing is superseded."""
    return StackingSeat.objects.exists()


def _change_status(statement: SQL, policy_ids: Collection[int], companies: Composable) -> int:
    composed = statement.format(
        taken=_as_sql(_TAKEN),
        nothing_left=_as_sql(_NOTHING_LEFT),
        policies=Literal(sorted(policy_ids)),
        companies=companies,
    )
    with connection.cursor() as cursor:
        cursor.execute(composed.as_string(cursor.connection))
        return int(cursor.rowcount)


def _as_sql(text: LiteralString) -> Composable:
    # The braces in the text are an empty array of PostgreSQL, no places for values.
    return SQL(text.replace("{", "{{").replace("}", "}}")).format()


def free_superseded(*, entitlement_ids: Sequence[int]) -> frozenset[int]:
    """
    Open what these entitlements superseded before their payouts were cancelled, unless another seat supersedes it.

    Returns the ids of the companies. Matching passes superseded entitlements over, so the caller decides these anew.
    """
    waiting = find_rivals(entitlement_ids=entitlement_ids, status="superseded")
    reopened = first_column(
        f"""
        UPDATE policies_entitlement SET status = 'open' WHERE status = 'superseded' AND id = ANY(%(ids)s)
            AND id NOT IN (
                SELECT h.entitlement_id FROM {_TAKEN} WHERE h.entitlement_id = ANY(%(ids)s) AND {_NOTHING_LEFT}
            )
        RETURNING company_id
        """,
        ids=waiting,
    )
    return frozenset(reopened)


def policies_stacked_with(*, policy_ids: Collection[int]) -> frozenset[int]:
    """The ids of these policies, and of all policies in a stacking group with one of them."""
    groups = StackingMember.objects.filter(policy__in=policy_ids).values("group")
    beside = StackingMember.objects.filter(group__in=groups).values_list("policy", flat=True)
    return frozenset(policy_ids) | frozenset(beside)
