-- What firms and people received and have not repaid: the relation of `companies.datasets.facts.RECEIVED`.
--
-- Aliases: p payout, y policy, e entitlement.
CREATE OR REPLACE VIEW payouts_received AS
SELECT
    p.id,
    p.company_id,
    p.employee_id,
    y.code AS policy,
    e.period_key AS period,
    CASE p.status
        WHEN 'paid' THEN p.amount_cny
        ELSE (p.amount_cny - payouts_came_back(p.id))::numeric(14, 2)
    END AS amount,
    (p.paid_at AT TIME ZONE 'Asia/Shanghai')::date AS paid_on
FROM payouts_payout p
JOIN policies_policy y ON y.id = p.policy_id
JOIN policies_entitlement e ON e.id = p.entitlement_id
WHERE p.status = 'paid'
    OR p.status IN ('recovering', 'recovered') AND p.amount_cny > payouts_came_back(p.id);
