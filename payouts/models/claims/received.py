"""
SQL expressions for the money that a payee still has of a payout `p`.

Rules may mention what firms received and whether they are blacklisted (`companies.contracts.own.OWN_DATASETS`); the
views `payouts_received` and `payouts_blacklisted` hold these facts. Triggers tell matching when the rows change.
"""

from __future__ import annotations

from payouts.states import Status
from qinqing.kernel.money import DECIMAL_PLACES, MAX_DIGITS

# The CASE spares the lookup for the many payouts without a demand: a demand is withdrawn only when the firm has got all
# repayments back, so a payout that counts as paid has none.
KEPT_CNY = (
    f"CASE p.status WHEN '{Status.PAID}' THEN p.amount_cny"
    f" ELSE (p.amount_cny - payouts_came_back(p.id))::numeric({MAX_DIGITS},{DECIMAL_PLACES}) END"
)
IS_KEPT = (
    f"(p.status = '{Status.PAID}'"
    f" OR p.status IN ('{Status.RECOVERING}', '{Status.RECOVERED}') AND p.amount_cny > payouts_came_back(p.id))"
)
