"""Waking a worker after a commit; the work itself is rows, so a nudge may get lost."""

from __future__ import annotations

from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger()


def nudge(task: str, *, queue: str) -> None:
    """Wake the task's worker once the transaction commits; a broker that is away is left to the sweep."""
    transaction.on_commit(partial(_send, task, queue), robust=True)


def _send(task: str, queue: str) -> None:
    try:
        current_app.send_task(task, queue=queue, retry=False)
    except OperationalError as away:
        log.warning("nudge_lost", task=task, reason=str(away))
