-- When a payout becomes received or is no longer received, matching decides the firm again, if a version in force reads
-- what firms received.
BEGIN
    IF EXISTS (
        SELECT FROM policies_policyversion
        WHERE status IN ('published', 'suspended') AND 'received' = ANY (datasets)
    ) THEN
        -- planned by size
        INSERT INTO policies_receivedchange (company_id, policy_id)
        SELECT DISTINCT n.company_id, n.policy_id
        FROM new_rows n
        JOIN old_rows o ON o.id = n.id
        WHERE (n.status IN ('paid', 'recovering', 'recovered')) <> (o.status IN ('paid', 'recovering', 'recovered'));
    END IF;
    RETURN NULL;
END;
