"""
What single moves need beside the table of moves: SQL that is true of an old row `o` and a new row `n` that break it.

The guard of the payouts asks them in this order, for the rows whose status changes. What does not depend on the row is
asked by `IN`, which PostgreSQL answers once for the whole statement.
"""

# ruff: noqa: S608 - what is put into these statements are names of our own, from the table of moves.
from __future__ import annotations

from payouts.models.attempts import ATTEMPTS_SO_FAR, PAID_AND_KEPT, PROVEN_AND_KEPT, RIGHT_IS_PAID, WAITS_IN_A_BATCH
from payouts.states import Role, Status

_PUBLIC_FUNDS = (
    "(SELECT f.id FROM payouts_fund f JOIN policies_policyversion v ON v.id = f.version_id"
    " WHERE v.track = 'publicised')"
)
# The day of a move as the city counts it.
_DAY = "(n.moved_at AT TIME ZONE 'Asia/Shanghai')::date"


def _is_move(before: Status, after: Status) -> str:
    return f"(o.status, n.status) = ('{before}', '{after}')"


_LAST_ATTEMPT = ATTEMPTS_SO_FAR.format(payout="n.id")
_WAS_LOST_OR_GOES_ELSEWHERE = (
    "SELECT FROM payouts_instruction i WHERE i.payout_id = n.id"
    f" AND i.attempt = {_LAST_ATTEMPT} AND (i.account_id <> n.account_id OR o.status = '{Status.FAILED}' AND EXISTS ("
    "SELECT FROM payouts_reply r WHERE r.instruction_id = i.id AND r.outcome = 'unknown'))"
)

_WAS_PAID = PAID_AND_KEPT.format(payout="n.id")
IS_PROVEN_PAID = PROVEN_AND_KEPT.format(payout="n.id")
_ITS_RIGHT_WAS_PAID = RIGHT_IS_PAID.format(payout="n")

_OBJECTED = (
    "EXISTS (SELECT FROM payouts_publication u JOIN payouts_objection j ON j.publication_id = u.id"
    " WHERE u.payout_id = n.id AND j.is_upheld {state} OFFSET 0)"
)

_LAST_DEMAND = "(SELECT r.ended_as FROM payouts_recovery r WHERE r.payout_id = n.id ORDER BY r.id DESC LIMIT 1)"
_CAME_BACK_ON_DEMAND = "EXISTS (SELECT FROM payouts_recovery r WHERE r.payout_id = n.id AND r.ended_as = 'came_back')"

# A version that was closed under its suspension is stopped all the same.
_STOPPED_FUNDS = (
    "(SELECT f.id FROM payouts_fund f JOIN policies_suspension s ON s.version_id = f.version_id"
    " WHERE s.lifted_at IS NULL)"
)

