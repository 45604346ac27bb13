"""A worker is killed again and again while it pays; the bank's own books show that everybody was paid once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.utils.timezone import now

from payouts.banks.http import HttpBank
from payouts.controls.reconcile import invariants
from payouts.models import Instruction, Payout
from payouts.replies.apply import LOST_ATTEMPT_LIMIT
from payouts.states import Status
from qinqing.services.ports import free_port, wait_until_listening
from tests.factories.claims import claim_entitlements
from tests.factories.entitlements import make_entitlements, make_version

PAYOUTS = 3_000
# Each kill may hit the same payouts; a payout that the bank has not seen after so many tries waits for a clerk.
KILLS = LOST_ATTEMPT_LIMIT - 1
TOKEN = "a token of the tests"
LONGEST_WAIT_SECONDS = 60


def environment(port: int) -> dict[str, str]:
    """
    The settings of a worker on the database of the tests; times are short, so that payouts are in doubt only briefly.
    """
    return os.environ | {
        "BANK_URL": f"http://127.0.0.1:{port}",
        "BANK_TOKEN": TOKEN,
        "BANK_TIMEOUT_SECONDS": "2",
        "BANK_LEASE_SECONDS": "3",
        "BANK_CUT_OFF_SECONDS": "8",
    }


@contextmanager
def running(command: list[str], *, log: Path, given: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A program in a process group of its own; the end of the block ends it."""
    with log.open("ab") as out:
        program = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=settings.BASE_DIR,
            env=given,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        yield program
    finally:
        kill(program)


def kill(program: subprocess.Popen[bytes]) -> None:
    """Kill the program and its children."""
    if program.poll() is None:
        os.killpg(program.pid, signal.SIGKILL)
    program.wait()


def worker(folder: Path, given: dict[str, str]) -> list[str]:
    return [
        "celery",
        "--app=qinqing",
        "worker",
        "--queues=click,pay,reply",
        "--concurrency=2",
        "--beat",
        f"--schedule={folder / 'beat'}",
        "--without-gossip",
        "--without-mingle",
    ]


def wait_until(is_so: Callable[[], bool], *, what: str, log: Path) -> None:
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(f"Waited too long until {what}:\n{log.read_text()[-3000:]}")
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_paying_pays_everybody_once(tmp_path: Path) -> None:
    ids = make_entitlements(PAYOUTS, of=make_version(granted_cny=100 * PAYOUTS))
    claim_entitlements(entitlement_ids=ids, company=None, commitment="", actor=None, now=now())
    port, log = free_port(), tmp_path / "log"
    given, bank = environment(port), HttpBank(url=f"http://127.0.0.1:{port}", token=TOKEN, timeout_seconds=5)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    # Slow enough that a kill finds a request on its way.
    simulator = [
        "qinqing.bank_simulator",
        "--port",
        str(port),
        "--books",
        str(tmp_path / "bank"),
        "--slow-seconds",
        "0.3",
    ]
    with running(simulator, log=log, given=given) as program, httpx.Client(headers=headers, trust_env=False) as client:
        wait_until_listening(port, program, log=str(log))

        for _turn in range(KILLS):
            stored = Instruction.objects.count()
            with running(worker(tmp_path, given), log=log, given=given):
                wait_until(lambda stored=stored: Instruction.objects.count() > stored, what="it pays", log=log)
        assert Payout.objects.filter(status=Status.SENT).exists(), "the knife came too late to prove anything"
        with running(worker(tmp_path, given), log=log, given=given):
            wait_until(lambda: paid_out() == PAYOUTS, what="everybody is paid", log=log)
        books = client.get(f"http://127.0.0.1:{port}/v1/books").json()
        proved = invariants(bank_books=bank)
    bank.close()
    assert (books["count"], books["duplicates"]) == (PAYOUTS, 0)
    assert paid_out() == PAYOUTS
    assert proved.hold, proved.troubles


def paid_out() -> int:
    return Payout.objects.filter(status=Status.PAID).count()
