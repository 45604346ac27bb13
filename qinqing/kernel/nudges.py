"""Waking a worker after a commit; the work itself is rows, so a nudge may get lost."""

from __future__ import annotations

import time
from functools import partial
from threading import Lock, Thread

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger()

PAUSE_SECONDS = 0.05


def nudge(task: str) -> None:
    """
    Wake the task's worker once the transaction commits; a broker that is away is left to the sweep.

    The settings say which queue that is.
    """
    transaction.on_commit(partial(_send, task), robust=True)


def nudge_from_page(task: str) -> None:
    """
    The same without keeping a visitor waiting: the first nudge leaves at once, those of the next moment as one.

    A message costs as much as a fifth of a click, and wakes a worker that looks for everything due anyway.
    """
    transaction.on_commit(partial(_sender.ask, task), robust=True)


def _send(task: str) -> None:
    try:
        current_app.send_task(task, retry=False)
    except OperationalError as away:
        log.warning("nudge_lost", task=task, reason=str(away))


class _Sender:
    """Sends what is asked for beside the requests, each task once in a pause; its thread ends when nothing is left."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._due: set[str] = set()
        self._is_sending = False

    def ask(self, task: str) -> None:
        """Have the task's worker woken soon."""
        with self._lock:
            self._due.add(task)
            if self._is_sending:
                return
            self._is_sending = True
        Thread(target=self._send_all, daemon=True).start()

    def _send_all(self) -> None:
        while due := self._take_due():
            for task in due:
                try:
                    _send(task)
                except Exception:
                    # Otherwise nothing would ever be sent from here again.
                    log.exception("nudge_failed", task=task)
            time.sleep(PAUSE_SECONDS)

    def _take_due(self) -> set[str]:
        with self._lock:
            due, self._due = self._due, set()
            self._is_sending = bool(due)
            return due


_sender = _Sender()
