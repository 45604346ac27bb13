"""Finance seals what was instructed into batches, and writes their files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.timezone import localtime

from companies.models import User
from payouts.exports import pain001, workbook
from payouts.exports.lines import Line, Payer
from payouts.models import Batch, BatchFile
from qinqing.kernel.secrets import decrypted
from qinqing.kernel.statements import executed, expect_large_sets, fetched, first_column

log = structlog.get_logger()

# What banks take in one file.
LARGEST_BATCH_LINES = 3_000


class BatchBroken(Exception):
    """The lines of a batch are not those that were sealed; no file is written."""


class _Render(Protocol):
    def __call__(self, *, message_id: str, lines: Sequence[Line], created_at: datetime, payer: Payer) -> bytes: ...


RENDERERS: dict[str, _Render] = {
    BatchFile.Format.PAIN001: pain001.render,
    BatchFile.Format.WORKBOOK: workbook.render,
}


@transaction.atomic
def seal_batches(*, actor: User | None, now: datetime, limit_lines: int = LARGEST_BATCH_LINES) -> list[Batch]:
    """
    Seal all instructions that are with the bank or were executed and stand in no batch yet.

    Batches are made per fund, in the order of the instructions, each of at most `limit_lines`. Count, control
    sum and SHA-256 are computed by the same statement that fixes the lines.
    """
    # One at a time: two sealers would choose the same instructions.
    fetched("SELECT pg_advisory_xact_lock(hashtext('payouts.seal_batches'))")
    expect_large_sets()
    sealed = first_column(
        """
        WITH due AS (
            SELECT i.id, i.fund_id, i.amount_cny,
                concat_ws('|', i.end_to_end_id, i.amount_cny, encode(a.number_hash, 'hex')) AS line,
                (row_number() OVER (PARTITION BY i.fund_id ORDER BY i.id) - 1) / %(limit)s AS piece
            FROM payouts_instruction i
            JOIN payouts_payout p ON p.id = i.payout_id
            JOIN companies_payeeaccount a ON a.id = i.account_id
            WHERE i.batch_id IS NULL
                AND p.status IN ('sent', 'in_doubt', 'paid', 'returned', 'recovering', 'recovered')
                AND NOT EXISTS (
                    SELECT FROM payouts_instruction l WHERE l.payout_id = i.payout_id AND l.attempt > i.attempt
                )
        ), piece AS (
            SELECT fund_id, piece, 'QQ' || %(day)s || 'I' || min(id) AS message_id, count(*) AS line_count,
                sum(amount_cny) AS total_cny,
                encode(sha256(convert_to(string_agg(line, E'\\n' ORDER BY id), 'UTF8')), 'hex') AS digest
            FROM due GROUP BY fund_id, piece
        ), batch AS (
            INSERT INTO payouts_batch
                (fund_id, message_id, sealed_at, sealed_by_id, line_count, control_sum_cny, sha256)
            SELECT fund_id, message_id, %(now)s, %(actor)s, line_count, total_cny, digest
            FROM piece ORDER BY fund_id, piece
            RETURNING id, message_id
        ), line AS (
            UPDATE payouts_instruction i SET batch_id = batch.id
            FROM due JOIN piece USING (fund_id, piece) JOIN batch USING (message_id)
            WHERE i.id = due.id
        )
        SELECT id FROM batch ORDER BY id
        """,
        limit=limit_lines,
        day=f"{localtime(now):%Y%m%d}",
        now=now,
        actor=actor.pk if actor else None,
    )
    return list(Batch.objects.filter(pk__in=sealed).order_by("pk"))


@transaction.atomic
def write_file(*, batch: Batch, format: str, now: datetime) -> BatchFile:  # noqa: A002 - the word of BatchFile
    """
    The batch in one of `BatchFile.Format`; written on first use, the very same bytes ever after.

    Raises:
        BatchBroken: the lines in the database are not those that were sealed.
    """
    written = BatchFile.objects.filter(batch=batch, format=format).first()
    if written is not None:
        return written
    content = RENDERERS[format](
        message_id=batch.message_id, lines=_lines(batch), created_at=localtime(batch.sealed_at), payer=_payer()
    )
    # Whoever was faster wrote the same bytes.
    executed(
        """
        INSERT INTO payouts_batchfile (batch_id, format, content, sha256, written_at)
        VALUES (%(batch)s, %(format)s, %(content)s, %(sha256)s, %(now)s)
        ON CONFLICT (batch_id, format) DO NOTHING
        """,
        batch=batch.pk,
        format=format,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        now=now,
    )
    return BatchFile.objects.get(batch=batch, format=format)


def open_file(*, batch: Batch, format: str, actor: User, now: datetime) -> BatchFile:  # noqa: A002
    """
    The batch's file for somebody who downloads it; the log keeps who took account numbers away, and which.

    Raises:
        BatchBroken: the lines in the database are not those that were sealed.
    """
    file = write_file(batch=batch, format=format, now=now)
    log.info("batch_file_downloaded", batch=batch.message_id, format=format, sha256=file.sha256, actor=actor.pk)
    return file


def _payer() -> Payer:
    return Payer(name=settings.PAYER_NAME, account=settings.PAYER_ACCOUNT, bank_number=settings.PAYER_BANK_NUMBER)


def _lines(batch: Batch) -> list[Line]:
    rows = fetched(
        """
        SELECT concat_ws('|', i.end_to_end_id, i.amount_cny, encode(a.number_hash, 'hex')),
            i.end_to_end_id, i.amount_cny, a.holder_name, a.number_encrypted, a.bank_name, a.bank_number,
            y.code || ' ' || p.id
        FROM payouts_instruction i
        JOIN payouts_payout p ON p.id = i.payout_id
        JOIN policies_policy y ON y.id = p.policy_id
        JOIN companies_payeeaccount a ON a.id = i.account_id
        WHERE i.batch_id = %(batch)s ORDER BY i.id
        """,
        batch=batch.pk,
    )
    digest = hashlib.sha256("\n".join(row[0] for row in rows).encode()).hexdigest()
    if digest != batch.sha256:
        raise BatchBroken(f"The lines of batch {batch.message_id} are not those that were sealed.")
    return [
        Line(
            end_to_end_id=end_to_end_id,
            amount_cny=amount_cny,
            payee_name=payee_name,
            payee_account=decrypted(sealed_number),
            bank_name=bank_name,
            bank_number=bank_number,
            purpose=purpose,
        )
        for _line, end_to_end_id, amount_cny, payee_name, sealed_number, bank_name, bank_number, purpose in rows
    ]
