-- What of a payout has been repaid, in yuan.
--
-- It is asked about the few payouts that were asked back. Planners believe that it is called for every row, so its true
-- cost would outweigh all else that they compare; a subquery in its place had them choose joins by chance.
CREATE OR REPLACE FUNCTION payouts_came_back(payout bigint) RETURNS numeric LANGUAGE sql STABLE PARALLEL SAFE COST 1
AS $$
    SELECT coalesce(sum(t.principal_cny), 0)
    FROM payouts_recovery r JOIN payouts_repayment t ON t.recovery_id = r.id WHERE r.payout_id = payout
$$;
