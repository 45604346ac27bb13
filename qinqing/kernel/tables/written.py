"""Tables that officials take away as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from qinqing.kernel.text import csv_lines, disarm_formulas


def csv_file(*, name: str, rows: Iterable[Sequence[str]]) -> StreamingHttpResponse:
    """The rows as a file to save, streamed as they come; no spreadsheet runs a cell of it as a formula."""
    return StreamingHttpResponse(
        csv_lines(disarm_formulas(row) for row in rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or ""},
    )
