-- What a proposal to find fraud shows: the demand, and whether it was found to be for fraud.
CREATE OR REPLACE FUNCTION proposal_before_fraud(subject bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM payouts_recovery WHERE id = subject FOR NO KEY UPDATE;
    RETURN (
        SELECT jsonb_build_object(
            'demanded', r.amount_cny::text, 'demanded_because', r.because,
            'is_fraud', EXISTS (SELECT FROM payouts_fraudfinding f WHERE f.recovery_id = r.id)
        )
        FROM payouts_recovery r WHERE r.id = subject
    );
END;
$$;
