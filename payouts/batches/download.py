"""Downloads of batch files with account numbers: possible only after the release, and always recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from tempfile import TemporaryFile
from typing import IO

import structlog
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from payouts.batches.transition import BatchRefused
from payouts.formats.exports import archive
from payouts.formats.exports.layout import Kind
from payouts.models import BatchFile, Download
from payouts.storage.blobs import read_blocks
from qinqing.kernel.database.integrity import translate_refusals

log = structlog.get_logger()

SHORTEST_PASSWORD = 12
BLOCK_BYTES = 1 << 20
MEDIA_TYPES = {
    Kind.PAIN001: ("xml", "application/xml"),
    Kind.PAIN001_03: ("xml", "application/xml"),
    Kind.WORKBOOK: ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    Kind.DELIMITED: ("csv", "text/csv"),
}


class WeakPassword(BatchRefused):
    """The password is too short."""


@dataclass(frozen=True, slots=True)
class FileDownload:
    """A file for the browser; `blocks` are its bytes."""

    name: str
    media_type: str
    byte_count: int
    blocks: Iterator[bytes]


@within_scope(files=BatchFile)
def download_files(
    *, files: Sequence[BatchFile], password: str = "", plain_because: str = "", actor: User, now: datetime
) -> FileDownload:
    """
    Return files of one batch in one layout: a single file as it is; several files, or files with a password, zipped.

    The download of each file is recorded. The files inside an encrypted archive (AES-256) are always the same bytes,
    but the archive itself is different each time.

    A file leaves without a password only for a reason, which is kept.

    Raises:
        BatchRefused: the batch is not released, the files are not in its layout, or there is neither a password nor a
            reason to do without.
        WeakPassword: the password has fewer than 12 characters.
    """
    if password and len(password) < SHORTEST_PASSWORD:
        raise WeakPassword(_("Choose a password of at least %(count)s characters.") % {"count": SHORTEST_PASSWORD})
    sentence = _("The batch is not released yet; its files can be had once it is.")
    refusals = {
        "file_is_taken_after_release": BatchRefused(sentence),
        "file_is_taken_in_the_layout_of_its_batch": BatchRefused(
            _("This batch leaves in another layout. Two colleagues can change it on the batch’s page.")
        ),
        "download_is_plain_for_a_reason": BatchRefused(
            _("Keep the password, or say why the file leaves without one; the reason is kept.")
        ),
    }
    with translate_refusals(refusals):
        Download.objects.bulk_create(
            Download(
                file=file,
                downloaded_at=now,
                downloaded_by=actor,
                is_encrypted=bool(password),
                plain_because="" if password else plain_because.strip()[:200],
            )
            for file in files
        )
    first = files[0]
    log.info("batch_files_downloaded", batch=first.batch.message_id, kind=first.kind, parts=len(files), actor=actor.pk)
    return _download_archive(files, password) if password or len(files) > 1 else _download_file(first)


def name_file(*, file: BatchFile) -> str:
    """Name a file by its batch number, for the download."""
    return f"{file.batch_number}.{MEDIA_TYPES[Kind(file.kind)][0]}"


def _download_file(file: BatchFile) -> FileDownload:
    media_type = MEDIA_TYPES[Kind(file.kind)][1]
    return FileDownload(name_file(file=file), media_type, file.stored.byte_count, read_blocks(stored=file.stored))


def _download_archive(files: Sequence[BatchFile], password: str) -> FileDownload:
    target = TemporaryFile()  # noqa: SIM115 - it is closed when its last block is handed out
    members = ((name_file(file=file), read_blocks(stored=file.stored)) for file in files)
    archive.write(target, members, password=password)
    byte_count = target.tell()
    target.seek(0)
    return FileDownload(f"{files[0].batch.message_id}.zip", "application/zip", byte_count, _read_archive(target))


def _read_archive(content: IO[bytes]) -> Iterator[bytes]:
    with content:
        while block := content.read(BLOCK_BYTES):
            yield block
