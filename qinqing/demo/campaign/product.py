"""The whole product on this machine: its parts beside each other, with a folder for what they keep."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import structlog
from django.db import connection

from qinqing.demo.campaign.parts import Addresses, all_parts
from qinqing.services.ports import LOOPBACK, free_port
from qinqing.services.state import STATE_NAME_VARIABLE, local_folder
from qinqing.services.supervisor import Supervisor, terminable

_WEB_PORT, _BANK_PORT = 8000, 8100


class Running(NamedTuple):
    """The product while it runs."""

    addresses: Addresses
    supervisor: Supervisor


def folder_of_database(*, is_fresh: bool) -> Path:
    """Where logs, the bank's books and the beat's schedule of the current database lie; emptied for a fresh one."""
    name = f"at-{connection.settings_dict['NAME']}"
    folder = local_folder() / os.environ.get(STATE_NAME_VARIABLE, "city") / name
    if is_fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def running_product(*, folder: Path) -> Iterator[Running]:
    """
    Start all parts on free ports and stop them at the end of the block, which a signal may be.

    Each part has a log in `logs`, and so has this process, whose output belongs to the person at the terminal.
    """
    addresses = Addresses(web_port=_free_port(_WEB_PORT), bank_port=_free_port(_BANK_PORT))
    environment = {"BANK_URL": addresses.bank, "DATABASE_URL": os.environ["DATABASE_URL"]}
    with terminable(), Supervisor(logs=folder / "logs", environment=environment) as supervisor:
        _log_to(folder / "logs" / "campaign.log")
        supervisor.start(*all_parts(addresses, folder=folder))
        yield Running(addresses, supervisor)


def _log_to(file: Path) -> None:
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=file.open("a", buffering=1)))


def _free_port(wished: int) -> int:
    """The wished port, so that an address stays the same from start to start, or another one if it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, wished))
        except OSError:
            return free_port()
    return wished
