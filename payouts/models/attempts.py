"""Which attempt of a payout comes next, as SQL; the guards ask by it whether an instruction is the one to be sent."""

# ruff: noqa: S608 - what is put into these statements are names of our own.
from __future__ import annotations

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