CONDITIONS: dict[str, str] = {
    "payout_of_a_suspended_policy_waits": f"n.status = '{Status.SENT}' AND n.fund_id IN {_STOPPED_FUNDS}",
    "payout_in_a_sealed_batch_is_not_cancelled": (
        f"{_is_move(Status.APPROVED, Status.CANCELLED)} AND {WAITS_IN_A_BATCH}"
    ),
    # Who objects is owed a decision: upheld, it cancels for good, where a clerk's cancelling opens the right again.
    "payout_with_an_open_objection_is_not_cancelled": (
        f"{_is_move(Status.PUBLICISED, Status.CANCELLED)} AND {_OBJECTED.format(state='IS NULL')}"
        f" AND NOT {_OBJECTED.format(state='IS TRUE')}"
    ),
    # What the bank refused or sent back the platform repeats by itself to another account only.
    "payout_is_repeated_if_the_bank_never_saw_it": (
        f"(o.status, n.status, n.moved_as) IN (('{Status.FAILED}', '{Status.APPROVED}', '{Role.SYSTEM}'),"
        f" ('{Status.RETURNED}', '{Status.APPROVED}', '{Role.SYSTEM}'))"
        f" AND NOT EXISTS ({_WAS_LOST_OR_GOES_ELSEWHERE})"
    ),
    "payout_that_the_bank_paid_is_not_paid_again": (
        f"((o.status, n.status) IN (('{Status.FAILED}', '{Status.APPROVED}'),"
        f" ('{Status.RETURNED}', '{Status.APPROVED}')) AND {_WAS_PAID}"
        f" OR n.status = '{Status.SENT}' AND {_ITS_RIGHT_WAS_PAID})"
    ),
    "payout_that_the_bank_paid_is_not_cancelled": f"n.status = '{Status.CANCELLED}' AND {_WAS_PAID}",
    # What stands in a sealed batch stays there until the batch is rejected.
    "payout_is_paid_after_all_by_the_banks_word": (
        f"n.status = '{Status.PAID}' AND o.status IN ('{Status.APPROVED}', '{Status.FAILED}', '{Status.RETURNED}')"
        f" AND (NOT {_WAS_PAID} OR {WAITS_IN_A_BATCH})"
    ),
    # Its money was given back, and who has it may have claimed anew since.
    "payout_paid_though_cancelled_is_proven_by_two": (
        f"{_is_move(Status.CANCELLED, Status.PAID)} AND NOT (n.was_paid_cancelled AND {IS_PROVEN_PAID})"
    ),
    "payout_paid_though_cancelled_is_not_sent_again": f"n.status = '{Status.APPROVED}' AND n.was_paid_cancelled",
    "payout_is_publicised_first": f"{_is_move(Status.RESERVED, Status.APPROVED)} AND n.fund_id IN {_PUBLIC_FUNDS}",
    "payout_is_on_the_public_list": (
        f"{_is_move(Status.RESERVED, Status.PUBLICISED)}"
        " AND NOT EXISTS (SELECT FROM payouts_publication u WHERE u.payout_id = n.id OFFSET 0)"
    ),
    "payout_is_approved_after_its_publicity": (
        f"{_is_move(Status.PUBLICISED, Status.APPROVED)}"
        f" AND NOT EXISTS (SELECT FROM payouts_publication u WHERE u.payout_id = n.id AND u.ends_on < {_DAY})"
    ),
    "payout_waits_for_its_objections": (
        f"{_is_move(Status.PUBLICISED, Status.APPROVED)} AND {_OBJECTED.format(state='IS NOT FALSE')}"
    ),
    # Whether somebody who broke the conditions is paid all the same, a person decides.
    "payout_that_was_asked_back_is_repeated_by_a_person": (
        f"{_is_move(Status.RETURNED, Status.APPROVED)} AND n.moved_as = '{Role.SYSTEM}' AND {_CAME_BACK_ON_DEMAND}"
    ),
    "payout_is_returned_when_nothing_is_owed": (
        f"{_is_move(Status.RECOVERING, Status.RETURNED)} AND {_LAST_DEMAND} IS DISTINCT FROM 'came_back'"
    ),
    "payout_is_recovered_on_demand": (
        f"{_is_move(Status.PAID, Status.RECOVERING)} AND {_LAST_DEMAND} IS DISTINCT FROM ''"
    ),
    "payout_is_recovered_when_repaid": (
        f"{_is_move(Status.RECOVERING, Status.RECOVERED)} AND {_LAST_DEMAND} IS DISTINCT FROM 'repaid'"
    ),
    "payout_is_kept_when_the_demand_is_withdrawn": (
        f"{_is_move(Status.RECOVERING, Status.PAID)} AND {_LAST_DEMAND} IS DISTINCT FROM 'withdrawn'"
    ),
}


def whens() -> str:
    """The conditions as the branches of a CASE that names the promise which is broken."""
    return "\n".join(
        f"WHEN n.status <> o.status AND {broken} THEN '{promise}'" for promise, broken in CONDITIONS.items()
    )
