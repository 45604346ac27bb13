"""
What became of the attempts to have a bank pay, as conditions of SQL over the views beside this module.

`{payout}` and `{right}` are columns of the statement that asks, and are filled in by `format`. OFFSET 0 has PostgreSQL
look up each payout by itself: `payouts_kept_payment.sql` says why.
"""

from __future__ import annotations

from typing import LiteralString

# The bank says that it paid an attempt of the payout, and not that the money came back.
PAID_AND_KEPT: LiteralString = (
    "EXISTS (SELECT FROM payouts_attempt a WHERE a.payout_id = {payout} AND a.is_paid OFFSET 0)"
)
# The same, and later than it said anything else of that attempt, or as two clerks found out.
PAID_IS_THE_LAST_WORD: LiteralString = (
    "EXISTS (SELECT FROM payouts_attempt a WHERE a.payout_id = {payout} AND a.is_paid_as_last_word OFFSET 0)"
)
# Two clerks found out that the bank paid an attempt, and that money did not come back.
PROVEN_AND_KEPT: LiteralString = (
    "EXISTS (SELECT FROM payouts_attempt a WHERE a.payout_id = {payout} AND a.is_proven_paid OFFSET 0)"
)
# The payee has nothing of it any more: the bank sent it back.
IS_BACK: LiteralString = (
    "(EXISTS (SELECT FROM payouts_attempt a WHERE a.payout_id = {payout} AND a.is_returned OFFSET 0)"
    f" AND NOT {PAID_AND_KEPT})"
)
# The payment that the reply r speaks of did not come back, and nobody found out that it was never made.
KEPT: LiteralString = "EXISTS (SELECT FROM payouts_kept_payment k WHERE k.reply_id = r.id OFFSET 0)"
# Two clerks found out that the payment that the reply r speaks of was never made.
IS_DISPROVEN: LiteralString = (
    "EXISTS (SELECT FROM payouts_finding f"
    " WHERE f.reply_id = r.id AND f.decision = 'confirmed' AND NOT f.was_paid OFFSET 0)"
)
# No attempt of its payout was stored after the instruction i.
IS_LAST: LiteralString = (
    "NOT EXISTS (SELECT FROM payouts_instruction l WHERE l.payout_id = i.payout_id AND l.attempt > i.attempt)"
)
# No later one of which something may still come: the bank may pay an attempt after all.
IS_LATEST: LiteralString = (
    "NOT EXISTS (SELECT FROM payouts_attempt l"
    " WHERE l.payout_id = i.payout_id AND l.attempt > i.attempt AND NOT l.is_over)"
)
# Entitlements that were paid by a payout of theirs that had been cancelled; there are few.
PAID_THOUGH_CANCELLED: LiteralString = "SELECT entitlement_id FROM payouts_paid_though_cancelled"
# Whether one right was.
IS_PAID_THOUGH_CANCELLED: LiteralString = (
    "EXISTS (SELECT FROM payouts_paid_though_cancelled s WHERE s.entitlement_id = {right})"
)
# The right of a payout was paid, by this one or by one that was cancelled.
RIGHT_IS_PAID: LiteralString = (
    "(EXISTS (SELECT FROM payouts_attempt a WHERE a.payout_id = {payout}.id AND a.is_paid OFFSET 0)"
    " OR EXISTS ("
    "SELECT FROM payouts_paid_though_cancelled s WHERE s.entitlement_id = {payout}.entitlement_id OFFSET 0))"
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
