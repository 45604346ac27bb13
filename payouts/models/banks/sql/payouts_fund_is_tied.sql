-- Whether a fund is tied to its bank and channel: a batch of it is under way, or an attempt to pay one of its payouts
-- left for the bank and the payout may still be paid by it or by a retry.
CREATE OR REPLACE FUNCTION payouts_fund_is_tied(fund bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM payouts_batch b
        WHERE b.fund_id = fund AND b.status IN ('open', 'sealed', 'approved', 'exported')
    ) OR EXISTS (
        SELECT FROM payouts_payout p
        WHERE p.fund_id = fund AND p.status IN ('approved', 'sent', 'in_doubt', 'failed', 'returned') AND EXISTS (
            SELECT FROM payouts_instruction i LEFT JOIN payouts_batch b ON b.id = i.batch_id
            WHERE i.payout_id = p.id AND b.status IS DISTINCT FROM 'rejected' OFFSET 0
        )
    )
$$;
