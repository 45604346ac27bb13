"""Sealing the instructions that went over a bank's interface into batches."""

# ruff: noqa: S608 - what is put into this statement are expressions of our own.
from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.timezone import localtime

from companies.models import User
from companies.people.scope import of_whole_city
from payouts.batch_states import BatchStatus, Channel
from payouts.models import Batch
from payouts.models.banks.attempts import IS_LAST, SEALED_LINE
from qinqing.kernel.database.statements import expect_large_sets, fetch_rows, first_column

# The number of lines that banks accept in one file.
LARGEST_BATCH_LINES = 3_000


@of_whole_city
@transaction.atomic
def seal_sent_instructions(*, actor: User | None, now: datetime, limit_lines: int = LARGEST_BATCH_LINES) -> list[Batch]:
    """
    Seal all instructions without a batch that are with the bank or that the bank executed.

    Each batch holds at most `limit_lines` instructions of one fund, in their order. The statement that fixes the lines
    also computes the count, the control sum and the SHA-256.
    """
    # Otherwise two sealers at a time would choose the same instructions.
    fetch_rows("SELECT pg_advisory_xact_lock(hashtext('payouts.seal_sent'))")
    expect_large_sets()
    sealed = first_column(
        f"""
        WITH due AS (
            SELECT i.id, i.fund_id, i.amount_cny,
                {SEALED_LINE} AS line,
                (row_number() OVER (PARTITION BY i.fund_id ORDER BY i.id) - 1) / %(limit)s AS piece
            FROM payouts_instruction i
            JOIN payouts_payout p ON p.id = i.payout_id
            JOIN companies_payeeaccount a ON a.id = i.account_id
            WHERE i.batch_id IS NULL
                AND p.status IN ('sent', 'in_doubt', 'paid', 'returned', 'recovering', 'recovered')
                -- An instruction counts as executed by its own replies: the bank may still pay an earlier attempt.
                AND (
                    EXISTS (
                        SELECT FROM payouts_reply r
                        WHERE r.instruction_id = i.id AND r.outcome IN ('paid', 'returned')
                    )
                    OR p.status IN ('sent', 'in_doubt') AND {IS_LAST}
                )
        ), piece AS (
            SELECT fund_id, piece, 'QQ' || %(day)s || 'I' || min(id) AS message_id, count(*) AS line_count,
                sum(amount_cny) AS total_cny,
                encode(sha256(convert_to(string_agg(line, E'\\n' ORDER BY id), 'UTF8')), 'hex') AS digest
            FROM due GROUP BY fund_id, piece
        ), batch AS (
            INSERT INTO payouts_batch (
                fund_id, channel, status, message_id, sealed_at, sealed_by_id, line_count, control_sum_cny, sha256,
                rejected_because
            )
            SELECT fund_id, %(channel)s, %(status)s, message_id, %(now)s, %(actor)s, line_count, total_cny, digest, ''
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
        channel=Channel.HTTP.value,
        # The bank already has the lines.
        status=BatchStatus.EXPORTED.value,
        day=f"{localtime(now):%Y%m%d}",
        now=now,
        actor=actor.pk if actor else None,
    )
    return list(Batch.objects.filter(pk__in=sealed).order_by("pk"))
