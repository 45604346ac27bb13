"""Reply files of banks: the platform stores, reads and classifies them, and a person applies them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from tempfile import TemporaryFile
from typing import IO, NamedTuple

import structlog
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from companies.models import User
from companies.people.scope import of_whole_city
from payouts.formats.replies.answer import LARGEST_FILE_BYTES, Header, ReplyKind, ReplyRow, UnreadableReply
from payouts.formats.replies.read_file import read
from payouts.models import Bank, ReplyFile, ReplyFileStatus, Verdict
from payouts.replies.classify import classify_lines
from payouts.replies.queries import find_bank_with_other_words, read_table_words
from payouts.storage.blobs import compute_digest, copy_blob, store_blob
from qinqing.kernel.database.integrity import constraint_of
from qinqing.kernel.database.statements import execute_statement, fetch_rows, fetch_rows_as
from qinqing.kernel.nudges import nudge
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.text import in_both_languages

log = structlog.get_logger()

# The reader needs no lease once it has locked the file; the lock lasts as long as its connection.
LEASE = timedelta(seconds=10)
TABLES = (ReplyKind.DELIMITED, ReplyKind.WORKBOOK)


class ReplyRefused(Refusal):
    """The file or the row stays as it is; the sentence gives the reason, and the next thing to do."""


@of_whole_city
def upload_reply(
    *, bank: Bank | None, name: str, content: IO[bytes], actor: User, now: datetime
) -> tuple[ReplyFile, bool]:
    """
    Store a reply file, which has no effect before it is applied; return it, and whether its bytes came before.

    Raises:
        UnreadableReply: the file is empty or larger than 200 MB.
    """
    sha256, byte_count = compute_digest(content=content)
    if byte_count > LARGEST_FILE_BYTES:
        sentence = _("The file is larger than %(count)s MB; ask the bank to split it.")
        raise UnreadableReply(sentence, count=LARGEST_FILE_BYTES >> 20)
    if not byte_count:
        raise UnreadableReply(_("The file is empty; fetch it from the bank again."))
    try:
        with transaction.atomic():
            file = ReplyFile.objects.create(
                bank=bank,
                name=name[-120:],
                stored=store_blob(content=content, now=now),
                sha256=sha256,
                status=ReplyFileStatus.UPLOADED,
                uploaded_at=now,
                uploaded_by=actor,
            )
            nudge("payouts.tasks.read_reply_files")
    except IntegrityError as refused:
        if constraint_of(refused) != "reply_file_once_per_content":
            raise
        return _find_by_digest(sha256), True
    return file, False


def read_reply_files(*, clock: Callable[[], datetime]) -> int:
    """Read the next uploaded file, also one whose worker died; return 1, or 0 if there was no file."""
    file = _lease_next_file(clock())
    if file is None:
        return 0
    read_reply(file=file)
    return 1


def read_reply(*, file: ReplyFile) -> ReplyFile:
    """
    Read an uploaded file into classified rows, or refuse it with a sentence and store no row of it.

    If somebody else reads the file or has read it, nothing changes.
    """
    try:
        with transaction.atomic(), TemporaryFile() as content:
            if not _lock_for_reading(file):
                return file
            copy_blob(stored=file.stored, target=content)
            header, rows = read(content, words=read_table_words(bank=file.bank))
            count = _store_rows(file, rows)
            classify_lines(file=file)
            _refuse_words_of_another_bank(file, header)
            _mark_read(file, header, count)
    except UnreadableReply as unreadable:
        _refuse_file(file, unreadable)
    except DataError as refused:
        log.error("reply_file_does_not_fit", file=file.pk, reason=str(refused))
        sentence = gettext_lazy("The file holds a number or text that no payment has; fetch it from the bank again.")
        _refuse_file(file, UnreadableReply(sentence))
    except IntegrityError as refused:
        if constraint_of(refused) != "reply_file_once_per_message_id":
            raise
        sentence = gettext_lazy(
            "The bank sent a file with this message id before, with other content; ask the bank which holds."
        )
        _refuse_file(file, UnreadableReply(sentence))
    file.refresh_from_db()
    return file


def withdraw_reply_file(*, file: ReplyFile) -> None:
    """
    Set a file aside without applying it; the same bytes may be uploaded again.

    Raises:
        ReplyRefused: somebody applied the file or set it aside already, or it was refused.
    """
    waiting = (ReplyFileStatus.UPLOADED, ReplyFileStatus.READ)
    if not ReplyFile.objects.filter(pk=file.pk, status__in=waiting).update(status=ReplyFileStatus.WITHDRAWN):
        raise ReplyRefused(_("The file was applied or set aside already."))


def _find_by_digest(sha256: str) -> ReplyFile:
    ended = (ReplyFileStatus.REFUSED, ReplyFileStatus.WITHDRAWN)
    return ReplyFile.objects.exclude(status__in=ended).get(sha256=sha256)


@transaction.atomic
def _lease_next_file(now: datetime) -> ReplyFile | None:
    due = ReplyFile.objects.select_for_update(skip_locked=True, of=("self",)).filter(status=ReplyFileStatus.UPLOADED)
    due = due.exclude(leased_until__gt=now).select_related("bank__reply_template", "stored")
    # Files without a lease come first, so that a file on which workers die does not keep the others waiting.
    file = due.order_by(F("leased_until").asc(nulls_first=True), "pk").first()
    if file:
        ReplyFile.objects.filter(pk=file.pk).update(leased_until=now + LEASE)
    return file


def _lock_for_reading(file: ReplyFile) -> bool:
    """Lock the file for this transaction alone; the lock ends with the connection, so a killed reader holds none."""
    held = fetch_rows("SELECT pg_try_advisory_xact_lock(hashtext('payouts.read_reply'), %(file)s::int)", file=file.pk)
    file.refresh_from_db(fields=["status"])
    return held[0][0] and file.status == ReplyFileStatus.UPLOADED


def _store_rows(file: ReplyFile, rows: Iterator[ReplyRow]) -> int:
    """Copy the rows into the table; a row about a whole batch file becomes one row for each line of it."""
    file_rows: list[ReplyRow] = []
    count = 0
    # COPY raises its errors when it ends, after Django's own translation of errors.
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            if row.batch_message_id:
                file_rows.append(row)
                continue
            count = max(count, row.number)
            verdict = Verdict.PENDING if row.is_pending else ""
            texts = (row.end_to_end_id, row.outcome, row.said, row.bank_reference, row.reason)
            copy.write_row((file.pk, row.number, *texts, row.amount_cny, row.amount_said, verdict, ""))
    for row in file_rows:
        count += _refuse_named_lines(file, row, count)
    return count


class _InstructionRange(NamedTuple):
    """The first and the last instruction of a batch file, by id; the file holds all of its batch between them."""

    batch: int
    first: int
    last: int


def _refuse_named_lines(file: ReplyFile, row: ReplyRow, after: int) -> int:
    """Refuse all lines of the batch file that a row names; if it names none or several, the row waits for a person."""
    columns = {"file": file.pk, "after": after, "said": row.said, "reason": row.reason}
    named = fetch_rows_as(_InstructionRange, _FIND_NAMED_RANGES, message=row.batch_message_id)
    if len(named) != 1:
        return execute_statement(_STORE_UNPLACED_ROW, message=row.batch_message_id, **columns)
    return execute_statement(_REFUSE_RANGE, **named[0]._asdict(), **columns)


def _refuse_file(file: ReplyFile, unreadable: UnreadableReply) -> None:
    why = in_both_languages(partial(str, unreadable))
    ReplyFile.objects.filter(pk=file.pk, status=ReplyFileStatus.UPLOADED).update(
        status=ReplyFileStatus.REFUSED, refusal=why.zh[:300], refusal_en=why.en[:300], leased_until=None
    )
    log.warning("reply_file_refused", file=file.pk, reason=why.en)


def _refuse_words_of_another_bank(file: ReplyFile, header: Header) -> None:
    # The words of the chosen bank give a table its meaning; with another bank, the same word may mean the contrary.
    if header.kind in TABLES and (other := find_bank_with_other_words(file=file)):
        sentence = gettext_lazy(
            "Payments in this table went to %(bank)s, which answers in other words; choose that bank."
        )
        raise UnreadableReply(sentence, bank=other)


def _mark_read(file: ReplyFile, header: Header, count: int) -> None:
    ReplyFile.objects.filter(pk=file.pk, status=ReplyFileStatus.UPLOADED).update(
        status=ReplyFileStatus.READ,
        kind=header.kind,
        message_id=header.message_id,
        row_count=count,
        leased_until=None,
    )


_COPY = """
    COPY payouts_replyline (
        file_id, number, end_to_end_id, outcome, said, bank_reference, reason, amount_cny, amount_said, verdict,
        decided_because
    ) FROM STDIN
