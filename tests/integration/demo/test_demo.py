"""The demo as a newcomer runs it: from any path, without servers, until Ctrl-C, and once more."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from qinqing.demo.campaign.stages.forms import form_to
from qinqing.demo.people import DEMO_PASSWORD

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[3]
# A Unix socket's path holds 107 bytes; this one is longer, and has a space.
LONG = "a folder with a long name and a space in it, as people's folders have " + "x" * 60
KEPT = ("PATH", "LANG", "HOME", "TMPDIR")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project as a fresh clone would have it, under a long path."""
    target = tmp_path_factory.mktemp("demo") / LONG
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (PROJECT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, target / name)
    assert len(str(target)) > 107
    yield target
    shutil.rmtree(target)
    # PostgreSQL started by root keeps its files where another user can reach them.
    digest = hashlib.sha256(str(target).encode()).hexdigest()[:12]
    shutil.rmtree(Path(tempfile.gettempdir()) / f"qinqing-{digest}", ignore_errors=True)


def demo(folder: Path, *words: str) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if key in KEPT}
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo", *words],
        cwd=folder,
        env=environment | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def living_in(folder: Path) -> list[str]:
    """The commands of the processes that work in the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cwd").resolve().is_relative_to(folder):
                found.append((entry / "cmdline").read_text().replace("\0", " "))
    return found


def read_until(running: subprocess.Popen[str], words: str) -> str:
    assert running.stdout is not None
    seen = ""
    for line in running.stdout:
        seen += line
        if words in line:
            return seen
    raise AssertionError(f"The demo never said “{words}”:\n{seen}")


def sees_something_to_claim(address: str) -> None:
    """The demo's owner signs in, in Chinese as most owners do, and finds the button to claim."""
    # The first page waits for processes that still start.
    with httpx.Client(
        base_url=address, follow_redirects=True, headers={"Accept-Language": "zh-CN"}, trust_env=False, timeout=60
    ) as browser:
        page = browser.get("/sign-in/").text
        assert "登录" in page
        form = form_to(page, path="/sign-in/")
        shown = browser.post("/sign-in/", data=form.filled_in(username="owner", password=DEMO_PASSWORD))
        assert "¥" in shown.text
        form_to(shown.text, path=f"{shown.url.path}claims/")


def test_the_demo_loads_its_city_and_ctrl_c_leaves_nothing_behind(copy: Path) -> None:
    running = demo(copy, "--companies", "30")
    said = read_until(running, "Ctrl-C stops everything.")
    assert "owner" in said
    assert "/cockpit/" in said
    sees_something_to_claim(re.search(r"portal +(http://\S+)", said)[1])
    os.kill(running.pid, signal.SIGINT)
    rest, _ = running.communicate(timeout=60)
    assert running.returncode == 0, said + rest
    assert "Stopped." in rest
    assert living_in(copy) == []


def test_a_second_start_serves_the_same_city_and_every_address_answers(copy: Path) -> None:
    running = demo(copy, "--once")
    said, _ = running.communicate(timeout=180)
    assert running.returncode == 0, said
    assert "already here" in said
    assert said.count(" answers.") == 6
    assert living_in(copy) == []


def test_the_demo_does_not_run_in_production() -> None:
    environment = {
        "QINQING_ENV": "production",
        "ALLOWED_HOSTS": "x",
        "PAYER_NAME": "x",
        "PAYER_ACCOUNT": "x",
        "PAYER_BANK_NUMBER": "x",
    }
    ran = subprocess.run(
        [sys.executable, "manage.py", "demo", "--once"],
        cwd=PROJECT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode != 0
    assert "does not run in production" in ran.stderr
