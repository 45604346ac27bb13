"""The container's health check: a worker or beat that lives is healthy, and one that hangs is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from django.conf import settings

from qinqing.services.ports import LOOPBACK, free_port, wait_until_listening

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

DOCKER = settings.BASE_DIR / "docker"
SHORT_SECONDS = 4
LONGEST_WAIT_SECONDS = 90


def environment(folder: Path) -> dict[str, str]:
    """The environment of a container with a temporary folder of its own."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return os.environ | {
        "PATH": path,
        "TMPDIR": str(folder),
        "HEARTBEAT_SECONDS": str(SHORT_SECONDS),
    }


@contextmanager
def container(folder: Path, *part: str) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("wb") as log:
        program = subprocess.Popen(
            ["sh", str(DOCKER / "entrypoint.sh"), *part],
            env=environment(folder),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield program
    finally:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()


def is_well(folder: Path) -> bool:
    asked = ["sh", str(DOCKER / "healthcheck.sh")]
    return subprocess.run(asked, env=environment(folder), capture_output=True).returncode == 0


def wait_until(*, is_so: bool, folder: Path) -> None:
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while is_well(folder) is not is_so:
        assert time.monotonic() < deadline, (folder / "log").read_text()[-3000:]
        time.sleep(0.2)


@pytest.mark.parametrize("part", [("worker", "pay"), ("beat",)], ids=lambda part: part[0])
def test_one_that_hangs_is_seen_and_one_that_goes_on_is_well_again(part: tuple[str, ...], tmp_path: Path) -> None:
    assert not is_well(tmp_path)
    with container(tmp_path, *part) as program:
        wait_until(is_so=True, folder=tmp_path)
        # The part stays healthy for longer than one sign of life lasts; on a busy machine the next sign may be late.
        time.sleep(SHORT_SECONDS + 2)
        wait_until(is_so=True, folder=tmp_path)
        os.kill(program.pid, signal.SIGSTOP)
        wait_until(is_so=False, folder=tmp_path)
        os.kill(program.pid, signal.SIGCONT)
        wait_until(is_so=True, folder=tmp_path)
    time.sleep(SHORT_SECONDS + 2)
    assert not is_well(tmp_path)


def test_a_worker_that_waits_for_its_broker_is_not_well(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
        with container(tmp_path, "worker", "pay"):
            time.sleep(SHORT_SECONDS + 2)
            assert not is_well(tmp_path)


@pytest.mark.parametrize("hosts", ["qinqing.example.org", " .example.org,other.example.org", "*"])
def test_the_web_is_well_by_whatever_name_it_is_known(
    hosts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", hosts)
    monkeypatch.setenv("PORT", str(free_port()))
    with container(tmp_path, "web"):
        wait_until(is_so=True, folder=tmp_path)


def test_the_webs_log_says_who_came_and_not_what_was_searched_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, log = free_port(), tmp_path / "log"
    monkeypatch.setenv("PORT", str(port))
    with container(tmp_path, "web") as program:
        wait_until_listening(port, program, log=str(log))
        told = {"X-Forwarded-For": "198.51.100.7", "Referer": f"http://{LOOPBACK}/?q=referred"}
        httpx.get(
            f"http://{LOOPBACK}:{port}/healthz?q=searched", headers=told, trust_env=False, timeout=60
        ).raise_for_status()
        deadline = time.monotonic() + LONGEST_WAIT_SECONDS
        while "198.51.100.7" not in log.read_text():
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
    assert "198.51.100.7 GET /healthz 200 " in log.read_text()
    assert "searched" not in log.read_text()
    assert "referred" not in log.read_text()
