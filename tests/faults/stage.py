"""The parts of the product, each in a process that can be killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
from django.conf import settings
from django.db import OperationalError, connection

from qinqing.services.ports import LOOPBACK, free_port, wait_until_listening
from tests.faults.course import Fault, FaultKind
from tests.faults.servers import Postgres, Redis

TOKEN = "a token of the tests"
# Short times, so that payouts are in doubt only for a short time.
TIMES = {"BANK_TIMEOUT_SECONDS": "1", "BANK_LEASE_SECONDS": "2", "BANK_CUT_OFF_SECONDS": "4"}
HEALTHY_BANK: dict[str, float] = {
    "slow_seconds": 0, "timeout_rate": 0, "drop_reply_rate": 0, "refuse_rate": 0, "twice_rate": 0,
    "contradict_rate": 0,
}  # fmt: skip
ILL: dict[FaultKind, dict[str, float]] = {
    FaultKind.BANK_SLOW: {"slow_seconds": 0.4},
    # This is longer than the platform waits for an answer.
    FaultKind.BANK_LATE: {"slow_seconds": 1.6},
    FaultKind.BANK_TIMES_OUT: {"timeout_rate": 0.8},
    FaultKind.BANK_CUTS_OFF: {"drop_reply_rate": 0.8},
    FaultKind.BANK_REFUSES: {"refuse_rate": 0.2},
    FaultKind.BANK_ANSWERS_TWICE: {"twice_rate": 1},
    FaultKind.BANK_CONTRADICTS: {"contradict_rate": 1},
}
KILLED = {
    FaultKind.WORKER_KILLED: "worker",
    FaultKind.BEAT_KILLED: "beat",
    FaultKind.WEB_KILLED: "web",
    FaultKind.BANK_KILLED: "bank",
}


class Stage:
    """
    Bank, portal, worker and beat on the current database, with their logs in a folder; the end of the block ends them.
    """

    def __init__(self, folder: Path, *, postgres: Postgres, redis: Redis) -> None:
        self.folder, self.postgres, self.redis = folder, postgres, redis
        self.web_port, self.bank_port = free_port(), free_port()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._moods: list[FaultKind] = []
        # How often a fault met something to spoil.
        self.struck: Counter[FaultKind] = Counter()
        self._told: dict[str, int] = {}
        self.is_listening = {"web": self.web_port, "bank": self.bank_port}
        headers = {"Authorization": f"Bearer {TOKEN}"}
        self.bank = httpx.Client(base_url=self.bank_address, headers=headers, trust_env=False, timeout=10)

    def __enter__(self) -> Self:
        for name in ("bank", "web", "worker", "beat"):
            self.start(name)
        # Without waiting here, the first run would be over before a worker works.
        while " ready." not in (self.folder / "worker.log").read_text():
            time.sleep(0.1)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for name in list(self._running):
            self.kill(name)
        self.bank.close()

    def begin(self, fault: Fault) -> None:
        """Begin a fault."""
        self.struck[fault.kind] += self._begin(fault.kind)

    def _begin(self, kind: FaultKind) -> int:
        """Begin a fault, and return how much it has spoilt so far; the effect of a bank's mood is counted later."""
        if kind in KILLED:
            return self.kill(KILLED[kind])
        match kind:
            case FaultKind.SECOND_BEAT:
                self.start("second beat")
            case FaultKind.REDIS_KILLED:
                self.redis.stop()
            case FaultKind.REDIS_EMPTIED:
                return self.redis.empty()
            case FaultKind.POSTGRES_RESTARTED:
                self.postgres.stop()
            case FaultKind.CONNECTIONS_CUT:
                return cut_connections()
            case _mood:
                self._moods.append(kind)
                self._tell_bank()
                return 0
        return 1

    def end(self, fault: Fault) -> None:
        """End a fault."""
        match fault.kind:
            case kind if kind in KILLED:
                self.start(KILLED[kind])
            case FaultKind.SECOND_BEAT:
                self.kill("second beat")
            case FaultKind.REDIS_KILLED:
                self.redis.start()
            case FaultKind.POSTGRES_RESTARTED:
                self.postgres.start()
            case FaultKind.REDIS_EMPTIED | FaultKind.CONNECTIONS_CUT:
                return
            case kind:
                self._count_moods()
                self._moods.remove(kind)
                self._tell_bank()

    def keep_up(self) -> None:
        """Start programs that have ended, as a container's restart policy would."""
        for name, program in list(self._running.items()):
            if program.poll() is not None:
                self.start(name)

    def start(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", *self._command(name)],
                cwd=settings.BASE_DIR,
                env=os.environ | self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if name in self.is_listening:
            wait_until_listening(self.is_listening[name], self._running[name], log=log.name)
        if name == "bank":
            self._told = {}
            self._tell_bank()

    def kill(self, name: str) -> bool:
        """Kill a program and its children; returns whether it was alive."""
        if name == "bank":
            self._count_moods()
        # A worker may have ended when Redis did; a container would have started it again by now.
        if self._running[name].poll() is not None:
            self.start(name)
        program = self._running.pop(name)
        if is_alive := program.poll() is None:
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()
        return is_alive

    @property
    def bank_address(self) -> str:
        return f"http://{LOOPBACK}:{self.bank_port}"

    @property
    def web_address(self) -> str:
        return f"http://{LOOPBACK}:{self.web_port}"

    @property
    def _environment(self) -> dict[str, str]:
        return {"BANK_URL": self.bank_address, "BANK_TOKEN": TOKEN, "REDIS_URL": self.redis.address, **TIMES}

    def _command(self, name: str) -> list[str]:
        return {
            "bank": [
                *("qinqing.bank_simulator", "--port", str(self.bank_port)),
                *("--books", str(self.folder / "bank.sqlite")),
            ],
            "web": [
                *("gunicorn", "qinqing.wsgi:application", "--bind", f"{LOOPBACK}:{self.web_port}"),
                *("--worker-class", "gthread", "--threads", "4", "--no-control-socket"),
            ],
            "worker": [
                *(
                    "celery",
                    "--app=qinqing",
                    "worker",
                    "--queues=click,pay,reply",
                    "--concurrency=2",
                    "--loglevel=INFO",
                ),
                *("--without-gossip", "--without-mingle", "--without-heartbeat"),
            ],
            "beat": self._beat("beat"),
            "second beat": self._beat("second"),
        }[name]

    def _beat(self, schedule: str) -> list[str]:
        return ["celery", "--app=qinqing", "beat", "--pidfile=", f"--schedule={self.folder / schedule}"]

    def _tell_bank(self) -> None:
        faults: dict[str, Any] = dict(HEALTHY_BANK)
        for kind in self._moods:
            faults |= ILL[kind]
        # A bank that is down is told when it is up again.
        if "bank" in self._running:
            self.bank.put("/v1/faults", json=faults).raise_for_status()

    def _count_moods(self) -> None:
        """Count what the bank has spoilt since the last count; it forgets its counts when it is killed."""
        if not self._moods or "bank" not in self._running:
            return
        told: dict[str, int] = self.bank.get("/v1/faults").raise_for_status().json()["struck"]
        for kind in self._moods:
            self.struck[kind] += sum(told.get(name, 0) - self._told.get(name, 0) for name in ILL[kind])
        self._told = told


def cut_connections() -> int:
    """End all other connections to the database; returns how many there were."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = session_user AND pid <> pg_backend_pid()"
            )
            return cursor.rowcount
    except OperationalError:
        # The server is down at this moment, so there is no connection to cut.
        connection.close()
        return 0
