-- A payout opens as requested, for a firm that is not blacklisted, and copies its entitlement; it may be for less,
-- never for more. If a person claims, the person signs for the firm, and within the limit for a day.
--
-- Aliases: n new payout, e entitlement, v version, f fund, c claim, a account, t third party, m membership.
DECLARE
    broken text;
    is_limited boolean;
    is_too_much boolean;
BEGIN
    -- planned by size
    SELECT CASE
        WHEN n.status <> 'requested' OR n.sequence <> 0 OR n.was_paid_cancelled THEN 'payout_opens_requested'
        WHEN EXISTS (
            SELECT FROM payouts_blacklisted_on((n.claimed_at AT TIME ZONE 'Asia/Shanghai')::date) b
            WHERE b.company_id = n.company_id
        ) THEN 'payout_is_not_for_a_blacklisted_firm'
        WHEN c.claimed_by_id IS NOT NULL AND (m.role = 'acceptor') IS NOT TRUE THEN 'claim_is_signed_by_an_acceptor'
        ELSE 'payout_copies_its_entitlement'
    END
    FROM new_rows n
    LEFT JOIN policies_entitlement e ON e.id = n.entitlement_id
    LEFT JOIN policies_policyversion v ON v.id = e.version_id
    LEFT JOIN payouts_fund f ON f.id = n.fund_id
    LEFT JOIN payouts_claim c ON c.id = n.claim_id
    LEFT JOIN companies_membership m ON m.user_id = c.claimed_by_id AND m.company_id = c.company_id
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
        OR c.claimed_by_id IS NOT NULL AND (m.role = 'acceptor') IS NOT TRUE
    LIMIT 1
    INTO broken;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = broken,
            MESSAGE = 'A payout opens as requested, and is what its entitlement says: ' || broken;
    END IF;
    -- planned by size
    SELECT EXISTS (
        SELECT FROM new_rows n
        JOIN payouts_claim c ON c.id = n.claim_id
        JOIN companies_membership m ON m.user_id = c.claimed_by_id AND m.company_id = c.company_id
        WHERE m.day_limit_cny IS NOT NULL
    )
    INTO is_limited;
    IF is_limited THEN
        -- Two claims of one signer wait for each other here, so that the second sees the payouts of the first.
        -- planned by size
        PERFORM FROM companies_membership m
        WHERE m.day_limit_cny IS NOT NULL AND (m.user_id, m.company_id) IN (
            SELECT c.claimed_by_id, c.company_id FROM new_rows n JOIN payouts_claim c ON c.id = n.claim_id
        )
        ORDER BY m.id FOR NO KEY UPDATE;
        -- planned by size
        SELECT EXISTS (
            WITH signed AS (
                SELECT DISTINCT m.user_id, m.company_id, m.day_limit_cny,
                    (n.claimed_at AT TIME ZONE 'Asia/Shanghai')::date AS day
                FROM new_rows n
                JOIN payouts_claim c ON c.id = n.claim_id
                JOIN companies_membership m ON m.user_id = c.claimed_by_id AND m.company_id = c.company_id
                WHERE m.day_limit_cny IS NOT NULL
            )
            SELECT FROM signed s
            JOIN payouts_claim c ON c.company_id = s.company_id AND c.claimed_by_id = s.user_id
                AND (c.claimed_at AT TIME ZONE 'Asia/Shanghai')::date = s.day
            JOIN payouts_payout p ON p.claim_id = c.id AND p.status <> 'cancelled'
            GROUP BY s.user_id, s.company_id, s.day, s.day_limit_cny
            HAVING sum(p.amount_cny) > s.day_limit_cny
        )
        INTO is_too_much;
        IF is_too_much THEN
            RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'claim_is_within_the_limit_of_its_signer',
                MESSAGE = 'Together with what the signer claimed on this day it is more than the limit.';
        END IF;
    END IF;
    -- planned by size
    INSERT INTO payouts_transition
        (payout_id, sequence, before, after, moved_at, moved_by_id, moved_as, moved_because)
    SELECT id, 0, '', status, moved_at, moved_by_id, moved_as, moved_because FROM new_rows;
    RETURN NULL;
END;
