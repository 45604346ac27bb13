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

# The bank says that it paid an attempt of the payout, and not that the money came back. The OFFSET has PostgreSQL look
# up each payout by itself; for some thousand of them it read all replies instead, into a hash or a join.
PAID_AND_KEPT: LiteralString = """EXISTS (
    SELECT FROM payouts_instruction i JOIN payouts_reply r ON r.instruction_id = i.id AND r.outcome = 'paid'
    WHERE i.payout_id = {payout} AND NOT EXISTS (
        SELECT FROM payouts_reply b WHERE b.instruction_id = i.id AND b.outcome = 'returned'
    ) OFFSET 0
)"""
# The same, and later than it said anything else of that attempt.
PAID_IS_THE_LAST_WORD: LiteralString = """EXISTS (
    SELECT FROM payouts_instruction i JOIN payouts_reply r ON r.instruction_id = i.id AND r.outcome = 'paid'
    WHERE i.payout_id = {payout} AND NOT EXISTS (
        SELECT FROM payouts_reply b WHERE b.instruction_id = i.id
        AND (b.outcome = 'returned' OR b.outcome <> 'paid' AND b.received_at >= r.received_at)
    ) OFFSET 0
)"""
# The payee has nothing of it any more: the bank sent it back.
IS_BACK: LiteralString = (
    "(EXISTS (SELECT FROM payouts_instruction c JOIN payouts_reply d ON d.instruction_id = c.id"
    " WHERE c.payout_id = {payout} AND d.outcome = 'returned' OFFSET 0) AND NOT " + PAID_AND_KEPT + ")"
)
# Nothing comes of the instruction l any more: the bank said so, or never saw it.
IS_OVER: LiteralString = """(
    EXISTS (
        SELECT FROM payouts_reply o
        WHERE o.instruction_id = l.id AND o.outcome <> 'paid' AND o.applied_at IS NOT NULL
    )
    OR EXISTS (SELECT FROM payouts_batch o WHERE o.id = l.batch_id AND o.status = 'rejected')
)"""
# Entitlements that were paid by a payout of theirs that was cancelled before the bank said so; there are few.
PAID_THOUGH_CANCELLED: LiteralString = (
    "SELECT s.entitlement_id FROM payouts_payout s WHERE s.status = 'cancelled' AND "
    + PAID_AND_KEPT.format(payout="s.id")
)
# How the bank knows attempt n of payout p. Padding would cut what is longer: two attempts would share a number.
END_TO_END_ID: LiteralString = (
    "'Q' || lpad(p.id::text, greatest(15, length(p.id::text)), '0')"
    " || 'A' || lpad(n.attempt::text, greatest(2, length(n.attempt::text)), '0')"
)
