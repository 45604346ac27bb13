"""
Leases: a worker holds payouts while it calls the bank, and renews the lease until the call ends or the worker dies.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread

import structlog
from django.db import DatabaseError, connection

from qinqing.kernel.database.statements import execute_statement

log = structlog.get_logger()


# The worker renews a lease after a third of its time, so two renewals may fail.
RENEWED_EACH = 3


# After ten leases the worker gives up renewing, so a bank that never ends its answer cannot hold payouts for good.
RENEWALS = 27


@contextmanager
def keep_lease(
    *, payouts: Sequence[int], leased_until: datetime, lease: timedelta, renewals: int = RENEWALS
) -> Iterator[None]:
    """
    Keep the lease of the payouts, which ends at `leased_until`, alive while the block runs.

    The lease ends when the process dies, after `renewals` renewals, or when somebody else changes it.
    """
    is_over = Event()
    renewing = Thread(target=_renew, args=(list(payouts), leased_until, lease, renewals, is_over), daemon=True)
    renewing.start()
    try:
        yield
    finally:
        is_over.set()
        renewing.join()


def _renew(payouts: list[int], until: datetime, lease: timedelta, renewals: int, is_over: Event) -> None:
    """Renew the lease beside the call, in a thread whose database connection only a slow call opens."""
    begun, ours = time.monotonic(), [until]
    try:
        for _turn in range(renewals):
            if is_over.wait(lease.total_seconds() / RENEWED_EACH):
                return
            later = until + timedelta(seconds=time.monotonic() - begun)
            try:
                _prolong(payouts, ours, later)
            except DatabaseError as trouble:
                log.warning("lease_not_renewed", reason=type(trouble).__name__)
                connection.close()
            ours.append(later)
    finally:
        connection.close()


def _prolong(payouts: list[int], ours: list[datetime], later: datetime) -> None:
    # A lease that somebody else set is not renewed. Locked rows are skipped: waiting for them would keep the call from
    # ending.
    execute_statement(
        """
        UPDATE payouts_payout SET leased_until = %(later)s WHERE id IN (
            SELECT id FROM payouts_payout
            WHERE id = ANY(%(ids)s) AND status IN ('sent', 'in_doubt') AND leased_until = ANY(%(ours)s)
            ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
        )
        """,
        ids=payouts,
        ours=ours,
        later=later,
    )
