-- The attempts that left for a bank and may have been paid, or still be paid, as far as anybody says who is believed.
--
-- Believed are the bank's own interface, a statement that the money came back, and two persons: those who confirmed
-- that the attempt will not be paid, or that a payment was never made. A refusal in a file that a person brought is not
-- enough; such a file can be made by hand.
CREATE OR REPLACE VIEW payouts_outstanding_attempt AS
SELECT i.id AS instruction_id, i.payout_id, i.attempt, i.valid_until, b.channel
FROM payouts_instruction i
LEFT JOIN payouts_batch b ON b.id = i.batch_id
WHERE b.status IS DISTINCT FROM 'rejected'
    AND NOT EXISTS (
        SELECT FROM payouts_reply r
        LEFT JOIN payouts_replyline l ON l.id = r.line_id
        LEFT JOIN payouts_replyfile f ON f.id = l.file_id
        WHERE r.instruction_id = i.id AND (
            r.line_id IS NULL AND r.outcome <> 'paid'
            OR r.outcome = 'returned' AND f.kind IN ('camt.053', 'camt.054')
        )
        OFFSET 0
    )
    AND NOT EXISTS (SELECT FROM payouts_voidedattempt v WHERE v.instruction_id = i.id OFFSET 0)
    AND NOT EXISTS (
        SELECT FROM payouts_reply r JOIN payouts_finding f ON f.reply_id = r.id
        WHERE r.instruction_id = i.id AND NOT f.was_paid OFFSET 0
    );
