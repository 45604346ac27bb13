"""
What of a payout has not come back, as conditions over a payout `p`.

What the platform itself knows of firms is data that rules may mention (`companies.datasets.facts.OWN_DATASETS`): the
rows of the views `payouts_received` and `payouts_blacklisted`. Triggers tell matching when they change.
"""

from __future__ import annotations

from payouts.states import Status
from qinqing.kernel.money import DECIMAL_PLACES, MAX_DIGITS

# Nothing is looked up for the many that nobody asks back: a demand is withdrawn only when nothing is repaid, so nothing
# of these ever is.
KEPT_CNY = (
    f"CASE p.status WHEN '{Status.PAID}' THEN p.amount_cny"
    f" ELSE (p.amount_cny - payouts_came_back(p.id))::numeric({MAX_DIGITS},{DECIMAL_PLACES}) END"
)
IS_KEPT = (
    f"(p.status = '{Status.PAID}'"
    f" OR p.status IN ('{Status.RECOVERING}', '{Status.RECOVERED}') AND p.amount_cny > payouts_came_back(p.id))"
)
