"""Finance seals what was sent to the bank, and writes the files of each batch."""

from __future__ import annotations

from datetime import datetime

from companies.models import User
from payouts.exports.layout import Kind
from payouts.operations import seal_batches, write_files
from qinqing.demo.campaign.progress import Advance
from qinqing.demo.campaign.watch import Watch


def export_batches(*, actor: User, watch: Watch, advance: Advance, now: datetime) -> int:
    """Seal all batches and write each as a message and as a workbook; returns how many batches there are."""
    batches = seal_batches(actor=actor, now=now)
    lines = 0
    for batch in batches:
        for kind in (Kind.PAIN001, Kind.WORKBOOK):
            write_files(batch=batch, kind=kind, now=now)
        lines += batch.line_count or 0
        advance(lines)
        watch.look()
    return len(batches)
