-- The second factors of an official; they stay locked until the transaction ends.
CREATE OR REPLACE FUNCTION proposal_before_staff_factor(subject bigint) RETURNS jsonb AS $$
BEGIN
    PERFORM FROM companies_user WHERE id = subject FOR NO KEY UPDATE;
    PERFORM FROM mfa_authenticator WHERE user_id = subject FOR UPDATE;
    RETURN (
        SELECT jsonb_build_object(
            'factors', (
                SELECT coalesce(jsonb_agg(a.type ORDER BY a.id), '[]') FROM mfa_authenticator a WHERE a.user_id = u.id
            )
        )
        FROM companies_user u WHERE u.id = subject AND u.is_staff
    );
END;
$$ LANGUAGE plpgsql SET search_path = public, pg_temp;
