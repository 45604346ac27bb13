-- How the last demand to repay a payout ended: an empty text while the demand is open, null if there was no demand.
CREATE OR REPLACE FUNCTION payouts_last_demand(payout bigint) RETURNS varchar LANGUAGE sql STABLE PARALLEL SAFE COST 1
AS $$
    SELECT r.ended_as FROM payouts_recovery r WHERE r.payout_id = payout ORDER BY r.id DESC LIMIT 1
$$;
