"""The README shows the measured figures, and no others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks import readme

MACHINE = {"cpus": 2, "system": "Linux", "python": "3.11.7", "postgresql": "18.1 (wheel)"}
PLACE = f"# Title\n\n{readme.BEGIN}\nold words\n{readme.END}\n\nThe rest."


def entry(companies: int, *ratios: dict[str, Any], **contenders: dict[str, Any]) -> dict[str, Any]:
    return {
        "size": {"companies": companies},
        "contenders": contenders,
        "ratios": list(ratios),
        "measured_at": "2026-11-26T02:00:00+00:00",
        "machine": MACHINE,
        "versions": {"django": "5.2", "celery": "5.5"},
    }


def ratio(value: float, *, at_most: float | None = None, at_least: float | None = None) -> dict[str, Any]:
    holds = (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
    return {"sentence": "Ours by theirs", "value": value, "at_most": at_most, "at_least": at_least, "holds": holds}


def test_the_readme_and_the_reports_say_the_same() -> None:
    said = readme.README.read_text(encoding="utf-8")
    assert said == readme.with_measurements(said, readme.entries()), "Run `python -m tests.benchmarks.readme`."


def test_ratios_are_told_with_what_was_wanted(tmp_path: Path) -> None:
    report = {"match": entry(1000, ratio(1.234, at_most=1.3), ratio(2, at_least=3), ratio(5))}
    (tmp_path / "one.json").write_text(json.dumps(report))
    told = readme.with_measurements(PLACE, readme.entries(tmp_path))
    assert "| **match**, 1,000 firms | | | |" in told
    assert "| Ours by theirs | 1.23 | ≤ 1.3 | holds |" in told
    assert "| Ours by theirs | 2.00 | ≥ 3 | missed |" in told
    assert "| Ours by theirs | 5.00 |  |  |" in told
    assert "Measured on 2 cores, PostgreSQL 18.1, Python 3.11.7, Django 5.2, Celery 5.5; 2026-11-26." in told
    assert "old words" not in told
    assert told.endswith("\n\nThe rest.")


def test_parts_come_in_their_order_and_sizes_grow(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"click": entry(5), "match": entry(2000)}))
    (tmp_path / "b.json").write_text(json.dumps({"match": entry(30), "something_else": {}}))
    found = [(each["part"], each["size"]["companies"]) for each in readme.entries(tmp_path)]
    assert found == [("match", 30), ("match", 2000), ("click", 5)]


def test_a_campaign_is_told_phase_by_phase(tmp_path: Path) -> None:
    seconds = {f"{name}_seconds": 12.34 for name in readme._PHASES} | {"reconcile_seconds": 1.26}
    ours = {"payouts": 1234, **seconds, "peak_rss_mb": {"web": 400, "worker-pay": 150, "worker-match": 140}}
    (tmp_path / "one.json").write_text(json.dumps({"campaign": entry(60, campaign=ours)}))
    told = readme.with_measurements(PLACE, readme.entries(tmp_path))
    assert "| 60 firms | 1,234 | " + "12 s | " * 7 + "1.3 s | 12 s | 150 MB |" in told


def test_nothing_measured_is_said_so(tmp_path: Path) -> None:
    assert readme.NOTHING in readme.with_measurements(PLACE, readme.entries(tmp_path))


def test_a_readme_without_a_place_is_refused() -> None:
    with pytest.raises(readme.NoPlace, match="needs the lines"):
        readme.with_measurements("# Title", [])
