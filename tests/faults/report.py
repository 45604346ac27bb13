"""The sums of many runs, as JSON and for the terminal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.utils.timezone import localdate

from qinqing.demo.campaign.report import machine as measured_on
from tests.faults.course import FaultKind
from tests.faults.runs import Run

SUMMED = (
    *("payouts", "paid", "refused", "returned", "contradictions"),
    *("double_payments", "lost", "imbalances"),
)


def machine() -> dict[str, Any]:
    """The machine on which the runs were played; to be asked while the database is up."""
    return measured_on() | {name: version(name) for name in ("django", "celery", "psycopg")}


def report(runs: Sequence[Run], *, played_on: dict[str, Any]) -> dict[str, Any]:
    """
    The sums of the runs; the seeds in `failing_seeds` can be played again.

    `faults` has the number of runs with each kind of fault; `struck` has how often a fault met something to spoil.
    """
    kinds = Counter(fault.kind.value for run in runs for fault in run.faults)
    struck = sum((run.struck for run in runs), Counter[FaultKind]())
    sums = {name: sum(getattr(run.verdict, name) for run in runs) for name in SUMMED}
    return {
        "day": localdate().isoformat(),
        "runs": len(runs),
        "seeds": [runs[0].seed, runs[-1].seed] if runs else [],
        "faults": dict(sorted(kinds.items())),
        "struck": {kind.value: count for kind, count in sorted(struck.items())},
        **sums,
        "failing_seeds": [run.seed for run in runs if not run.is_clean],
        "troubles": {str(run.seed): run.verdict.troubles for run in runs if not run.is_clean},
        "seconds": round(sum(run.seconds for run in runs), 1),
        "waiting_seconds": round(sum(run.waiting_seconds for run in runs), 1),
        "machine": played_on,
    }


def line(run: Run) -> str:
    """One run in one line; the lines after it say what was wrong."""
    verdict, kinds = run.verdict, ", ".join(fault.kind for fault in run.faults)
    counts = f"{verdict.paid} paid, {verdict.refused} refused, {verdict.returned} returned"
    said = f"seed {run.seed}: {counts}, {run.seconds:.1f} s; {kinds}"
    return "\n".join([said, *(f"    {trouble}" for trouble in verdict.troubles)])


def write(runs: Sequence[Run], *, to: Path, played_on: dict[str, Any]) -> None:
    """Write the report of the runs so far."""
    to.write_text(json.dumps(report(runs, played_on=played_on), indent=2) + "\n", encoding="utf-8")
