"""The campaign of faults itself: its courses can be played again, cover everything, and a run ends clean."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.faults.course import FEWEST, MOST, Kind, course

# Its course kills the worker and the bank, empties Redis and has the bank time out and refuse.
SEED = 5


def test_a_course_follows_from_its_seed() -> None:
    assert course(7) == course(7)
    assert course(7) != course(8)
    assert all(FEWEST <= len(course(seed)) <= MOST for seed in range(100))


def test_a_hundred_courses_have_every_fault() -> None:
    assert {fault.kind for seed in range(1, 101) for fault in course(seed)} == set(Kind)


@pytest.mark.slow
def test_a_run_pays_everybody_once(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    # It breaks the servers that it runs on, so it has its own.
    own = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    played = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--runs", "1", "--seed", str(SEED), "--report", str(file)],
        cwd=settings.BASE_DIR,
        env=own,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert played.returncode == 0, played.stdout + played.stderr
    report = json.loads(file.read_text())
    assert report["payouts"] == report["paid"] + report["refused"] == 300
    assert (report["double_payments"], report["lost"], report["imbalances"]) == (0, 0, 0)
    assert report["faults"] == {fault.kind.value: 1 for fault in course(SEED)}
