"""Finance seals the instructions that were sent to the bank, and writes the files of each batch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from companies.models import User
from payouts.batches.orders import order_files, write_ordered_files
from payouts.batches.seal import seal_sent_instructions
from payouts.batches.write import write_files
from payouts.formats.exports.layout import Kind
from payouts.models import FileOrder
from qinqing.demo.campaign.progress import Advance
from qinqing.demo.campaign.watch import Watch


class NotWritten(Exception):
    """A worker refused to write the files of a batch; the sentence says why."""


def export_batches(*, actor: User, watch: Watch, advance: Advance, clock: Callable[[], datetime]) -> int:
    """
    Seal all batches and write each as a message and as a workbook; returns how many batches there are.

    It orders the workbooks from a worker, as the desk does for large batches, and helps the worker once all messages
    are written.

    Raises:
        Stalled, ChildDied: the worker does not write them.
        NotWritten: the worker refused one.
    """
    batches = seal_sent_instructions(actor=actor, now=clock())
    for batch in batches:
        order_files(batch=batch, kind=Kind.WORKBOOK, template=None, actor=actor, now=clock())
    lines = 0
    for batch in batches:
        write_files(batch=batch, kind=Kind.PAIN001, now=clock())
        lines += batch.line_count or 0
        advance(lines)
        watch.look()
    while write_ordered_files(clock=clock):
        watch.look()
    orders = FileOrder.objects.filter(batch__in=batches)
    waiting = orders.filter(finished_at=None)
    watch.wait(
        words="Writing workbooks",
        is_done=lambda: not waiting.exists(),
        reached=orders.exclude(finished_at=None).count,
        advance=lambda _orders: None,
    )
    if refused := orders.exclude(refusal="").first():
        raise NotWritten(str(refused.why))
    return len(batches)
