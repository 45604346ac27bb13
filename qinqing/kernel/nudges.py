"""Wakes a worker after a commit; the work itself is rows, so a nudge may get lost."""

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
    Wake the task's worker once the transaction commits; if the broker is away, the sweep finds the rows.

    The settings say which queue the task has.
    """
    transaction.on_commit(partial(_send, task), robust=True)


def nudge_from_page(task: str) -> None:
    """
    The same without a wait for the visitor: the first nudge leaves at once, and later ones of the next moment as one.

    A message costs as much as a fifth of a click, and the worker that it wakes looks for everything due anyway.
    """
    transaction.on_commit(partial(_sender.ask, task), robust=True)


def _send(task: str) -> None:
    try:
        current_app.send_task(task, retry=False)
    except OperationalError as away:
        log.warning("nudge_lost", task=task, reason=str(away))


class _Sender:
    """Sends nudges in a thread beside the requests, each task once per pause; the thread ends when no nudge is left."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._due: set[str] = set()
        self._is_sending = False

    def ask(self, task: str) -> None:
        """Wake the task's worker soon."""
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
                    # If the error ended this thread, `_is_sending` would stay true and nothing would be sent again.
                    log.exception("nudge_failed", task=task)
            time.sleep(PAUSE_SECONDS)

    def _take_due(self) -> set[str]:
        with self._lock:
            due, self._due = self._due, set()
            self._is_sending = bool(due)
            return due


_sender = _Sender()
