"""The entitlements that a claim asks for, locked, and what wants the same places of stacking groups."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import LiteralString, NamedTuple

from payouts.claims.insert import Opening
from payouts.claims.stacking_locks import lock_seats
from payouts.models.banks.attempts import IS_PAID_THOUGH_CANCELLED
from payouts.offers.seats import Wanted, allowed
from policies.models import EntitlementStatus, VersionStatus
from policies.stacking.allowances import Allowance
from policies.stacking.places import find_rivals
from qinqing.kernel.database.prepared_statements import fetched_by_size


class Asked(NamedTuple):
    """One entitlement as its row, its version and its payee stand; ids, and the amount before stacking groups."""

    entitlement: int
    company: int
    policy: int
    version: int
    status: str
    version_status: str
    opens_on: date
    closes_on: date | None
    has_commitment: bool
    amount_cny: Decimal
    account: int | None
    is_undivided: bool
    fund: int | None
    is_blacklisted: bool
    is_undecided: bool
    is_taken: bool
    is_paid: bool

    def is_open(self, today: date) -> bool:
        """Whether it could be claimed on that day."""
        return (
            (self.status, self.version_status) == (EntitlementStatus.OPEN, VersionStatus.PUBLISHED)
            and self.opens_on <= today
            and (self.closes_on is None or today <= self.closes_on)
            and self.account is not None
            and not self.is_undivided
            and not self.is_undecided
            and not self.is_taken
            and not self.is_paid
        )


@dataclass(frozen=True, slots=True)
class Held:
    """
    The rows of a claim, locked: what is asked for, and what wants the same places of stacking groups.

    `allowances` says by entitlement what each that is asked for and has an account is paid.
    """

    asked: list[Asked]
    rivals: list[Asked]
    allowances: dict[int, Allowance]
    is_stacked: bool

    @property
    def payable(self) -> list[Asked]:
        """What becomes payouts."""
        return [row for row in self.asked if row.entitlement in self.allowances and not self.excludes(row)]

    @property
    def excluded(self) -> list[Asked]:
        """What stacking groups leave nothing for."""
        return [row for row in self.asked if self.excludes(row)]

    @property
    def opening(self) -> list[Opening]:
        """The payouts that are to be opened, at what each is allowed."""
        amounts = {row.entitlement: self.allowances[row.entitlement].amount_cny for row in self.payable}
        return [Opening(row.entitlement, row.account, amounts[row.entitlement]) for row in self.payable]

    def excludes(self, row: Asked) -> bool:
        """Whether a stacking group leaves nothing for it."""
        return row.entitlement in self.allowances and self.allowances[row.entitlement].is_excluded


def locked(statement: LiteralString, entitlement_ids: Sequence[int], today: date) -> list[Asked]:
    """The entitlements of these ids by one of the statements below, locked in the order of their ids."""
    if not entitlement_ids:
        return []
    return [Asked(*row) for row in fetched_by_size(statement, ids=list(entitlement_ids), today=today)]


# The account in use of whoever the version pays. As joins: asked whether there is one of three kinds, PostgreSQL may
# walk over all accounts of the city for each entitlement.
ACCOUNTS: LiteralString = """
        LEFT JOIN companies_payeeaccount of_company
            ON v.payee = 'company' AND of_company.company_id = e.company_id AND of_company.is_active
        LEFT JOIN companies_payeeaccount of_employee
            ON v.payee = 'employee' AND of_employee.employee_id = e.employee_id AND of_employee.is_active
        LEFT JOIN companies_thirdparty t ON v.payee = 'third_party' AND t.code = e.payee_code
        LEFT JOIN companies_payeeaccount of_third ON of_third.third_party_id = t.id AND of_third.is_active
