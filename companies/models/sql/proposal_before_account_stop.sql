-- What the platform saw, and whether the stop is open; it stays locked until the transaction ends.
CREATE OR REPLACE FUNCTION proposal_before_account_stop(subject bigint) RETURNS jsonb AS $$
BEGIN
    PERFORM FROM companies_accountstop WHERE id = subject FOR NO KEY UPDATE;
    RETURN (
        SELECT jsonb_build_object(
            'kind', s.kind, 'accounts', s.account_count,
            'state', CASE WHEN s.lifted_at IS NULL THEN 'open' ELSE 'lifted' END
        )
        FROM companies_accountstop s WHERE s.id = subject
    );
END;
$$ LANGUAGE plpgsql;
