-- An instruction that went out alone changes once, when its batch is sealed; the batch then has the count, the sum and
-- the fund of its instructions.
DECLARE
    is_broken boolean;
BEGIN
    -- planned anew
    SELECT EXISTS (
        SELECT FROM new_rows n
        LEFT JOIN old_rows o ON o.id = n.id
        WHERE o.id IS NULL OR o.batch_id IS NOT NULL
            OR (n.payout_id, n.attempt, n.end_to_end_id, n.fund_id, n.account_id, n.amount_cny, n.stored_at,
                n.valid_until)
            IS DISTINCT FROM
            (o.payout_id, o.attempt, o.end_to_end_id, o.fund_id, o.account_id, o.amount_cny, o.stored_at,
                o.valid_until)
    ) OR EXISTS (
        SELECT FROM (
            SELECT batch_id, count(*) AS line_count, sum(amount_cny) AS total_cny,
                min(fund_id) AS first_fund, max(fund_id) AS last_fund
            FROM payouts_instruction
            WHERE batch_id IN (SELECT batch_id FROM new_rows)
            GROUP BY batch_id
        ) s
        JOIN payouts_batch b ON b.id = s.batch_id
        WHERE (b.line_count, b.control_sum_cny, b.fund_id, b.fund_id)
            IS DISTINCT FROM (s.line_count, s.total_cny, s.first_fund, s.last_fund)
    )
    INTO is_broken;
    IF is_broken THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'instruction_is_sealed_once',
            MESSAGE = 'An instruction changes once: when its batch is sealed.';
    END IF;
    RETURN NULL;
END;
