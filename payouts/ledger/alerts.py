"""Alarms about funds that are nearly used up; each is raised once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import structlog

from qinqing.kernel.database.statements import fetch_rows_as

log = structlog.get_logger()

# The claimed shares of the granted money, in per cent, at which finance is alarmed.
ALARMS_AT = (80, 95)


class _Alarm(NamedTuple):
    fund: int
    percentage: int
    available_cny: Decimal


def raise_alarms(*, now: datetime) -> int:
    """
    Raise an alarm for each fund of which 80 or 95 % is claimed; return the number of new alarms.

    After a further grant, the same alarm can be raised again.
    """
    raised = fetch_rows_as(
        _Alarm,
        """
        INSERT INTO payouts_fundalarm (fund_id, percentage, granted_cny, available_cny, raised_at)
        SELECT f.id, a.percentage, f.granted_cny, f.available_cny, %(now)s
        FROM payouts_fund f CROSS JOIN unnest(%(marks)s::int[]) AS a (percentage)
        WHERE f.granted_cny > 0 AND f.available_cny <= f.granted_cny * (100 - a.percentage) / 100
        ORDER BY f.id, a.percentage
        ON CONFLICT (fund_id, percentage, granted_cny) DO NOTHING
        RETURNING fund_id AS fund, percentage, available_cny
        """,
        marks=list(ALARMS_AT),
        now=now,
    )
    for each in raised:
        figures = {"claimed_percent": each.percentage, "available_cny": str(each.available_cny)}
        log.warning("fund_is_nearly_used_up", fund=each.fund, **figures)
    return len(raised)
