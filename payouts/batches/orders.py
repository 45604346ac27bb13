"""Orders to write the files of large batches; a worker carries them out and records its progress in the order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from payouts.batches.transition import BatchRefused
from payouts.batches.write import BatchBroken, write_files
from payouts.formats.exports.layout import Kind, LayoutRefused
from payouts.models import BankTemplate, Batch, FileOrder
from qinqing.kernel.nudges import nudge
from qinqing.kernel.text import Bilingual, in_both_languages

log = structlog.get_logger()

# Up to this number of lines the request writes the file itself; a worker writes larger ones.
LARGEST_IMMEDIATE_LINES = 20_000
LEASE = timedelta(minutes=2)


@within_scope(batch=Batch)
@transaction.atomic
def order_files(*, batch: Batch, kind: Kind, template: BankTemplate | None, actor: User, now: datetime) -> FileOrder:
    """Order the files of a batch in a layout from a worker; return the open order if there is one."""
    order, _is_new = FileOrder.objects.get_or_create(
        batch=batch,
        kind=kind,
        template=template,
        finished_at=None,
        defaults={"ordered_at": now, "ordered_by": actor},
    )
    nudge("payouts.tasks.write_ordered_files")
    return order


def write_ordered_files(*, clock: Callable[[], datetime]) -> int:
    """
    Carry out the next order, and renew its lease with each page of lines; return 1, or 0 if there was no order.

    If a worker dies, another one takes the order up when the lease has expired.
    """
    order = _lease_next_order(clock())
    if order is None:
        return 0

    def advance(lines: int) -> None:
        FileOrder.objects.filter(pk=order.pk).update(lines_written=lines, leased_until=clock() + LEASE)

    why = Bilingual("", "")
    try:
        write_files(batch=order.batch, kind=Kind(order.kind), template=order.template, now=clock(), advance=advance)
    except (BatchRefused, LayoutRefused) as refused:
        why = in_both_languages(partial(str, refused))
    except BatchBroken as broken:
        log.error("batch_broken", batch=order.batch.message_id, reason=str(broken))
        why = in_both_languages(_describe_broken_batch)
    FileOrder.objects.filter(pk=order.pk).update(
        finished_at=clock(), leased_until=None, refusal=why.zh[:300], refusal_en=why.en[:300]
    )
    return 1


def _describe_broken_batch() -> str:
    return _("The lines in the database are not those that were sealed; no file was written. Tell an auditor.")


@transaction.atomic
def _lease_next_order(now: datetime) -> FileOrder | None:
    due = FileOrder.objects.select_for_update(skip_locked=True, of=("self",)).filter(finished_at=None)
    due = due.exclude(leased_until__gt=now).select_related("batch__bank", "template").order_by("pk")
    order = due.first()
    if order:
        FileOrder.objects.filter(pk=order.pk).update(leased_until=now + LEASE)
    return order
