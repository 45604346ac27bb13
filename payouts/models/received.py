"""
What the platform itself knows of firms is data that rules may mention: `companies.facts.OWN_DATASETS`.

The rows are those of views that migrations make: `payouts_received`, payouts that were paid and did not come back, and
`payouts_blacklisted`, firms that may not claim. The triggers here tell matching of changes.
"""

# ruff: noqa: S608 - what is put into these statements are texts of our own.
from __future__ import annotations

import pgtrigger

from payouts.states import Status
from qinqing.kernel.triggers import Guard, planned_by_size

RECEIVED_IS_TOLD = Guard(
    name="received_is_told_to_matching",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),  # type: ignore[no-untyped-call]
    func=planned_by_size(f"""
        IF EXISTS (
            SELECT FROM policies_policyversion
            WHERE status IN ('published', 'suspended') AND 'received' = ANY (datasets)
        ) THEN
            EXECUTE $q$
                INSERT INTO policies_receivedchange (company_id, policy_id)
                SELECT DISTINCT n.company_id, n.policy_id FROM new_rows n JOIN old_rows o ON o.id = n.id
                WHERE (n.status = '{Status.PAID}') <> (o.status = '{Status.PAID}')
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
