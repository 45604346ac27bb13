"""A world that all tests of a module look at: made once, and rolled back after the last of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction


@contextmanager
def world_of_a_module(django_db_blocker: Any) -> Iterator[None]:
    """
    Roll back at the end what is written within; for fixtures of a module that yield inside of it.

    A test's own transaction lies inside this one, so that what a test writes is gone after it. Tests with real
    transactions would not see the world.
    """
    around = transaction.atomic()
    # Operations that refuse to run inside a transaction know a test's own by this.
    around._from_testcase = True  # type: ignore[attr-defined]
    with django_db_blocker.unblock(), around:
        yield
        transaction.set_rollback(True)
