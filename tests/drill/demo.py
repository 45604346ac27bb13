"""A demo for one drill: the whole product on a fresh database, with a small city."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import django
from django.conf import settings

from qinqing.services import ensure

_STATE = "drill"
_READY = "Ctrl-C stops everything."
_STOPS_WITHIN_SECONDS = 60


class Running(NamedTuple):
    """A demo that runs: the address of its portal, and that by which the product reaches its database."""

    address: str
    database: str


class NoDemo(Exception):
    """The demo ended before it could be drilled."""


@contextmanager
def run_demo(*, companies: int) -> Iterator[Running]:
    """
    Run the demo on a database of its own until the block ends.

    Raises:
        NoDemo: it did not start; the sentence has what it printed.
    """
    ensure(name=_STATE)
    django.setup()
    from qinqing.demo.campaign.database import database_beside, use_fresh_database

    use_fresh_database(database_beside(_STATE))
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--companies", str(companies)],
        cwd=settings.BASE_DIR,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield Running(_read_address(process), os.environ["DATABASE_URL"])
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=_STOPS_WITHIN_SECONDS)


def _read_address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if _READY in line:
            found = re.search(r"portal +(http://[^/\s]+)", said)
            assert found is not None
            return found[1]
    raise NoDemo(f"The demo ended before it was ready:\n{said}")
