"""The campaign of faults: its courses can be played again and cover everything, and a run ends clean."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from tests.faults.course import FEWEST, MOST, FaultKind, course
from tests.faults.stage import ILL

# Together the seeds kill all programs, empty and cut all servers, and make the bank lie, refuse and return money.
FIRST_SEED, RUNS = 10, 2


def test_a_course_follows_from_its_seed() -> None:
    assert course(7) == course(7)
    assert course(7) != course(8)
    assert all(FEWEST <= len(course(seed)) <= MOST for seed in range(100))


def test_a_hundred_courses_have_every_fault() -> None:
    assert {fault.kind for seed in range(1, 101) for fault in course(seed)} == set(FaultKind)


def test_a_seed_means_the_same_course_on_every_machine() -> None:
    assert [(fault.kind.value, fault.after_share, fault.lasts_seconds) for fault in course(2)] == [
        ("redis_emptied", 0.16, 0.98),
        ("payment_returned", 0.31, 1.29),
        ("bank_times_out", 0.61, 1.25),
        ("web_killed", 0.74, 1.41),
    ]


@pytest.mark.slow
def test_runs_pay_everybody_once(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    # The run breaks the servers that it runs on, so it has servers of its own.
    own = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    asked = ["--runs", str(RUNS), "--seed", str(FIRST_SEED), "--report", str(file)]
    played = subprocess.run(
        [sys.executable, "-m", "tests.faults", *asked],
        cwd=settings.BASE_DIR,
        env=own,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert played.returncode == 0, played.stdout + played.stderr
    report = json.loads(file.read_text())
    rest = report["paid"] + report["refused"] + report["returned"]
    assert report["payouts"] == rest == 340 * RUNS
    assert (report["double_payments"], report["lost"], report["imbalances"]) == (0, 0, 0)
    assert (report["failing_seeds"], report["troubles"]) == ([], {})
    fell = Counter(fault.kind for seed in range(FIRST_SEED, FIRST_SEED + RUNS) for fault in course(seed))
    assert report["faults"] == {kind.value: count for kind, count in fell.items()}
    # Faults that do not depend on the bank's requests of one moment have surely struck.
    assert set(fell) - set(ILL) <= {FaultKind(kind) for kind in report["struck"]}