"""
# Deliveries came by that the version has not decided: what stands open under it may rest on old facts.
IS_UNDECIDED: LiteralString = """EXISTS (
                SELECT FROM policies_matchrun r WHERE r.version_id = v.id AND r.finished_at IS NULL AND r.holds_claims
            )"""
# One of a couple has claimed under another key, as before a wedding, while matching was deciding about them.
IS_TAKEN: LiteralString = """(e.persons IS NOT NULL AND EXISTS (
                SELECT FROM policies_claimedperson h WHERE h.policy_id = e.policy_id AND h.period_key = e.period_key
                AND h.person_id = ANY (e.persons)
            ))"""
# A payout of it that was cancelled was paid by the bank all the same: a new one would never be sent.
IS_PAID: LiteralString = IS_PAID_THOUGH_CANCELLED.format(right="e.id")
# Its firm broke a commitment, and may claim nothing on this day.
IS_BLACKLISTED: LiteralString = (
    "EXISTS (SELECT FROM payouts_blacklisted_on(%(today)s::date) l WHERE l.company_id = e.company_id)"
)
# Nobody can say yet what it pays.
IS_UNDIVIDED: LiteralString = (
    "(v.pool = 'proportional' AND NOT EXISTS (SELECT FROM policies_pooldivision d WHERE d.version_id = v.id))"
)
_LOCK_WHERE: LiteralString = f"""
        SELECT e.id, e.company_id, e.policy_id, e.version_id, e.status, v.status, v.opens_on, v.closes_on,
            v.commitment_zh <> '', e.amount_cny, coalesce(of_company.id, of_employee.id, of_third.id),
            {IS_UNDIVIDED}, f.id, {IS_BLACKLISTED}, {IS_UNDECIDED}, {IS_TAKEN}, {IS_PAID}
        FROM policies_entitlement e
        JOIN policies_policyversion v ON v.id = e.version_id
        LEFT JOIN payouts_fund f ON f.version_id = v.id
        {ACCOUNTS}
        WHERE e.id = ANY(%(ids)s)
"""  # noqa: S608 - a text of our own
_IN_ORDER: LiteralString = """
        ORDER BY e.id
        FOR NO KEY UPDATE OF e
"""
LOCK: LiteralString = f"{_LOCK_WHERE}{_IN_ORDER}"
LOCK_FREE: LiteralString = f"{LOCK} SKIP LOCKED"
_IS_STACKED: LiteralString = """EXISTS (
            SELECT FROM policies_entitlement s JOIN policies_stackingmember m ON m.policy_id = s.policy_id
            JOIN policies_stackinggroup g ON g.id = m.group_id AND g.rule <> 'may_coexist'
            WHERE s.id = {which})"""
# In one statement with the question whether any is stacked: what has no rivals needs no other's lock before its own.
LOCK_UNSTACKED: LiteralString = f"{_LOCK_WHERE} AND NOT {_IS_STACKED.format(which='ANY(%(ids)s)')}{_IN_ORDER}"
# Those of many that have no rivals, and that nobody holds this moment.
LOCK_FREE_AND_UNSTACKED: LiteralString = (
    f"{_LOCK_WHERE} AND NOT {_IS_STACKED.format(which='e.id')}{_IN_ORDER} SKIP LOCKED"
)


def hold(asked: list[Asked], rivals: list[Asked], today: date, stacked: Collection[int]) -> Held:
    """Say what each is paid; the places of stacking groups stay locked until the transaction ends."""
    payable = [row for row in asked if row.account is not None]
    whole = {row.entitlement: Allowance(row.amount_cny) for row in payable}
    if not stacked:
        return Held(asked, rivals, whole, is_stacked=False)
    wanted = [Wanted(row.entitlement, row.policy, row.amount_cny) for row in payable if row.entitlement in stacked]
    # What its firm may not claim for years keeps nobody else from claiming.
    claimable = [row for row in rivals if row.is_open(today) and not row.is_blacklisted]
    near = [Wanted(row.entitlement, row.policy, row.amount_cny, is_asked=False) for row in claimable]
    lock_seats(entitlement_ids=[each.entitlement_id for each in wanted])
    return Held(asked, rivals, whole | allowed(wanted=[*wanted, *near]), is_stacked=True)


def rivals_of(*, stacked: Collection[int], asked: Collection[int]) -> list[int]:
    """What else wants their places and is not asked for itself."""
    near = find_rivals(entitlement_ids=sorted(stacked)) if stacked else []
    return sorted(set(near) - set(asked))
