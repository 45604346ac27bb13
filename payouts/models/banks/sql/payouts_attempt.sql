-- What became of each attempt to pay a payout, according to the bank or to a finding of two clerks.
--
-- Aliases: i instruction, k kept payment, r reply, b batch.
CREATE OR REPLACE VIEW payouts_attempt AS
SELECT
    i.id AS instruction_id,
    i.payout_id,
    i.attempt,
    EXISTS (SELECT FROM payouts_kept_payment k WHERE k.instruction_id = i.id OFFSET 0) AS is_paid,
    -- Paid, and either the bank said nothing else since, or two clerks confirmed the payment.
    EXISTS (
        SELECT FROM payouts_kept_payment k
        WHERE k.instruction_id = i.id AND (k.is_last_word OR k.is_proven) OFFSET 0
    ) AS is_paid_as_last_word,
    EXISTS (
        SELECT FROM payouts_kept_payment k WHERE k.instruction_id = i.id AND k.is_proven OFFSET 0
    ) AS is_proven_paid,
    EXISTS (
        SELECT FROM payouts_reply r WHERE r.instruction_id = i.id AND r.outcome = 'returned' OFFSET 0
    ) AS is_returned,
    -- The attempt can no longer pay: the bank said so, or its batch was rejected before the bank saw it.
    (
        EXISTS (
            SELECT FROM payouts_reply r
            WHERE r.instruction_id = i.id AND r.outcome <> 'paid' AND r.applied_at IS NOT NULL
        )
        OR EXISTS (SELECT FROM payouts_batch b WHERE b.id = i.batch_id AND b.status = 'rejected')
    ) AS is_over
FROM payouts_instruction i;
