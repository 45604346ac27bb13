-- An instruction goes over the channel of its fund, and a retry over the channel and to the bank of the attempts before
-- it, none of which is outstanding. An attempt in a rejected batch never left.
--
-- The lock makes a change of the fund's bank, or of the bank's channel, wait until the instruction is committed.
--
-- Aliases: n new instruction, f fund, k its bank, b the batch of the instruction, e earlier instruction, eb its batch.
DECLARE
    broken text;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('payouts.channel_of_fund'), f.fund_id::int)
    FROM (SELECT DISTINCT fund_id FROM new_rows ORDER BY fund_id) f;
    -- planned by size
    SELECT promise FROM (
        SELECT CASE
            WHEN n.attempt > 1 AND EXISTS (
                SELECT FROM payouts_outstanding_attempt o
                WHERE o.payout_id = n.payout_id AND o.attempt < n.attempt OFFSET 0
            )
                THEN 'instruction_follows_no_outstanding_attempt'
            WHEN coalesce(k.channel, 'http') <> coalesce(b.channel, 'http')
                OR n.attempt > 1 AND EXISTS (
                    SELECT FROM payouts_instruction e LEFT JOIN payouts_batch eb ON eb.id = e.batch_id
                    WHERE e.payout_id = n.payout_id AND e.attempt < n.attempt
                        AND eb.status IS DISTINCT FROM 'rejected'
                        AND (coalesce(eb.channel, 'http'), eb.bank_id)
                            IS DISTINCT FROM (coalesce(b.channel, 'http'), b.bank_id)
                    OFFSET 0
                )
                THEN 'instruction_stays_on_its_channel'
        END AS promise
        FROM new_rows n
        JOIN payouts_fund f ON f.id = n.fund_id
        LEFT JOIN payouts_bank k ON k.id = f.bank_id
        LEFT JOIN payouts_batch b ON b.id = n.batch_id
    ) judged
    ORDER BY promise NULLS LAST
    LIMIT 1
    INTO broken;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = broken,
            MESSAGE = 'A payment goes over the channel of its fund, a retry too, and only when none is outstanding.';
    END IF;
    RETURN NULL;
END;