"""
# What the files of this name hold, of those that were taken to a bank if any was. Two layouts may number their files
# alike and cut them differently.
_FIND_NAMED_RANGES = """
    WITH named AS (
        SELECT f.batch_id, f.first_instruction_id, f.last_instruction_id,
            EXISTS (SELECT FROM payouts_download d WHERE d.file_id = f.id) AS is_taken
        FROM payouts_batchfile f WHERE f.message_id = %(message)s OR f.batch_number = %(message)s
    )
    SELECT DISTINCT batch_id AS batch, first_instruction_id AS first, last_instruction_id AS last FROM named
    WHERE is_taken = (SELECT bool_or(is_taken) FROM named)
"""
_REFUSE_RANGE = """
    INSERT INTO payouts_replyline
        (file_id, number, end_to_end_id, outcome, said, bank_reference, reason, verdict, decided_because)
    SELECT %(file)s, %(after)s + row_number() OVER (ORDER BY i.id), i.end_to_end_id, 'refused', %(said)s, '',
        %(reason)s, '', ''
    FROM payouts_instruction i
    WHERE i.batch_id = %(batch)s AND i.id BETWEEN %(first)s AND %(last)s AND NOT EXISTS (
        SELECT FROM payouts_replyline l WHERE l.file_id = %(file)s AND l.end_to_end_id = i.end_to_end_id
    )
"""
_STORE_UNPLACED_ROW = """
    INSERT INTO payouts_replyline
        (file_id, number, end_to_end_id, outcome, said, bank_reference, reason, verdict, decided_because)
    VALUES (%(file)s, %(after)s + 1, '', 'refused', %(said)s, %(message)s, %(reason)s, '', '')
"""
