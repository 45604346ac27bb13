from django.db import migrations

# Called for the few payouts that were asked back. Planners take it for called on every row, so its true cost would
# outweigh all else they compare; a subquery in its place had them choose joins by chance.
CAME_BACK = """
CREATE FUNCTION payouts_came_back(payout bigint) RETURNS numeric LANGUAGE sql STABLE PARALLEL SAFE COST 1 AS $$
    SELECT coalesce(sum(t.principal_cny), 0)
    FROM payouts_recovery r JOIN payouts_repayment t ON t.recovery_id = r.id WHERE r.payout_id = payout
$$
"""
# The relation of companies.datasets.facts.RECEIVED: what was paid and did not come back.
VIEW = """
CREATE OR REPLACE VIEW payouts_received AS
SELECT p.id, p.company_id, p.employee_id, y.code AS policy, e.period_key AS period,
    CASE p.status WHEN 'paid' THEN p.amount_cny ELSE (p.amount_cny - {came_back})::numeric(14,2) END AS amount,
    (p.paid_at AT TIME ZONE 'Asia/Shanghai')::date AS paid_on
FROM payouts_payout p
JOIN policies_policy y ON y.id = p.policy_id
JOIN policies_entitlement e ON e.id = p.entitlement_id
WHERE p.status = 'paid' OR p.status IN ('recovering', 'recovered') AND p.amount_cny > {came_back}
"""
SUBQUERY = """(SELECT coalesce(sum(t.principal_cny), 0)
    FROM payouts_recovery r JOIN payouts_repayment t ON t.recovery_id = r.id WHERE r.payout_id = p.id)"""


class Migration(migrations.Migration):

    dependencies = [
        ('payouts', '0036_references_are_proven_by_set'),
    ]

    operations = [
        migrations.RunSQL(CAME_BACK, reverse_sql="DROP FUNCTION payouts_came_back(bigint)"),
        migrations.RunSQL(
            VIEW.format(came_back="payouts_came_back(p.id)"), reverse_sql=VIEW.format(came_back=SUBQUERY)
        ),
    ]
