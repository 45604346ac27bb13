"""Writes each layout at one size, in a process of its own; prints a table, and JSON for the docs."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

LAYOUTS = ("pain.001.001.09", "pain.001.001.03", "xlsx", "csv", "gb18030", "encrypted")


def main() -> int:
    """Write each layout; the exit code is 1 if one needs more memory than promised."""
    asked = _arguments()
    told: dict[str, Any] = {}
    with TemporaryDirectory() as folder:
        for layout in LAYOUTS:
            told[layout] = measure(layout, asked.lines, folder=Path(folder))
            sys.stdout.write(f"{layout:<18}{json.dumps(told[layout])}\n")
            sys.stdout.flush()
    report = {
        "day": datetime.now(UTC).date().isoformat(),
        "lines": asked.lines,
        "layouts": told,
        "machine": {"cpus": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
    }
    asked.report.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    return 0 if all(each["peak_mb"] < asked.limit_mb for each in told.values()) else 1


def measure(layout: str, lines: int, *, folder: Path) -> dict[str, float]:
    """The seconds, the size of the file in megabytes, and the largest memory of the process that wrote it."""
    command = [sys.executable, "-m", "tests.sizes.writer", layout, str(lines), str(folder / "file")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, byte_count, peak = done.stdout.split()
    return {"seconds": float(seconds), "file_mb": int(byte_count) >> 20, "peak_mb": int(peak) >> 20}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.sizes", description=main.__doc__)
    parser.add_argument("--lines", type=int, default=600_000)
    parser.add_argument("--limit-mb", type=int, default=300)
    parser.add_argument("--report", type=Path, default=Path("exports.json"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
