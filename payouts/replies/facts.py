"""The facts from which `meanings` determines what replies mean, as SQL columns for a set of replies."""

# ruff: noqa: S608 - what is put into these statements are conditions of our own.
from __future__ import annotations

from typing import LiteralString

from payouts.models.banks.attempts import (
    IS_DISPROVEN,
    IS_IN_A_SEALED_BATCH,
    IS_LATEST,
    PAID_IS_THE_LAST_WORD,
    RIGHT_IS_PAID,
)

IS_PAID_AS_LAST_WORD: LiteralString = PAID_IS_THE_LAST_WORD.format(payout="i.payout_id")
IS_RIGHT_PAID: LiteralString = RIGHT_IS_PAID.format(payout="p")
# The columns of `ReplyFacts` that a recorded reply and a row of a file have in common. The statement calls the
# instruction `i` and fills in `{needs_facts}`, the condition that the row needs more than the first column. Nearly all
# rows of a file are about the latest attempt of a payout at the bank, and do not.
COMMON_FACTS: LiteralString = f"""
        {IS_LATEST} AS is_latest,
        CASE WHEN {{needs_facts}} THEN EXISTS (
            SELECT FROM payouts_reply r
            WHERE r.instruction_id = i.id AND r.outcome IN ('paid', 'returned') AND NOT {IS_DISPROVEN}
        ) ELSE false END AS is_reported_paid,
        CASE WHEN {{needs_facts}} THEN EXISTS (
            SELECT FROM payouts_attempt e
            WHERE e.payout_id = i.payout_id AND e.instruction_id <> i.id AND e.is_paid OFFSET 0
        ) ELSE false END AS is_paid_otherwise,
        CASE WHEN {{needs_facts}} THEN {IS_IN_A_SEALED_BATCH.format(payout="i.payout_id")}
            ELSE false END AS is_in_sealed_batch,
        CASE WHEN {{needs_facts}} THEN EXISTS (
            SELECT FROM payouts_recovery d JOIN payouts_repayment s ON s.recovery_id = d.id
            WHERE d.payout_id = i.payout_id AND d.ended_as = ''
            HAVING sum(s.principal_cny + s.fine_cny) <> 0
        ) ELSE false END AS is_partly_repaid
"""
