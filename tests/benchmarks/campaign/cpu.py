"""Measures the processor time of our own processes, of PostgreSQL's, and, apart from them, of the bank."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

_TICKS = os.sysconf("SC_CLK_TCK")
_LOOKS = 20


class NotOnThisMachine(Exception):
    """PostgreSQL runs on another machine, so nobody here can read its processor time."""


@dataclass(frozen=True, slots=True)
class Cpu:
    """Seconds of processor time since some moment: of our Python, of all processes of PostgreSQL, and of the bank."""

    python_seconds: float = 0.0
    postgresql_seconds: float = 0.0
    bank_seconds: float = 0.0

    def __add__(self, other: Cpu) -> Cpu:
        return Cpu(
            self.python_seconds + other.python_seconds,
            self.postgresql_seconds + other.postgresql_seconds,
            self.bank_seconds + other.bank_seconds,
        )

    def __sub__(self, other: Cpu) -> Cpu:
        return self + Cpu(-other.python_seconds, -other.postgresql_seconds, -other.bank_seconds)

    @property
    def own_seconds(self) -> float:
        """The processor time without the bank's."""
        return self.python_seconds + self.postgresql_seconds


@dataclass(frozen=True, slots=True)
class _Process:
    parent: int
    session: int
    ticks: int
    # The ticks of children that have ended.
    ticks_of_ended: int


def cpu_so_far(*, parts: Mapping[str, int]) -> Cpu:
    """
    What was worked until now by this process, by PostgreSQL, and by the parts, given by the session that each leads.

    Raises:
        NotOnThisMachine: PostgreSQL is not to be seen among the processes.
    """
    # The backend is asked first, because the question may start a process.
    backend = _backend()
    processes = _processes()
    postmaster = _postmaster(backend, processes)
    postgres = sum(each.ticks for pid, each in processes.items() if postmaster in (pid, each.parent))
    ours = {session for name, session in parts.items() if name != "bank"}
    return Cpu(
        python_seconds=sum(os.times()[:2]) + _of_sessions(processes, ours) / _TICKS,
        postgresql_seconds=(postgres + processes[postmaster].ticks_of_ended) / _TICKS,
        bank_seconds=_of_sessions(processes, {parts["bank"]} if "bank" in parts else set()) / _TICKS,
    )


def _of_sessions(processes: Mapping[int, _Process], sessions: set[int]) -> int:
    return sum(each.ticks + each.ticks_of_ended for each in processes.values() if each.session in sessions)


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _postmaster(backend: int, processes: Mapping[int, _Process]) -> int:
    name = Path(f"/proc/{backend}/comm")
    if backend not in processes or not name.exists() or not name.read_text().startswith("postgres"):
        raise NotOnThisMachine("PostgreSQL runs on another machine, and its work cannot be measured from here.")
    return processes[backend].parent


def _processes() -> dict[int, _Process]:
    """
    All processes, as they are while none comes or goes.

    Of one that ends while we look, neither its own numbers nor those of its parent would tell what it worked.
    """
    found = _read_processes()
    # If others start processes all the time, there is no such moment; then the last look is used.
    for _look in range(_LOOKS):
        before, found = found, _read_processes()
        if found.keys() == before.keys():
            break
    return found


def _read_processes() -> dict[int, _Process]:
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        # A process may end while it is read.
        with suppress(OSError, IndexError):
            # After the name, which may hold anything: state, parent, group, session, … and at 11 the four times.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            own, ended = map(int, fields[11:13]), map(int, fields[13:15])
            found[int(folder.name)] = _Process(int(fields[1]), int(fields[3]), sum(own), sum(ended))
    return found
