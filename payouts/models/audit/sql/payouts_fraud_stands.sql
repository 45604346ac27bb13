-- Whether the demand was found to be for fraud, and no appeal has overturned it.
CREATE OR REPLACE FUNCTION payouts_fraud_stands(demand bigint) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (
        SELECT FROM payouts_fraudfinding f JOIN payouts_recovery r ON r.id = f.recovery_id
        WHERE r.id = demand AND r.ended_as <> 'withdrawn'
    )
$$;
