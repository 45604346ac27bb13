-- A posting moves money between two accounts of its fund, and the balances of the fund follow.
--
-- The triggers of payouts, repayments and approved grants write their own postings, one trigger level deeper. The only
-- posting that a statement writes directly is the opening grant of a published version.
--
-- The accounts `granted` and `recovered` count the money that they gave to the fund, so a debit raises them.
BEGIN
    IF pg_trigger_depth() = 1 AND EXISTS (
        SELECT FROM new_rows WHERE payout_id IS NOT NULL OR repayment_id IS NOT NULL OR grant_id IS NOT NULL
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_is_written_by_the_move',
            MESSAGE = 'Only the move of a payout posts its money.';
    END IF;
    IF pg_trigger_depth() = 1 AND EXISTS (
        SELECT FROM new_rows n
        LEFT JOIN payouts_fund f ON f.id = n.fund_id
        LEFT JOIN policies_policyversion v ON v.id = f.version_id
        WHERE n.amount_cny IS DISTINCT FROM v.granted_cny
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_is_what_was_published',
            MESSAGE = 'A fund opens with what its version was granted.';
    END IF;
    -- planned by size
    PERFORM id FROM payouts_fund WHERE id IN (SELECT fund_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;
    -- planned by size
    UPDATE payouts_fund f SET
        granted_cny = f.granted_cny + c.granted,
        available_cny = f.available_cny + c.available,
        reserved_cny = f.reserved_cny + c.reserved,
        disbursed_cny = f.disbursed_cny + c.disbursed,
        recovered_cny = f.recovered_cny + c.recovered
    FROM (
        SELECT
            fund_id,
            sum(CASE 'granted' WHEN debit THEN amount_cny WHEN credit THEN -amount_cny ELSE 0 END) AS granted,
            sum(CASE 'available' WHEN credit THEN amount_cny WHEN debit THEN -amount_cny ELSE 0 END) AS available,
            sum(CASE 'reserved' WHEN credit THEN amount_cny WHEN debit THEN -amount_cny ELSE 0 END) AS reserved,
            sum(CASE 'disbursed' WHEN credit THEN amount_cny WHEN debit THEN -amount_cny ELSE 0 END) AS disbursed,
            sum(CASE 'recovered' WHEN debit THEN amount_cny WHEN credit THEN -amount_cny ELSE 0 END) AS recovered
        FROM new_rows
        GROUP BY fund_id
    ) c
    WHERE f.id = c.fund_id;
    RETURN NULL;
END;
