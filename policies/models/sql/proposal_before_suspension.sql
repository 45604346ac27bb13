-- What a proposal to lift a suspension shows; the version stays locked until the transaction ends, and the suspension
-- with it.
CREATE OR REPLACE FUNCTION proposal_before_suspension(stop bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM policies_policyversion
    WHERE id = (SELECT version_id FROM policies_suspension WHERE id = stop) FOR NO KEY UPDATE;
    PERFORM FROM policies_suspension WHERE id = stop FOR NO KEY UPDATE;
    RETURN (
        SELECT jsonb_build_object(
            'state', CASE WHEN s.lifted_at IS NULL THEN 'stopped' ELSE 'lifted' END, 'version', v.status,
            'stopped_by', coalesce(u.username, ''), 'kind', s.kind, 'reason', jsonb_build_array(s.reason, s.reason_en),
            'since', s.suspended_at
        )
        FROM policies_suspension s
        JOIN policies_policyversion v ON v.id = s.version_id
        LEFT JOIN companies_user u ON u.id = s.suspended_by_id
        WHERE s.id = stop
    );
END;
$$;
