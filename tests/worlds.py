"""A world that all tests of a module share: made once, and rolled back after the last of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.test import override_settings

# To make a world and walk through all of its pages takes minutes on a busy machine; a proof stays fresh meanwhile.
_HOUR_SECONDS = 3_600
PROOFS_OF_AN_HOUR = {"STEP_UP_SECONDS": _HOUR_SECONDS, "ACCOUNT_REAUTHENTICATION_TIMEOUT": _HOUR_SECONDS}


@contextmanager
def world_of_a_module(django_db_blocker: Any) -> Iterator[None]:
    """
    Roll back at the end what the block writes; for fixtures of a module that yield inside the block.

    Each test has a transaction inside this one, so what a test writes is rolled back after that test. Tests with real
    transactions do not see the world.
    """
    around = transaction.atomic()
    # Operations that refuse to run inside a transaction recognise the transaction of a test by this mark.
    around._from_testcase = True  # type: ignore[attr-defined]
    with django_db_blocker.unblock(), around, override_settings(**PROOFS_OF_AN_HOUR):
        yield
        transaction.set_rollback(True)
