-- The next instruction of each payout: the one that waits to be sent, numbered one after the payout's past attempts.
--
-- Aliases: i instruction, b batch, f fund, k bank.
CREATE OR REPLACE VIEW payouts_waiting_instruction AS
SELECT
    i.payout_id,
    i.account_id,
    i.batch_id,
    -- An instruction goes out in an approved batch, or alone if the bank's channel is its interface.
    (
        b.status = 'approved' OR b.id IS NULL AND coalesce(k.channel, 'http') = 'http'
    ) IS TRUE AS may_go_out
FROM payouts_instruction i
LEFT JOIN payouts_batch b ON b.id = i.batch_id
LEFT JOIN payouts_fund f ON f.id = i.fund_id
LEFT JOIN payouts_bank k ON k.id = f.bank_id
WHERE i.attempt = 1 + (SELECT count(*) FROM payouts_past_attempt a WHERE a.payout_id = i.payout_id);
