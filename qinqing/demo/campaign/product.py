"""Runs the whole product on this machine: its parts beside each other, with a folder for their files."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import structlog

from payouts.banks.interface import HELD_BY_SENDERS
from qinqing.demo.campaign.drop import write_drop
from qinqing.demo.campaign.parts import Addresses, bank, identity_provider, platform
from qinqing.services.ports import LOOPBACK, free_port
from qinqing.services.state import STATE_NAME_VARIABLE, local_folder
from qinqing.services.supervisor import Supervisor, interruptible

# What this process has, and no part is told; those that speak to the bank are told how by their programs.
_WITHHELD = ("OWNER_DATABASE_URL", *HELD_BY_SENDERS)
_WEB_PORT, _BANK_PORT, _IDENTITY_PORT = 8000, 8100, 8200


class Running(NamedTuple):
    """The product while it runs."""

    addresses: Addresses
    supervisor: Supervisor


class AlreadyRunning(Exception):
    """Another process runs the product on the same database."""


@contextmanager
def sole_runner(*, database: str) -> Iterator[Path]:
    """
    Be the only process that runs the product on a database; yields the folder for what the product keeps.

    Raises:
        AlreadyRunning: another process runs it.
    """
    folder = local_folder() / os.environ.get(STATE_NAME_VARIABLE, "city") / f"at-{database}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "runner.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            lock.seek(0)
            raise AlreadyRunning(
                f"Process {lock.read() or '?'} runs the product on the database “{database}” already; stop it first."
            ) from held
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield folder


def forget(folder: Path) -> None:
    """Drop what the product kept for a database that is new now: the bank's books, the beat's schedule and logs."""
    for kept in folder.iterdir():
        if kept.is_dir():
            shutil.rmtree(kept)
        elif kept.suffix != ".lock":
            kept.unlink()


@contextmanager
def running_product(*, folder: Path, has_identity: bool = False) -> Iterator[Running]:
    """
    Start all parts on free ports and stop them when the block ends, also by a signal.

    With `has_identity` the city's identity provider is one of them, and people sign in to the portal by it.

    Each part has a log in `logs`, and so has this process, whose output belongs to the person at the terminal.
    """
    addresses = Addresses(
        web_port=_free_port(_WEB_PORT),
        bank_port=_free_port(_BANK_PORT),
        identity_port=_free_port(_IDENTITY_PORT) if has_identity else 0,
    )
    environment = {"IDENTITY_URL": addresses.identity} if has_identity else {}
    with (
        interruptible(),
        Supervisor(logs=folder / "logs", environment=environment, withheld=_WITHHELD) as supervisor,
    ):
        _log_to(folder / "logs" / "campaign.log")
        write_drop(folder=folder, bank=addresses.bank)
        # The bank stays until the workers have heard its last answer.
        supervisor.start(bank(addresses, folder=folder))
        if has_identity:
            supervisor.start(identity_provider(addresses, folder=folder))
        supervisor.start(*platform(addresses, folder=folder))
        yield Running(addresses, supervisor)


def _log_to(file: Path) -> None:
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=file.open("a", buffering=1)))


def _free_port(wished: int) -> int:
    """The wished port, so that an address stays the same from start to start; another port if it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, wished))
        except OSError:
            return free_port()
    return wished
