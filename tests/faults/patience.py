"""Helpers that try again while a server is down."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import httpx
from django.db import InterfaceError, OperationalError, connection

LONGEST_SECONDS = 120

Answer = TypeVar("Answer")


class GaveUp(Exception):
    """What the run waited for did not happen in time."""


def retry(ask: Callable[[], Answer]) -> Answer:
    """Ask until there is an answer; the database or the bank may be down for a moment."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while True:
        try:
            return ask()
        except (OperationalError, InterfaceError, httpx.HTTPError):
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def wait_until(is_so: Callable[[], bool], *, what: str) -> None:
    """
    Ask again and again until it is so.

    Raises:
        GaveUp: it was not so in time.
    """
    deadline = time.monotonic() + LONGEST_SECONDS
    while not retry(is_so):
        if time.monotonic() > deadline:
            raise GaveUp(f"Waited in vain until {what}.")
        time.sleep(0.1)
