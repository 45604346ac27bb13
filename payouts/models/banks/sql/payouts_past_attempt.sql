-- One row for each past attempt of a payout: the payout was sent, or its instruction stood in a batch that was rejected
-- before the bank saw it.
CREATE OR REPLACE VIEW payouts_past_attempt AS
SELECT t.payout_id FROM payouts_transition t WHERE t.after = 'sent'
UNION ALL
SELECT i.payout_id FROM payouts_instruction i JOIN payouts_batch b ON b.id = i.batch_id WHERE b.status = 'rejected';
