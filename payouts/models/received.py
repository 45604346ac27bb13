"""
What the platform itself has paid is a dataset that rules may mention, `companies.facts.RECEIVED`.

Its rows are those of the view `payouts_received`, which a migration makes: payouts that were paid and did not come
back. The trigger here tells matching of changes.
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
                INSERT INTO policies_receivedchange (company_id)
                SELECT DISTINCT n.company_id FROM new_rows n JOIN old_rows o ON o.id = n.id
                WHERE (n.status = '{Status.PAID}') <> (o.status = '{Status.PAID}')
            $q$;
        END IF;
        RETURN NULL;
    """),
)
