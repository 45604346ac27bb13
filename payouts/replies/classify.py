"""What each row of a bank's reply file would change, for a set and before anything of it is recorded."""

# ruff: noqa: S608 - what is put into this statement are conditions of our own.
from __future__ import annotations

from typing import LiteralString

from payouts.models import ReplyFile
from payouts.models.banks.attempts import IS_IN_A_SEALED_BATCH, IS_LATEST, KEPT
from qinqing.kernel.database.statements import executed


def judge(*, file: ReplyFile) -> None:
    """Say of every row what it would change now; rows of an applied file stay as they were judged."""
    executed(_JUDGE, file=file.pk)


# The words of `payouts.replies.apply` about what a reply would do, for a set and before it is recorded.
_JUDGE: LiteralString = f"""
    WITH seen AS (
        SELECT l.id, l.outcome, l.verdict, i.id AS instruction, i.payout_id AS payout, p.status,
            l.amount_said <> '' OR coalesce(l.amount_cny <> i.amount_cny, false) AS is_wrong,
            b.status AS batch,
            p.status IN ('paid', 'returned', 'recovering', 'recovered') AS is_paid_out,
            {IS_LATEST} AS is_latest,
            EXISTS (
                SELECT FROM payouts_reply r WHERE r.instruction_id = i.id AND r.outcome = l.outcome
            ) AS is_known,
            row_number() OVER (alike ORDER BY l.number) AS turn,
            -- Two payments, and not one that is told twice: the bank books each under a reference of its own.
            l.outcome = 'paid' AND l.bank_reference <> '' AND l.bank_reference
                <> first_value(l.bank_reference) OVER (alike ORDER BY l.bank_reference = '', l.number) AS is_another,
            -- It came back, and the bank books a payment under another reference than the one that came back.
            l.outcome = 'paid' AND l.bank_reference <> '' AND bool_and(l.outcome <> 'returned') OVER same AND EXISTS (
                SELECT FROM payouts_reply r JOIN payouts_reply b ON b.instruction_id = r.instruction_id
                WHERE r.instruction_id = i.id AND r.outcome = 'paid' AND b.outcome = 'returned'
                    AND r.bank_reference NOT IN ('', l.bank_reference)
            ) AS is_anew,
            bool_or(l.outcome = 'refused') OVER same AND bool_or(l.outcome IN ('paid', 'returned')) OVER same AS is_torn
        FROM payouts_replyline l
        LEFT JOIN payouts_instruction i ON i.end_to_end_id = l.end_to_end_id AND l.end_to_end_id <> ''
        LEFT JOIN payouts_payout p ON p.id = i.payout_id
        LEFT JOIN payouts_batch b ON b.id = i.batch_id
        WHERE l.file_id = %(file)s AND l.decided_at IS NULL
        WINDOW same AS (PARTITION BY l.end_to_end_id), alike AS (
            PARTITION BY l.end_to_end_id, l.outcome,
                l.amount_said <> '' OR coalesce(l.amount_cny <> i.amount_cny, false)
        )
    )
    UPDATE payouts_replyline l SET instruction_id = seen.instruction, verdict = CASE
        WHEN seen.verdict = 'pending' THEN 'pending'
        WHEN seen.instruction IS NULL THEN 'unknown'
        WHEN seen.outcome = '' THEN 'unclear'
        WHEN seen.is_torn THEN 'ambiguous'
        WHEN seen.turn > 1 AND seen.is_another OR seen.turn = 1 AND seen.is_anew AND NOT seen.is_wrong THEN 'ambiguous'
        WHEN seen.turn > 1 THEN 'duplicate'
        WHEN seen.is_wrong THEN 'wrong_amount'
        WHEN seen.is_known THEN 'final'
        WHEN seen.batch IN ('sealed', 'approved', 'rejected') THEN 'unsent'
        WHEN seen.is_latest AND seen.status IN ('sent', 'in_doubt') THEN 'news'
        WHEN seen.outcome = 'returned' THEN
            CASE WHEN seen.is_latest AND (seen.status = 'paid' OR seen.status = 'recovering' AND NOT EXISTS (
                -- A firm that has repaid a part is paid back first.
                SELECT FROM payouts_recovery d JOIN payouts_repayment s ON s.recovery_id = d.id
                WHERE d.payout_id = seen.payout AND d.ended_as = ''
                HAVING sum(s.principal_cny + s.fine_cny) <> 0
            )) THEN 'news' ELSE 'contradicts' END
        -- The bank paid it after all; one that stands in a sealed batch is settled when the batch is rejected.
        WHEN seen.outcome = 'paid' AND seen.status IN ('approved', 'failed', 'returned') AND NOT EXISTS (
            SELECT FROM payouts_reply r WHERE r.instruction_id = seen.instruction AND r.outcome = 'returned'
        ) AND NOT {IS_IN_A_SEALED_BATCH.format(payout="seen.payout")} THEN 'news'
        -- Another attempt was paid, and that money did not come back: this is a second payment.
        WHEN seen.outcome = 'paid' AND EXISTS (
            SELECT FROM payouts_instruction e JOIN payouts_reply r ON r.instruction_id = e.id AND r.outcome = 'paid'
            WHERE e.payout_id = seen.payout AND e.id <> seen.instruction AND {KEPT}
        ) THEN 'contradicts'
        WHEN seen.outcome = 'paid' THEN
            CASE WHEN seen.is_latest AND seen.is_paid_out THEN 'final' ELSE 'contradicts' END
        WHEN seen.is_latest AND seen.is_paid_out AND EXISTS (
            SELECT FROM payouts_reply r
            WHERE r.instruction_id = seen.instruction AND r.outcome IN ('paid', 'returned')
        ) THEN 'contradicts'
        ELSE 'final'
    END
    FROM seen WHERE seen.id = l.id
"""
