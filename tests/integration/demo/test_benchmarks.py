"""Each part of the benchmark runs with small numbers, and its contenders agree; the test measures no times."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.project_files import PROJECT
from tests.benchmarks.parts import NAMES

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", [name for name in NAMES if importlib.util.find_spec(f"tests.benchmarks.{name}")])
def test_a_part_runs_small_and_its_contenders_agree(name: str, tmp_path: Path) -> None:
    report = tmp_path / "bench.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", name, "--smoke", "--report", str(report)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    entry = json.loads(report.read_text(encoding="utf-8"))[name]
    assert entry["agrees"]
    assert entry["contenders"]
    assert entry["ratios"]
    assert all(ratio["value"] > 0 for ratio in entry["ratios"])
