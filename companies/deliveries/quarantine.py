"""Exports the rows of a delivery that did not land, so that the sender can correct the file."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from companies.models import Delivery, QuarantinedRow

AT_ONCE = 5_000


def export_quarantine(*, delivery: Delivery) -> Iterator[tuple[str, str, str]]:
    """
    Row, column and reason of each row in quarantine, in the order of the file, titles first; no value of a row is
    exported.
    """
    yield _("row"), _("column"), _("reason")
    seen = 0
    while page := _rows_after(delivery, seen):
        for row in page:
            yield str(row.row_number), row.column, row.sentence
        seen = page[-1].row_number


def _rows_after(delivery: Delivery, row_number: int) -> list[QuarantinedRow]:
    rows = delivery.quarantined_rows.filter(row_number__gt=row_number)
    return list(rows.order_by("row_number")[:AT_ONCE])
