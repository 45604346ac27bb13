"""The report of the parts, as JSON for programs and as a table for people."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from qinqing.demo.campaign.report import machine
from tests.benchmarks.parts import Measured, Ratio, Size

_VERSIONS_OF = ("django", "celery", "psycopg", "redis", "gunicorn")


def entry(measured: Measured, *, size: Size, seconds: float) -> dict[str, Any]:
    """One part in the form of the report."""
    return {
        "size": {name: value for name, value in asdict(size).items() if value is not None},
        "contenders": measured.contenders,
        "ratios": [asdict(ratio) | {"holds": ratio.holds} for ratio in measured.ratios],
        "agrees": measured.agrees,
        "remarks": list(measured.remarks),
        "seconds": round(seconds, 1),
        "measured_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": {name: importlib.metadata.version(name) for name in _VERSIONS_OF},
    }


def write(entries: Mapping[str, Mapping[str, Any]], *, to: Path) -> None:
    """Write the report; parts that were measured in an earlier run stay in it."""
    kept = json.loads(to.read_text(encoding="utf-8")) if to.exists() else {}
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(json.dumps(kept | entries, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def print_ratios(name: str, measured: Measured, console: Console) -> None:
    """Print the findings of a part."""
    table = Table("", "ratio", "target", "", title=name)
    for ratio in measured.ratios:
        table.add_row(ratio.sentence, f"{ratio.value:.2f}", target(ratio), "holds" if ratio.holds else "missed")
    console.print(table)
    for who, numbers in measured.contenders.items():
        said = "  ".join(
            f"{key} {value:,.2f}" if isinstance(value, float) else f"{key} {value}" for key, value in numbers.items()
        )
        console.print(f"{who}: {said}", highlight=False)
    for remark in measured.remarks:
        console.print(remark, highlight=False)
    if not measured.agrees:
        console.print("The contenders disagree: these times say nothing.", style="red")


def target(ratio: Ratio) -> str:
    """The target in words."""
    low = f"≥ {ratio.at_least:g}" if ratio.at_least is not None else ""
    high = f"≤ {ratio.at_most:g}" if ratio.at_most is not None else ""
    return " and ".join(filter(None, (low, high)))
