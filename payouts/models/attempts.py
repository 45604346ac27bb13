"""
Which attempt of a payout comes next, and whether the bank paid one already, as SQL.

The guards ask by it whether an instruction is the one to be sent, and whether anything may be sent at all.
"""

# ruff: noqa: S608 - what is put into these statements are names of our own.
from __future__ import annotations

from typing import LiteralString

from payouts.batch_states import BatchStatus, Channel

# Attempts that are over: each was sent, or stood in a batch that was rejected before the bank saw it.
ATTEMPTS_SO_FAR = (
    "((SELECT count(*) FROM payouts_transition t WHERE t.payout_id = {payout} AND t.after = 'sent')"
    " + (SELECT count(*) FROM payouts_instruction r JOIN payouts_batch b ON b.id = r.batch_id"
    f" WHERE r.payout_id = {{payout}} AND b.status = '{BatchStatus.REJECTED}'))"
)
# The stored instruction of the payout n that waits to be sent.
_WAITING = f"""
    SELECT FROM payouts_instruction i LEFT JOIN payouts_batch b ON b.id = i.batch_id
    LEFT JOIN payouts_fund f ON f.id = i.fund_id LEFT JOIN payouts_bank k ON k.id = f.bank_id
    WHERE i.payout_id = n.id AND i.attempt = 1 + {ATTEMPTS_SO_FAR.format(payout="n.id")}
"""
# It goes out alone over the bank's interface, and in a checked batch as a file.
MAY_GO_OUT = f"""EXISTS (
    {_WAITING} AND i.account_id = n.account_id AND (
        b.status = '{BatchStatus.APPROVED}'
        OR b.id IS NULL AND coalesce(k.channel, '{Channel.HTTP}') = '{Channel.HTTP}'
    )
)"""
WAITS_IN_A_BATCH = f"EXISTS ({_WAITING} AND b.id IS NOT NULL)"

# What two clerks found out from the bank about its reply r: that it had paid, or that it had not. Here and below the
# OFFSET has PostgreSQL look up each payout by itself, its attempts first and then what was said of each. For some
# thousand of them it read all replies into a hash or a join instead; and before it had statistics of a new city, the
# replies of everybody once for each.
_IS_FOUND = (
    "EXISTS (SELECT FROM payouts_finding k WHERE k.reply_id = r.id AND k.decision = 'confirmed' AND {what} OFFSET 0)"
)
IS_PROVEN: LiteralString = _IS_FOUND.format(what="k.was_paid")
IS_DISPROVEN: LiteralString = _IS_FOUND.format(what="NOT k.was_paid")
# The payment that the reply r speaks of did not come back, and nobody found out that it was never made.
KEPT: LiteralString = f"""NOT EXISTS (
        SELECT FROM payouts_reply b WHERE b.instruction_id = r.instruction_id AND b.outcome = 'returned'
    ) AND NOT {IS_DISPROVEN}"""
_AN_ATTEMPT_WAS: LiteralString = """EXISTS (
    SELECT FROM payouts_instruction i WHERE i.payout_id = {{payout}} AND EXISTS (
        SELECT FROM payouts_reply r WHERE r.instruction_id = i.id AND r.outcome = {said} OFFSET 0
    ) OFFSET 0
)"""
# The bank says that it paid an attempt of the payout, and not that the money came back.
PAID_AND_KEPT: LiteralString = _AN_ATTEMPT_WAS.format(said=f"'paid' AND {KEPT}")
# The same, and later than it said anything else of that attempt, or as two clerks found out.
PAID_IS_THE_LAST_WORD: LiteralString = _AN_ATTEMPT_WAS.format(
    said=f"""'paid' AND {KEPT} AND (
            NOT EXISTS (
                SELECT FROM payouts_reply b
                WHERE b.instruction_id = i.id AND b.outcome <> 'paid' AND b.received_at >= r.received_at OFFSET 0
            )
            OR {IS_PROVEN}
        )"""
)
# Two clerks found out that the bank paid an attempt, and that money did not come back.
PROVEN_AND_KEPT: LiteralString = _AN_ATTEMPT_WAS.format(said=f"'paid' AND {KEPT} AND {IS_PROVEN}")
# The payee has nothing of it any more: the bank sent it back.
_CAME_BACK: LiteralString = _AN_ATTEMPT_WAS.format(said="'returned'")
IS_BACK: LiteralString = f"({_CAME_BACK} AND NOT {PAID_AND_KEPT})"
# Nothing comes of the instruction l any more: the bank said so, or never saw it.
IS_OVER: LiteralString = """(
    EXISTS (
        SELECT FROM payouts_reply o
        WHERE o.instruction_id = l.id AND o.outcome <> 'paid' AND o.applied_at IS NOT NULL
    )
    OR EXISTS (SELECT FROM payouts_batch o WHERE o.id = l.batch_id AND o.status = 'rejected')
)"""
_LATER: LiteralString = "SELECT FROM payouts_instruction l WHERE l.payout_id = i.payout_id AND l.attempt > i.attempt"
# No attempt of its payout was stored after the instruction i.
IS_LAST: LiteralString = f"NOT EXISTS ({_LATER})"
# No later one of which something may still come: the bank may pay an attempt after all.
IS_LATEST: LiteralString = f"NOT EXISTS ({_LATER} AND NOT {IS_OVER})"
# The payout s was cancelled before the bank said that it had paid it, whether or not that is booked by now.
WAS_CANCELLED: LiteralString = "(s.status = 'cancelled' OR s.was_paid_cancelled)"
# Entitlements that were paid by such a payout of theirs; there are few.
PAID_THOUGH_CANCELLED: LiteralString = (
    f"SELECT s.entitlement_id FROM payouts_payout s WHERE {WAS_CANCELLED} AND {PAID_AND_KEPT.format(payout='s.id')}"
)
_BY_A_CANCELLED: LiteralString = (
    "SELECT FROM payouts_payout s WHERE s.entitlement_id = {right} AND "
    + WAS_CANCELLED
    + " AND "
    + PAID_AND_KEPT.format(payout="s.id")
)
# Whether one right was.
IS_PAID_THOUGH_CANCELLED: LiteralString = f"EXISTS ({_BY_A_CANCELLED})"
# The right of a payout was paid, by this one or by one that was cancelled.
RIGHT_IS_PAID: LiteralString = (
    "("
    + PAID_AND_KEPT.format(payout="{payout}.id")
    + f" OR EXISTS ({_BY_A_CANCELLED.format(right='{payout}.entitlement_id')} OFFSET 0))"
)
# The payout stands in a batch that was sealed and is neither released nor rejected.
IS_IN_A_SEALED_BATCH: LiteralString = """EXISTS (
    SELECT FROM payouts_instruction w JOIN payouts_batch b ON b.id = w.batch_id
    WHERE w.payout_id = {payout} AND b.status IN ('sealed', 'approved')
)"""
# The line of the instruction i to the account a, over which a batch takes its SHA-256.
SEALED_LINE: LiteralString = "concat_ws('|', i.end_to_end_id, i.amount_cny, encode(a.number_hash, 'hex'))"
# How the bank knows attempt n of payout p. Padding would cut what is longer: two attempts would share a number.
END_TO_END_ID: LiteralString = (
    "'Q' || lpad(p.id::text, greatest(15, length(p.id::text)), '0')"
    " || 'A' || lpad(n.attempt::text, greatest(2, length(n.attempt::text)), '0')"
)
