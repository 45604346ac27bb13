"""A worker holds payouts while the bank is called: the lease renews itself and ends with the worker."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread

import structlog
from django.db import DatabaseError, connection

from qinqing.kernel.database.statements import executed

log = structlog.get_logger()


# A lease is renewed when a third of it is over, so that two renewals may be missed.
RENEWED_EACH = 3


# A call that is not over by then (ten leases) is given up; a bank that never ends its answer holds nothing for good.
RENEWALS = 27


@contextmanager
def keep_lease(
    *, payouts: Sequence[int], leased_until: datetime, lease: timedelta, renewals: int = RENEWALS
) -> Iterator[None]:
    """
    Keep the lease of the payouts, which ends at `leased_until`, alive for as long as the block runs.

    The lease dies with the process, after `renewals` renewals, and when somebody else has set it meanwhile.
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
    """Runs beside the call, with a connection of its own, which only a slow call ever opens."""
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
    # A lease that somebody else set is not ours to renew. What another has locked is not waited for: who waits here
    # would keep the call from ending.
    executed(
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
