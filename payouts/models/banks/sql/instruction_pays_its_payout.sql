-- A new instruction is the next attempt of an approved payout, with the payout's fund, account and amount. It goes out
-- alone, or stands in an open batch of its fund.
DECLARE
    is_broken boolean;
BEGIN
    -- planned by size
    SELECT EXISTS (
        SELECT FROM new_rows n
        LEFT JOIN payouts_payout p ON p.id = n.payout_id
        WHERE (p.status, p.fund_id, p.account_id, p.amount_cny)
                IS DISTINCT FROM ('approved', n.fund_id, n.account_id, n.amount_cny)
            OR n.attempt <> 1 + (SELECT count(*) FROM payouts_past_attempt a WHERE a.payout_id = n.payout_id)
            OR n.batch_id IS NOT NULL AND NOT EXISTS (
                SELECT FROM payouts_batch b
                WHERE b.id = n.batch_id AND b.fund_id = n.fund_id AND (b.channel, b.status) = ('file', 'open')
            )
    )
    INTO is_broken;
    IF is_broken THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'instruction_pays_its_payout',
            MESSAGE = 'An approved payout has one instruction per attempt.';
    END IF;
    RETURN NULL;
END;
