"""Answers that hand a file to the browser."""

from __future__ import annotations

from django.http import StreamingHttpResponse

from payouts.batches.download import FileDownload


def stream(download: FileDownload) -> StreamingHttpResponse:
    """Answer with the bytes of a file under its name; no cache keeps them."""
    answer = StreamingHttpResponse(download.blocks, content_type=download.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{download.name}"'
    answer["Content-Length"] = str(download.byte_count)
    answer["Cache-Control"] = "no-store"
    return answer
