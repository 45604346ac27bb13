"""Processes share embedded servers and the last one stops them, from any path and as any user."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[3]
ASK = """
import json, os, psycopg, redis
from qinqing.services import ensure

ensure(name="trial", is_durable=False)
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    version = connection.info.server_version
print(json.dumps({
    "database": os.environ["DATABASE_URL"], "redis": os.environ["REDIS_URL"], "version": version,
    "pong": redis.from_url(os.environ["REDIS_URL"]).ping(), "key": os.environ["QINQING_DATA_KEY"],
}), flush=True)
input()
"""


def start(project: Path, **options: object) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if key in ("PATH", "LANG")}
    return subprocess.Popen(
        [sys.executable, "-c", ASK],
        cwd=project,
        env=environment | {"PYTHONPATH": str(project), "HOME": str(project)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **options,  # type: ignore[call-overload]
    )


def answer_of(user: subprocess.Popen[str]) -> dict[str, object]:
    assert user.stdout is not None
    answer: dict[str, object] = json.loads(user.stdout.readline())
    return answer


def end(user: subprocess.Popen[str]) -> None:
    user.communicate("\n", timeout=60)
    assert user.returncode == 0


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A copy of the services at a path with a space that is longer than a Unix socket's 107 bytes."""
    folder = tmp_path / ("a long path " + "x" * 110)
    for package in ("services", "kernel"):
        shutil.copytree(PROJECT / "qinqing" / package, folder / "qinqing" / package)
    (folder / "qinqing" / "__init__.py").touch()
    yield folder
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    shutil.rmtree(Path(tempfile.gettempdir()) / f"qinqing-{digest}", ignore_errors=True)


def test_two_users_share_one_server_and_the_last_one_stops_it(project: Path) -> None:
    first = start(project)
    seen_by_first = answer_of(first)
    second = start(project)
    seen_by_second = answer_of(second)
    assert seen_by_first == seen_by_second
    assert seen_by_first["version"] >= 180000  # type: ignore[operator]
    assert seen_by_first["pong"] is True
    running = json.loads((project / ".local" / "trial" / "postgres" / "running.json").read_text())
    end(first)
    assert is_alive(running["pid"])
    end(second)
    assert not is_alive(running["pid"])


def test_a_second_run_finds_its_cluster_and_keys_again(project: Path) -> None:
    keys = []
    for _ in range(2):
        user = start(project)
        keys.append(answer_of(user)["key"])
        end(user)
    assert keys[0] == keys[1]


def test_a_killed_user_leaves_a_server_that_the_next_one_takes_over(project: Path) -> None:
    first = start(project)
    seen_by_first = answer_of(first)
    first.kill()
    first.wait()
    second = start(project)
    assert answer_of(second)["database"] == seen_by_first["database"]
    end(second)


def test_a_server_that_lost_its_power_is_waited_for(project: Path) -> None:
    first = start(project)
    answer_of(first)
    running = json.loads((project / ".local" / "trial" / "postgres" / "running.json").read_text())
    os.kill(running["pid"], signal.SIGKILL)
    first.kill()
    first.wait()
    second = start(project)
    assert answer_of(second)["pong"] is True
    end(second)


def test_secrets_are_readable_by_their_owner_alone(project: Path) -> None:
    user = start(project)
    answer_of(user)
    assert (project / ".local").stat().st_mode & 0o077 == 0
    end(user)


def is_alive(pid: int) -> bool:
    """Whether the process runs; an ended process that waits for its parent does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
