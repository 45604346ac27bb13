-- The present terms of a circuit breaker, which stays locked until the transaction ends.
CREATE OR REPLACE FUNCTION proposal_before_breaker_terms(subject bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM policies_breaker WHERE id = subject FOR UPDATE;
    RETURN (
        SELECT jsonb_build_object(
            'refused_count', b.refused_count, 'refused_percent', b.refused_percent,
            'refused_minutes', b.refused_minutes, 'payees_per_account', b.payees_per_account,
            'stops_when_stale', b.stops_when_stale
        )
        FROM policies_breaker b WHERE b.id = subject
    );
END;
$$;
