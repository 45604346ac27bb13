"""
SQL conditions about the attempts to pay a payout, over the views beside this module.

The calling statement fills in `{payout}` and `{right}` by `format` with its columns for a payout's id and an
entitlement's id. In the other conditions i is the instruction, r the reply, a the account and p the payout of the
calling statement. OFFSET 0 makes PostgreSQL look up each payout by itself; `payouts_kept_payment.sql` gives the reason.
"""

from __future__ import annotations

from typing import LiteralString

# The bank says that it paid an attempt of the payout, and did not return the money.
PAID_AND_KEPT: LiteralString = (
    "EXISTS (SELECT FROM payouts_attempt a WHERE a.payout_id = {payout} AND a.is_paid OFFSET 0)"
)
# The condition above; and the bank said nothing else about the attempt since, or two clerks confirmed the payment.
PAID_IS_THE_LAST_WORD: LiteralString = (
    "EXISTS (SELECT FROM payouts_attempt a WHERE a.payout_id = {payout} AND a.is_paid_as_last_word OFFSET 0)"
)
# Two clerks confirmed that the bank paid an attempt, and the bank did not return the money.
PROVEN_AND_KEPT: LiteralString = (
    "EXISTS (SELECT FROM payouts_attempt a WHERE a.payout_id = {payout} AND a.is_proven_paid OFFSET 0)"
)
# The payee no longer has the money: the bank returned it, and no other attempt was paid.
IS_BACK: LiteralString = (
    "(EXISTS (SELECT FROM payouts_attempt a WHERE a.payout_id = {payout} AND a.is_returned OFFSET 0)"
    f" AND NOT {PAID_AND_KEPT})"
)
# The payment of the reply r stands: the bank did not return it, and no two clerks found that it was never made.
KEPT: LiteralString = "EXISTS (SELECT FROM payouts_kept_payment k WHERE k.reply_id = r.id OFFSET 0)"
# Two clerks found that the payment of the reply r was never made.
IS_DISPROVEN: LiteralString = (
    "EXISTS (SELECT FROM payouts_finding f WHERE f.reply_id = r.id AND NOT f.was_paid OFFSET 0)"
)
# The instruction i is the last attempt of its payout.
IS_LAST: LiteralString = (
    "NOT EXISTS (SELECT FROM payouts_instruction l WHERE l.payout_id = i.payout_id AND l.attempt > i.attempt)"
)
# The instruction i has no later attempt that the bank may still pay.
IS_LATEST: LiteralString = (
    "NOT EXISTS (SELECT FROM payouts_attempt l"
    " WHERE l.payout_id = i.payout_id AND l.attempt > i.attempt AND NOT l.is_over)"
)
# The entitlements that the bank paid by a cancelled payout; they are few.
PAID_THOUGH_CANCELLED: LiteralString = "SELECT entitlement_id FROM payouts_paid_though_cancelled"
# Whether the entitlement {right} is one of them.
IS_PAID_THOUGH_CANCELLED: LiteralString = (
    "EXISTS (SELECT FROM payouts_paid_though_cancelled s WHERE s.entitlement_id = {right})"
)
# The bank paid the payout's entitlement, by this payout or by a cancelled one.
RIGHT_IS_PAID: LiteralString = (
    "(EXISTS (SELECT FROM payouts_attempt a WHERE a.payout_id = {payout}.id AND a.is_paid OFFSET 0)"
    " OR EXISTS ("
    "SELECT FROM payouts_paid_though_cancelled s WHERE s.entitlement_id = {payout}.entitlement_id OFFSET 0))"
)
# The payout stands in a sealed batch that is neither released nor rejected.
IS_IN_A_SEALED_BATCH: LiteralString = """EXISTS (
    SELECT FROM payouts_instruction w JOIN payouts_batch b ON b.id = w.batch_id
    WHERE w.payout_id = {payout} AND b.status IN ('sealed', 'approved')
)"""
# The line of the instruction i to the account a, over which a batch takes its SHA-256.
SEALED_LINE: LiteralString = "concat_ws('|', i.end_to_end_id, i.amount_cny, encode(a.number_hash, 'hex'))"
# The id by which the bank knows attempt n of payout p. `greatest` keeps long numbers whole: lpad would cut them to the
# width, and two attempts would share an id.
END_TO_END_ID: LiteralString = (
    "'Q' || lpad(p.id::text, greatest(15, length(p.id::text)), '0')"
    " || 'A' || lpad(n.attempt::text, greatest(2, length(n.attempt::text)), '0')"
)
