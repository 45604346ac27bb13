"""Finance seals what was sent to the bank, and writes the files of each batch."""

from __future__ import annotations

from datetime import datetime

from companies.models import User
from payouts.models import BatchFile
from payouts.operations import seal_batches, write_file
from qinqing.demo.campaign.progress import Advance
from qinqing.demo.campaign.watch import Watch


def export_batches(*, actor: User, watch: Watch, advance: Advance, now: datetime) -> int:
    """Seal all batches and write each in every format; returns how many batches there are."""
    batches = seal_batches(actor=actor, now=now)
    lines = 0
    for batch in batches:
        for file_format in BatchFile.Format:
            write_file(batch=batch, format=file_format, now=now)
        lines += batch.line_count
        advance(lines)
        watch.look()
    return len(batches)
