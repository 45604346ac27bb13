"""
`python -m tests.benchmarks.readme`: write what was measured into README.md, from the reports in `qinqing/docs/bench`.

A report is what `make bench` writes; there may be several, of other parts or other sizes. A test holds the README and
the reports together.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.parts import NAMES

PROJECT = Path(__file__).resolve().parents[2]
README = PROJECT / "README.md"
REPORTS = PROJECT / "qinqing" / "docs" / "bench"
BEGIN = "<!-- measured: written by `python -m tests.benchmarks.readme` from qinqing/docs/bench -->"
END = "<!-- /measured -->"
NOTHING = "Nothing has been measured on a quiet machine yet; `make bench` measures."

_BLOCK = re.compile(f"{re.escape(BEGIN)}\n.*?{re.escape(END)}", re.DOTALL)
_PHASES = ("generate", "deliver", "match", "claim", "publicise", "pay", "export", "reconcile", "total")

# A part as `tests.benchmarks.report` writes it, with its name.
Entry = Mapping[str, Any]


class NoPlace(Exception):
    """The README has no place for the measurements."""


def main() -> int:
    """Write the measurements into the README."""
    README.write_text(with_measurements(README.read_text(encoding="utf-8"), entries()), encoding="utf-8")
    return 0


def entries(folder: Path = REPORTS) -> list[Entry]:
    """The parts of all reports in the order in which they run, smaller sizes first."""
    reports = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]
    found = [{"part": part, **entry} for report in reports for part, entry in report.items() if part in NAMES]
    return sorted(found, key=lambda entry: (NAMES.index(entry["part"]), entry["size"]["companies"]))


def with_measurements(readme: str, measured: Sequence[Entry]) -> str:
    """
    The README with these measurements in their place.

    Raises:
        NoPlace: nothing in it says where they belong.
    """
    if not _BLOCK.search(readme):
        raise NoPlace(f"README.md needs the lines “{BEGIN}” and “{END}”; the measurements come between them.")
    written = "\n".join([BEGIN, *_lines(measured), END])
    return _BLOCK.sub(lambda _block: written, readme)


def _lines(measured: Sequence[Entry]) -> Iterator[str]:
    if not measured:
        yield NOTHING
        return
    yield from _where(measured)
    yield from ("", "| | measured | wanted | |", "|---|---|---|---|")
    for entry in measured:
        yield f"| **{entry['part']}**, {_size(entry)} | | | |"
        yield from (_ratio(ratio) for ratio in entry["ratios"])
    if campaigns := [entry for entry in measured if entry["part"] == "campaign"]:
        yield from ("", f"| campaign | payouts | {' | '.join(_PHASES)} | largest worker |", "|---" * 12 + "|")
        yield from (_campaign(entry) for entry in campaigns)


def _where(measured: Sequence[Entry]) -> Iterator[str]:
    """The machines and the days of the measurements, each once."""
    places: dict[str, set[str]] = {}
    for entry in measured:
        machine, versions = entry["machine"], entry["versions"]
        place = (
            f"{machine['cpus']} cores, PostgreSQL {machine['postgresql'].split()[0]}, Python {machine['python']},"
            f" Django {versions['django']}, Celery {versions['celery']}"
        )
        places.setdefault(place, set()).add(dt.datetime.fromisoformat(entry["measured_at"]).date().isoformat())
    for place, days in places.items():
        yield f"Measured on {place}; {', '.join(sorted(days))}."


def _size(entry: Entry) -> str:
    size = entry["size"]
    employees = f", {size['employees']:,} employees" if size.get("employees") else ""
    return f"{size['companies']:,} firms{employees}"


def _ratio(ratio: Mapping[str, Any]) -> str:
    bounds = (("≥", ratio["at_least"]), ("≤", ratio["at_most"]))
    wanted = " and ".join(f"{sign} {bound:g}" for sign, bound in bounds if bound is not None)
    verdict = ("holds" if ratio["holds"] else "missed") if wanted else ""
    return f"| {ratio['sentence']} | {ratio['value']:.2f} | {wanted} | {verdict} |"


def _campaign(entry: Entry) -> str:
    ours = entry["contenders"]["campaign"]
    seconds = " | ".join(_seconds(ours[f"{name}_seconds"]) for name in _PHASES)
    largest = max(mb for part, mb in ours["peak_rss_mb"].items() if part.startswith("worker"))
    return f"| {_size(entry)} | {ours['payouts']:,} | {seconds} | {largest} MB |"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


if __name__ == "__main__":
    sys.exit(main())
