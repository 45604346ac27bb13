"""Free ports on the loopback address."""

from __future__ import annotations

import socket
import subprocess
import time

LOOPBACK = "127.0.0.1"
START_SECONDS = 30


class ServerDidNotStart(RuntimeError):
    """A server we started gave no answer; its log says why."""


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_listening(port: int) -> bool:
    """Whether somebody listens on the port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def wait_until_listening(port: int, server: subprocess.Popen[bytes], *, log: str) -> None:
    """
    Wait until the server listens on its port.

    Raises:
        ServerDidNotStart: it ended, or gave no answer within the time we wait.
    """
    deadline = time.monotonic() + START_SECONDS
    while not is_listening(port):
        if server.poll() is not None or time.monotonic() > deadline:
            raise ServerDidNotStart(f"The server did not start; read {log} to see why.")
        time.sleep(0.05)
