-- A key as it is registered; one that is still to be registered is number 0, and has no values.
CREATE OR REPLACE FUNCTION proposal_before_delivery_key(subject bigint) RETURNS jsonb AS $$
BEGIN
    IF subject = 0 THEN
        RETURN '{}';
    END IF;
    PERFORM FROM companies_deliverykey WHERE id = subject FOR NO KEY UPDATE;
    RETURN (
        SELECT jsonb_build_object(
            'department', k.department, 'machine', k.machine, 'algorithm', k.algorithm, 'fingerprint', k.fingerprint,
            'state', CASE WHEN k.revoked_at IS NULL THEN 'in force' ELSE 'revoked' END
        )
        FROM companies_deliverykey k WHERE k.id = subject
    );
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
