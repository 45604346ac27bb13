"""The supervisor: no process that it starts dies unnoticed or outlives it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qinqing.services.ports import free_port
from qinqing.services.supervisor import ChildDied, ChildIsSilent, Program, Supervisor, log_contains, responds_at

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[3]
SLEEPER = "import sys, time; print('awake', flush=True); time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('awake', flush=True); time.sleep(600)"
PARENT = """
import sys, time
from pathlib import Path
from qinqing.services.supervisor import Program, Supervisor, interruptible, log_contains

child = "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
child += "print('awake', flush=True); time.sleep(600)"
with interruptible(), Supervisor(logs=Path(sys.argv[1]), environment={}) as supervisor:
    supervisor.start(Program("sleeper", [sys.executable, "-c", child], log_contains("awake")))
    supervisor.wait_until_ready()
    print(supervisor.pids()["sleeper"], flush=True)
    time.sleep(600)
"""


def python(name: str, program: str, ready: str = "awake") -> Program:
    return Program(name, [sys.executable, "-c", program], log_contains(ready))


def members(group: int) -> list[int]:
    """The living processes of a group; an ended process that waits for its parent is not living."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _parent, its_group = entry.read_text().rpartition(")")[2].split()[:3]
            found += [int(entry.parent.name)] if int(its_group) == group and state != "Z" else []
    return found


def group_is_gone(group: int) -> bool:
    deadline = time.monotonic() + 10
    while members(group) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not members(group)


def started_parent(logs: Path) -> tuple[subprocess.Popen[str], int]:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(logs)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        start_new_session=True,
    )
    assert parent.stdout is not None
    return parent, int(parent.stdout.readline())


def test_parts_run_until_the_block_ends(tmp_path: Path) -> None:
    with Supervisor(logs=tmp_path, environment={}) as supervisor:
        supervisor.start(python("one", SLEEPER), python("two", SLEEPER))
        supervisor.wait_until_ready()
        supervisor.check()
        pids = supervisor.pids()
    assert set(pids) == {"one", "two"}
    assert all(group_is_gone(pid) for pid in pids.values())


def test_parts_get_the_environment_they_are_given(tmp_path: Path) -> None:
    with Supervisor(logs=tmp_path, environment={"BANK_URL": "http://127.0.0.1:1"}) as supervisor:
        supervisor.start(
            python("one", "import os, time; print(os.environ['BANK_URL']); time.sleep(600)", "127.0.0.1:1")
        )
        supervisor.wait_until_ready()


def test_a_child_that_dies_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    with Supervisor(logs=tmp_path, environment={}) as supervisor:
        supervisor.start(python("sick", "print('the disk is full'); raise SystemExit(3)"))
        with pytest.raises(ChildDied, match=r"“sick” ended by itself \(exit code 3\).*\n.*the disk is full"):
            supervisor.wait_until_ready()


def test_a_child_that_is_killed_later_is_reported_too(tmp_path: Path) -> None:
    with Supervisor(logs=tmp_path, environment={}) as supervisor:
        supervisor.start(python("one", SLEEPER))
        supervisor.wait_until_ready()
        os.kill(supervisor.pids()["one"], signal.SIGKILL)
        assert group_is_gone(supervisor.pids()["one"])
        with pytest.raises(ChildDied, match="SIGKILL"):
            supervisor.check()


def test_a_child_that_never_gets_ready_is_reported(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{free_port()}/"
    with Supervisor(logs=tmp_path, environment={}) as supervisor:
        supervisor.start(Program("mute", [sys.executable, "-c", SLEEPER], responds_at(address)))
        with pytest.raises(ChildIsSilent, match=r"“mute” was not ready within 0.5 seconds"):
            supervisor.wait_until_ready(seconds=0.5)


def test_a_child_that_does_not_stop_when_asked_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qinqing.services.supervisor.STOP_SECONDS", 0.5)
    with Supervisor(logs=tmp_path, environment={}) as supervisor:
        supervisor.start(python("deaf", DEAF))
        supervisor.wait_until_ready()
        pid = supervisor.pids()["deaf"]
    assert group_is_gone(pid)


def test_parts_of_a_later_call_are_gone_before_those_of_an_earlier_one_are_asked_to_stop(tmp_path: Path) -> None:
    note = "import signal, time; end = lambda *_: (time.sleep({wait}), print(time.time()), exit());"
    note += "signal.signal(signal.SIGTERM, end)"
    stay = "; print('awake', flush=True); [time.sleep(1) for _ in range(600)]"
    with Supervisor(logs=tmp_path, environment={}) as supervisor:
        supervisor.start(python("bank", note.format(wait=0) + stay))
        supervisor.start(python("worker", note.format(wait=0.5) + stay))
        supervisor.wait_until_ready()
    ends = {name: float((tmp_path / f"{name}.log").read_text().split()[-1]) for name in ("bank", "worker")}
    assert ends["worker"] < ends["bank"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_or_a_termination_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    parent, child = started_parent(tmp_path)
    os.kill(parent.pid, number)
    parent.wait(30)
    assert group_is_gone(child)


def test_children_stop_when_their_parent_is_killed(tmp_path: Path) -> None:
    parent, child = started_parent(tmp_path)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait(30)
    deadline = time.monotonic() + 10
    while child in members(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = members(child)
    # A child has to stop what it started itself; this child does not, so the test does.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    assert child not in left
