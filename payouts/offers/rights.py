"""Entitlements for the firm's page and the list of firms, each with the obstacle to claiming it."""

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
from payouts.offers.seats import SeatRequest
from qinqing.kernel.database.statements import fetch_rows_as


@dataclass(frozen=True, slots=True)
class Right:
    """
    An entitlement of a company; it can be claimed if it has no obstacle.

    `obstacle` is the first of several, so the account and the division of the pool have columns of their own.
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
        """Whether the page offers the entitlement now; a firm on the blacklist sees it without a button."""
        return self.obstacle is None or (self.obstacle is Obstacle.BLACKLISTED and self.has_account)

    @property
    def seat_request(self) -> SeatRequest:
        """The request for seats in stacking groups."""
        return SeatRequest(self.id, self.policy_id, self.amount_cny)


class ClickSums(NamedTuple):
    """The sum of a company's click before stacking groups, and whether only an account of its own is missing."""

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


def find_shown_rights(*, company_id: int, on: date) -> list[Right]:
    """Find what the company's page shows on that day, ordered by policy, version, and automatic track."""
    rights = fetch_rows_as(
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


def find_claimable_rights(
    *,
    on: date,
    ids: Collection[int] | None = None,
    company_ids: Collection[int] | None = None,
    is_stacked: bool = False,
) -> list[Right]:
    """Find what can be claimed on that day, of these ids or companies; `is_stacked` selects stacked ones alone."""
    return fetch_rows_as(
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


def sum_rights(*, company_ids: Sequence[int], on: date) -> list[ClickSums]:
    """Sum for each of these companies with open entitlements what a click brings on that day."""
    return fetch_rows_as(
        ClickSums,
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
