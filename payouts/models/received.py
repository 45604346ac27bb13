"""
What the platform itself knows of firms is data that rules may mention: `companies.datasets.facts.OWN_DATASETS`.

The rows are those of views that migrations make: `payouts_received`, what of a payout has not come back, and
`payouts_blacklisted`, firms that may not claim. The triggers here tell matching of changes.
"""

# ruff: noqa: S608 - what is put into these statements are texts of our own.
from __future__ import annotations

import pgtrigger

from payouts.states import Status
from qinqing.kernel.database.triggers import Guard, planned_by_size
from qinqing.kernel.money import DECIMAL_PLACES, MAX_DIGITS

# Where the money is with the payee; a demand alone brings none of it back.
SETTLED = (Status.PAID, Status.RECOVERING, Status.RECOVERED)
# A function that migrations make: what of a payout has come back, in yuan.
_REPAID_CNY = "payouts_came_back(p.id)"
# SQL of a payout `p`: what of it has not come back, in yuan, and whether that is anything. Nothing is looked up for the
# many that nobody asks back: a demand is withdrawn only when nothing is repaid, so of these nothing ever is.
KEPT_CNY = (
    f"CASE p.status WHEN '{Status.PAID}' THEN p.amount_cny"
    f" ELSE (p.amount_cny - {_REPAID_CNY})::numeric({MAX_DIGITS},{DECIMAL_PLACES}) END"
)
IS_KEPT = (
    f"(p.status = '{Status.PAID}'"
    f" OR p.status IN ('{Status.RECOVERING}', '{Status.RECOVERED}') AND p.amount_cny > {_REPAID_CNY})"
)
_IS_READ = """EXISTS (
            SELECT FROM policies_policyversion
            WHERE status IN ('published', 'suspended') AND 'received' = ANY (datasets)
        )"""
_SETTLED = ", ".join(f"'{status}'" for status in SETTLED)

RECEIVED_IS_TOLD = Guard(
    name="received_is_told_to_matching",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),  # type: ignore[no-untyped-call]
    func=planned_by_size(f"""
        IF {_IS_READ} THEN
            EXECUTE $q$
                INSERT INTO policies_receivedchange (company_id, policy_id)
                SELECT DISTINCT n.company_id, n.policy_id FROM new_rows n JOIN old_rows o ON o.id = n.id
                WHERE (n.status IN ({_SETTLED})) <> (o.status IN ({_SETTLED}))
            $q$;
        END IF;
        RETURN NULL;
    """),
)

# What comes in towards a fine leaves what was received as it was.
REPAYMENT_IS_TOLD = Guard(
    name="repayment_is_told_to_matching",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
    func=planned_by_size(f"""
        IF {_IS_READ} THEN
            EXECUTE $q$
                INSERT INTO policies_receivedchange (company_id, policy_id)
                SELECT DISTINCT p.company_id, p.policy_id FROM new_rows n
                JOIN payouts_recovery r ON r.id = n.recovery_id JOIN payouts_payout p ON p.id = r.payout_id
                WHERE n.principal_cny <> 0
            $q$;
        END IF;
        RETURN NULL;
    """),
)

BLACKLISTED_IS_TOLD = Guard(
    name="blacklisted_is_told_to_matching",
    when=pgtrigger.After,
    operation=pgtrigger.Insert | pgtrigger.Update,
    func="""
        INSERT INTO policies_receivedchange (company_id)
        SELECT NEW.company_id WHERE EXISTS (
            SELECT FROM policies_policyversion
            WHERE status IN ('published', 'suspended') AND 'blacklist' = ANY (datasets)
        );
        RETURN NULL;
    """,
)
