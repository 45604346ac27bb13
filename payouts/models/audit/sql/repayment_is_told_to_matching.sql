-- After a repayment, matching decides the firm again, if a version in force reads what firms received.
--
-- A payment towards a fine alone does not change what the firm received, so it is ignored.
BEGIN
    IF EXISTS (
        SELECT FROM policies_policyversion
        WHERE status IN ('published', 'suspended') AND 'received' = ANY (datasets)
    ) THEN
        -- planned by size
        INSERT INTO policies_receivedchange (company_id, policy_id)
        SELECT DISTINCT p.company_id, p.policy_id
        FROM new_rows n
        JOIN payouts_recovery r ON r.id = n.recovery_id
        JOIN payouts_payout p ON p.id = r.payout_id
        WHERE n.principal_cny <> 0;
    END IF;
    RETURN NULL;
END;
