"""Entitlements as the firm's page and the list of firms read them, each with what keeps it from being claimed."""

# ruff: noqa: S608 - what is put into these statements are texts of our own.
from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from payouts.offers.claimable import (
    ACCOUNT,
    COMES_BY_ITSELF,
    CONDITIONS,
    IS_CLAIMABLE,
    OBSTACLE,
    RIGHTS,
    SHOWN,
    Obstacle,
    obstacle_of,
)
from payouts.offers.seats import Wanted
from qinqing.kernel.database.statements import fetched_as


@dataclass(frozen=True, slots=True)
class Right:
    """
    An entitlement of a company, which may be claimed unless there is an obstacle.

    Beside the obstacle, which is the first of several: whether there is an account, and whether its pool is undivided.
    """

    id: int
    company_id: int
    policy_id: int
    version_id: int
    subject_key: str
    period_key: str
    amount_cny: Decimal
    payee_code: str
    person: str | None
    id_number_masked: str | None
    has_account: bool
    comes_by_itself: bool
    is_undivided: bool
    obstacle: Obstacle | None

    @property
    def is_offered(self) -> bool:
        """Whether the page offers it now; to a firm on the blacklist it does so without a button."""
        return self.obstacle is None or (self.obstacle is Obstacle.BLACKLISTED and self.has_account)

    @property
    def wanted(self) -> Wanted:
        """What it asks of stacking groups."""
        return Wanted(self.id, self.policy_id, self.amount_cny)


class Sums(NamedTuple):
    """What a click would bring a company before stacking groups, and whether an account of its own is all it lacks."""

    company_id: int
    claimable_cny: Decimal
    lacks_account: bool


def _right(*, obstacle: str | None, **columns: object) -> Right:
    return Right(obstacle=obstacle_of(obstacle), **columns)  # type: ignore[arg-type]


_COLUMNS = f"""
        SELECT e.id, e.company_id, e.policy_id, e.version_id, e.subject_key, e.period_key, e.amount_cny, e.payee_code,
            p.name AS person, p.id_number_masked, {ACCOUNT} IS NOT NULL AS has_account,
            {COMES_BY_ITSELF} AS comes_by_itself, {CONDITIONS[Obstacle.UNDIVIDED]} AS is_undivided,
            {OBSTACLE} AS obstacle
        FROM {RIGHTS}
        LEFT JOIN companies_employee p ON p.id = e.employee_id
"""


def shown_rights(*, company_id: int, on: date) -> list[Right]:
    """What the company's page shows on that day, by policy, version, and whether it comes by itself."""
    rights = fetched_as(
        _right,
        f"""
        {_COLUMNS} JOIN policies_policy y ON y.id = e.policy_id
        WHERE e.company_id = %(company)s AND e.status IN ('open', 'superseded')
        ORDER BY y.code, e.version_id, comes_by_itself, e.period_key, e.id
        """,
        company=company_id,
        today=on,
    )
    return [right for right in rights if right.obstacle is None or right.obstacle in SHOWN]


def claimable_rights(
    *,
    on: date,
    ids: Collection[int] | None = None,
    company_ids: Collection[int] | None = None,
    is_stacked: bool = False,
) -> list[Right]:
    """What may be claimed on that day: of these ids, or of these companies; `is_stacked`: of groups alone."""
    return fetched_as(
        _right,
        f"""
        {_COLUMNS}
        WHERE {"e.id = ANY(%(ids)s)" if company_ids is None else "e.company_id = ANY(%(companies)s)"}
            {"AND e.policy_id IN (SELECT policy_id FROM policies_stackingmember)" if is_stacked else ""}
            AND {IS_CLAIMABLE}
        ORDER BY e.id
        """,
        ids=list(ids or ()),
        companies=list(company_ids or ()),
        today=on,
    )


def sum_rights(*, company_ids: Sequence[int], on: date) -> list[Sums]:
    """For each of these companies that has something open, what a click would bring it on that day."""
    return fetched_as(
        Sums,
        f"""
        WITH right_ AS (
            SELECT e.company_id, e.amount_cny, v.payee, {COMES_BY_ITSELF} AS comes_by_itself, {OBSTACLE} AS obstacle
            FROM {RIGHTS} WHERE e.company_id = ANY(%(companies)s) AND e.status = 'open'
        )
        SELECT company_id,
            coalesce(sum(amount_cny) FILTER (WHERE obstacle IS NULL AND NOT comes_by_itself), 0) AS claimable_cny,
            bool_or(payee = 'company' AND obstacle = %(no_account)s) IS TRUE AS lacks_account
        FROM right_ GROUP BY company_id
        """,
        companies=list(company_ids),
        today=on,
        no_account=Obstacle.NO_ACCOUNT.value,
    )
