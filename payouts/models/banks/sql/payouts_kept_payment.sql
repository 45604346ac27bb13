-- The replies that say “paid” about a payment that stands: the bank did not return the money, and no two clerks found
-- that the payment was never made.
--
-- OFFSET 0 here, and in statements that ask these views about one payout, keeps PostgreSQL from turning the lookup of a
-- payout's few rows into a join. For some thousand payouts a join would read all replies into a hash table; in a new
-- city without statistics it would read all replies once for each payout.
CREATE OR REPLACE VIEW payouts_kept_payment AS
SELECT
    r.id AS reply_id,
    r.instruction_id,
    EXISTS (
        SELECT FROM payouts_finding f
        WHERE f.reply_id = r.id AND f.was_paid OFFSET 0
    ) AS is_proven,
    -- The bank said nothing other than “paid” about the attempt since.
    NOT EXISTS (
        SELECT FROM payouts_reply other
        WHERE other.instruction_id = r.instruction_id AND other.outcome <> 'paid'
            AND other.received_at >= r.received_at OFFSET 0
    ) AS is_last_word
FROM payouts_reply r
WHERE r.outcome = 'paid'
    AND NOT EXISTS (
        SELECT FROM payouts_reply back WHERE back.instruction_id = r.instruction_id AND back.outcome = 'returned'
    )
    AND NOT EXISTS (
        SELECT FROM payouts_finding f
        WHERE f.reply_id = r.id AND NOT f.was_paid OFFSET 0
    );
