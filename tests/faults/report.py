"""What many runs add up to, as JSON and for the terminal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qinqing.demo.campaign.report import machine
from tests.faults.runs import Run


def report(runs: Sequence[Run]) -> dict[str, Any]:
    """The sums of the runs; `failing_seeds` can be played again one by one."""
    kinds = Counter(fault.kind.value for run in runs for fault in run.faults)
    return {
        "runs": len(runs),
        "seeds": [runs[0].seed, runs[-1].seed] if runs else [],
        "faults": dict(sorted(kinds.items())),
        "payouts": sum(run.payouts for run in runs),
        "paid": sum(run.paid for run in runs),
        "refused": sum(run.refused for run in runs),
        "double_payments": sum(run.double_payments for run in runs),
        "lost": sum(run.lost for run in runs),
        "imbalances": sum(run.imbalances for run in runs),
        "failing_seeds": [run.seed for run in runs if not run.is_clean],
        "seconds": round(sum(run.seconds for run in runs), 1),
        "machine": machine(),
    }


def line(run: Run) -> str:
    """One run in one line, and what was wrong with it in the next ones."""
    kinds = ", ".join(fault.kind for fault in run.faults)
    said = f"seed {run.seed}: {run.paid} paid, {run.refused} refused, {run.seconds:.1f} s; {kinds}"
    return "\n".join([said, *(f"    {trouble}" for trouble in run.troubles)])


def write(runs: Sequence[Run], *, to: Path) -> None:
    """Write the report, also when the runs were stopped early."""
    to.write_text(json.dumps(report(runs), indent=2) + "\n", encoding="utf-8")
