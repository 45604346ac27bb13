"""Opening the funds of versions, each with the money that its version was granted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from payouts.states import Account
from qinqing.kernel.database.statements import execute_statement, first_column


def open_funds(*, version_ids: Collection[int], now: datetime) -> None:
    """Open a fund for each of these versions without one, and post the money that the version was granted."""
    opened = first_column(
        """
        INSERT INTO payouts_fund (version_id, granted_cny, available_cny, reserved_cny, disbursed_cny, recovered_cny)
        SELECT id, 0, 0, 0, 0, 0 FROM policies_policyversion WHERE id = ANY(%(ids)s) ORDER BY id
        ON CONFLICT (version_id) DO NOTHING
        RETURNING id
        """,
        ids=sorted(version_ids),
    )
    if opened:
        execute_statement(
            """
            INSERT INTO payouts_posting (fund_id, debit, credit, amount_cny, posted_at)
            SELECT f.id, %(granted)s, %(available)s, v.granted_cny, %(now)s
            FROM payouts_fund f JOIN policies_policyversion v ON v.id = f.version_id
            WHERE f.id = ANY(%(ids)s) AND v.granted_cny > 0
            """,
            ids=opened,
            granted=Account.GRANTED.value,
            available=Account.AVAILABLE.value,
            now=now,
        )
