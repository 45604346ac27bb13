-- The replies by which a bank says that it paid, and that money neither came back nor was never paid, as two clerks
-- found out.
--
-- OFFSET 0, here and wherever these views are asked about one payout, keeps PostgreSQL from turning a look at the few
-- rows of one payout into a join: for some thousand payouts it would read all replies into a hash, and before it has
-- statistics of a new city, the replies of everybody once for each.
CREATE OR REPLACE VIEW payouts_kept_payment AS
SELECT
    r.id AS reply_id,
    r.instruction_id,
    EXISTS (
        SELECT FROM payouts_finding f
        WHERE f.reply_id = r.id AND f.decision = 'confirmed' AND f.was_paid OFFSET 0
    ) AS is_proven,
    -- The bank said nothing else of the attempt since.
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
        WHERE f.reply_id = r.id AND f.decision = 'confirmed' AND NOT f.was_paid OFFSET 0
    );
