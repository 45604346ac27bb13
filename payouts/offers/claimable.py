"""
Whether an entitlement can be claimed on a day, and the obstacle if it cannot.

`CONDITIONS` is the only table of this rule. `OBSTACLE` gives the first obstacle of an entitlement in the order of
`Obstacle`, and `IS_CLAIMABLE` selects the entitlements without one. Both are made from the table, so the page, the list
of firms, the sweep, the claim and its refusals cannot disagree.

In the texts, e is the entitlement, v its version, and `today` a parameter; `ACCOUNTS` joins the accounts.
"""

from __future__ import annotations

from enum import StrEnum
from typing import LiteralString

from payouts.models.banks.attempts import IS_PAID_THOUGH_CANCELLED


class Obstacle(StrEnum):
    """The reason why an entitlement cannot be claimed; if there are several, the first one counts."""

    CLAIMED = "claimed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    UNDECIDED = "undecided"
    TAKEN = "taken"
    PAID_THOUGH_CANCELLED = "paid_though_cancelled"
    OVER = "over"
    SUPERSEDED = "superseded"
    NOT_YET = "not_yet"
    UNDIVIDED = "undivided"
    BLACKLISTED = "blacklisted"
    NO_ACCOUNT = "no_account"

    @property
    def rank(self) -> int:
        """The position in the order of obstacles."""
        return _RANKS[self]


_RANKS = {obstacle: rank for rank, obstacle in enumerate(Obstacle)}
# Obstacles with which the firm's page still shows the entitlement: it is excluded by another policy, opens later, or
# waits for an account. A firm on the blacklist sees what it could claim otherwise, without a button.
SHOWN = frozenset(
    {Obstacle.SUPERSEDED, Obstacle.NOT_YET, Obstacle.UNDIVIDED, Obstacle.BLACKLISTED, Obstacle.NO_ACCOUNT}
)

# The account in use of the payee. These are joins, because PostgreSQL may walk over all accounts of the city for each
# entitlement if EXISTS asks for one of three kinds.
ACCOUNTS: LiteralString = """
        LEFT JOIN companies_payeeaccount of_company
            ON v.payee = 'company' AND of_company.company_id = e.company_id AND of_company.is_active
        LEFT JOIN companies_payeeaccount of_employee
            ON v.payee = 'employee' AND of_employee.employee_id = e.employee_id AND of_employee.is_active
        LEFT JOIN companies_thirdparty t ON v.payee = 'third_party' AND t.code = e.payee_code
        LEFT JOIN companies_payeeaccount of_third ON of_third.third_party_id = t.id AND of_third.is_active
"""
ACCOUNT: LiteralString = "coalesce(of_company.id, of_employee.id, of_third.id)"
RIGHTS: LiteralString = f"""
        policies_entitlement e JOIN policies_policyversion v ON v.id = e.version_id
        {ACCOUNTS}
"""

# When each obstacle holds. A condition is true or false, never null, so that its negation selects the others.
CONDITIONS: dict[Obstacle, LiteralString] = {
    Obstacle.CLAIMED: "e.status = 'claimed'",
    Obstacle.WITHDRAWN: "e.status = 'withdrawn'",
    Obstacle.LAPSED: "e.status = 'lapsed'",
    Obstacle.SUSPENDED: "v.status = 'suspended'",
    Obstacle.CLOSED: "v.status <> 'published'",
    # The version has not decided some deliveries yet, so its open entitlements may rest on old facts.
    Obstacle.UNDECIDED: """EXISTS (
            SELECT FROM policies_matchrun r WHERE r.version_id = v.id AND r.finished_at IS NULL AND r.holds_claims
        )""",
    # One of a couple claimed under another key, as before a wedding, while matching decided about them.
    Obstacle.TAKEN: """(e.persons IS NOT NULL AND EXISTS (
            SELECT FROM policies_claimedperson h WHERE h.policy_id = e.policy_id AND h.period_key = e.period_key
            AND h.person_id = ANY (e.persons)
        ))""",
    # The bank paid a cancelled payout of the entitlement, so a new payout would never be sent.
    Obstacle.PAID_THOUGH_CANCELLED: IS_PAID_THOUGH_CANCELLED.format(right="e.id"),
    Obstacle.OVER: "(v.closes_on IS NOT NULL AND v.closes_on < %(today)s::date)",
    # Another policy of a stacking group was claimed.
    Obstacle.SUPERSEDED: "e.status = 'superseded'",
    Obstacle.NOT_YET: "v.opens_on > %(today)s::date",
    # The pool is not divided yet, so the amount is unknown.
    Obstacle.UNDIVIDED: (
        "(v.pool = 'proportional' AND NOT EXISTS (SELECT FROM policies_pooldivision d WHERE d.version_id = v.id))"
    ),
    # The firm broke a commitment, and may claim nothing on this day.
    Obstacle.BLACKLISTED: (
        "EXISTS (SELECT FROM payouts_blacklisted_on(%(today)s::date) l WHERE l.company_id = e.company_id)"
    ),
    Obstacle.NO_ACCOUNT: f"{ACCOUNT} IS NULL",
}


def _compile_obstacle() -> LiteralString:
    text: LiteralString = "CASE"
    for obstacle, condition in CONDITIONS.items():
        text += f"\n        WHEN {condition} THEN '{obstacle.value}'"
    return f"{text} END"


def _compile_no_obstacle() -> LiteralString:
    # The conditions before this one leave only open entitlements, so this condition lets PostgreSQL use their index.
    text: LiteralString = "e.status = 'open'"
    for condition in CONDITIONS.values():
        text += f"\n        AND NOT {condition}"
    return f"({text})"


OBSTACLE: LiteralString = _compile_obstacle()
IS_CLAIMABLE: LiteralString = _compile_no_obstacle()
# The platform claims it without a click. After a clerk cancelled its payout it waits for a click: claiming it again
# would undo the clerk's decision.
COMES_BY_ITSELF: LiteralString = """(v.track = 'automatic' AND NOT EXISTS (
            SELECT FROM payouts_payout p WHERE p.entitlement_id = e.id AND p.status = 'cancelled'
        ))"""


def obstacle_of(code: str | None) -> Obstacle | None:
    """The obstacle that the column `OBSTACLE` names; None if the entitlement can be claimed."""
    return None if code is None else Obstacle(code)
