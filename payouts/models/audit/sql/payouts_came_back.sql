-- The amount in yuan that was repaid of a payout.
--
-- COST 1 is lower than the true cost on purpose. The planner assumes that a statement calls the function for every row,
-- whereas statements call it only for the few payouts with a demand; at its true cost it would outweigh everything else
-- that the planner compares. A subquery instead of the function made the planner choose joins by chance.
CREATE OR REPLACE FUNCTION payouts_came_back(payout bigint) RETURNS numeric LANGUAGE sql STABLE PARALLEL SAFE COST 1
AS $$
    SELECT coalesce(sum(t.principal_cny), 0)
    FROM payouts_recovery r JOIN payouts_repayment t ON t.recovery_id = r.id WHERE r.payout_id = payout
$$;
