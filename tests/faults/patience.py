"""People who try again while something is away."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import httpx
from django.db import InterfaceError, OperationalError, connection

LONGEST_SECONDS = 120

Answer = TypeVar("Answer")


class GaveUp(Exception):
    """What was waited for did not come."""


def retry(ask: Callable[[], Answer]) -> Answer:
    """The answer of the database or of the bank, which may be away for a moment."""
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
    Look again and again.

    Raises:
        GaveUp: it was not so in time.
    """
    deadline = time.monotonic() + LONGEST_SECONDS
    while not retry(is_so):
        if time.monotonic() > deadline:
            raise GaveUp(f"Waited in vain until {what}.")
        time.sleep(0.1)
