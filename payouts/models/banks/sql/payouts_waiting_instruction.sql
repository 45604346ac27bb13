-- The instruction of a payout that waits to be sent: the one after its past attempts.
CREATE OR REPLACE VIEW payouts_waiting_instruction AS
SELECT
    i.payout_id,
    i.account_id,
    i.batch_id,
    -- It goes out alone over the bank's interface, and in a checked batch as a file.
    (
        b.status = 'approved' OR b.id IS NULL AND coalesce(k.channel, 'http') = 'http'
    ) IS TRUE AS may_go_out
FROM payouts_instruction i
LEFT JOIN payouts_batch b ON b.id = i.batch_id
LEFT JOIN payouts_fund f ON f.id = i.fund_id
LEFT JOIN payouts_bank k ON k.id = f.bank_id
WHERE i.attempt = 1 + (SELECT count(*) FROM payouts_past_attempt a WHERE a.payout_id = i.payout_id);
