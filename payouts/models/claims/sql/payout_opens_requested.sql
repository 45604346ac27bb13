-- A payout opens as requested, for a firm that is not blacklisted, and copies its entitlement; it may be for less,
-- never for more.
--
-- Aliases: n new payout, e entitlement, v version, f fund, c claim, a account, t third party.
DECLARE
    broken text;
BEGIN
    -- planned by size
    SELECT CASE
        WHEN n.status <> 'requested' OR n.sequence <> 0 OR n.was_paid_cancelled THEN 'payout_opens_requested'
        WHEN EXISTS (
            SELECT FROM payouts_blacklisted_on((n.claimed_at AT TIME ZONE 'Asia/Shanghai')::date) b
            WHERE b.company_id = n.company_id
        ) THEN 'payout_is_not_for_a_blacklisted_firm'
        ELSE 'payout_copies_its_entitlement'
    END
    FROM new_rows n
    LEFT JOIN policies_entitlement e ON e.id = n.entitlement_id
    LEFT JOIN policies_policyversion v ON v.id = e.version_id
    LEFT JOIN payouts_fund f ON f.id = n.fund_id
    LEFT JOIN payouts_claim c ON c.id = n.claim_id
    WHERE n.status <> 'requested' OR n.sequence <> 0 OR n.was_paid_cancelled
        -- The account belongs to the company, to its employee or to the third party whom the entitlement names.
        OR NOT EXISTS (
            SELECT FROM companies_payeeaccount a
            LEFT JOIN companies_thirdparty t ON t.id = a.third_party_id
            WHERE a.id = n.account_id AND CASE v.payee
                WHEN 'company' THEN a.company_id = n.company_id
                WHEN 'employee' THEN a.employee_id = n.employee_id
                ELSE t.code = e.payee_code AND a.checked_at IS NOT NULL
            END
        )
        OR EXISTS (
            SELECT FROM payouts_blacklisted_on((n.claimed_at AT TIME ZONE 'Asia/Shanghai')::date) b
            WHERE b.company_id = n.company_id
        )
        OR (e.policy_id, e.company_id, e.employee_id, e.version_id, c.company_id)
            IS DISTINCT FROM (n.policy_id, n.company_id, n.employee_id, f.version_id, n.company_id)
        OR (n.amount_cny <= e.amount_cny) IS NOT TRUE
    LIMIT 1
    INTO broken;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = broken,
            MESSAGE = 'A payout opens as requested, and is what its entitlement says: ' || broken;
    END IF;
    -- planned by size
    INSERT INTO payouts_transition
        (payout_id, sequence, before, after, moved_at, moved_by_id, moved_as, moved_because)
    SELECT id, 0, '', status, moved_at, moved_by_id, moved_as, moved_because FROM new_rows;
    RETURN NULL;
END;
