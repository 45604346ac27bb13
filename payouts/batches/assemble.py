"""Assembly of batches for the file channel: a maker opens a batch, which collects approved payouts, and seals it."""

# ruff: noqa: S608 - only constants of our own are put into these statements.
from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import LiteralString, NamedTuple

from django.db import transaction
from django.utils.formats import number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from payouts.batch_states import BatchStatus, Channel, Duty
from payouts.batches.queries import IS_COLLECTED, sum_lines
from payouts.batches.transition import BatchRefused, move_batch
from payouts.models import Bank, Batch, Fund
from payouts.models.banks.attempts import END_TO_END_ID, PAID_THOUGH_CANCELLED, SEALED_LINE
from payouts.sending.account_replaced import use_accounts
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.database.statements import (
    execute_statement,
    expect_large_sets,
    fetch_rows,
    fetch_rows_as,
    first_column,
)


class NothingToCollect(BatchRefused):
    """The fund is not paid by files, or no approved payout of it waits for a file."""


class NotAsDeclared(BatchRefused):
    """The count or the sum that the maker declared differs from the database's."""


class BatchUnderWay(BatchRefused):
    """Payments of the fund or over the bank are on their way, so its bank, channel or account cannot change."""


class _Sealed(NamedTuple):
    line_count: int
    total_cny: Decimal
    sha256: str


@within_scope(fund=Fund)
@transaction.atomic
def open_batch(*, fund: Fund, actor: User, now: datetime) -> Batch:
    """
    Open a batch that collects the payouts of a fund that are approved by now; return the open one if there is one.

    Raises:
        NothingToCollect: the fund is not paid by files, or no approved payout of it waits for a file.
    """
    _lock_assembly()
    bank = Bank.objects.filter(funds=fund, channel=Channel.FILE).first()
    if bank is None:
        raise NothingToCollect(_("This fund is paid over the bank’s interface; there are no files to collect for."))
    batch = Batch.objects.filter(fund=fund, bank=bank, status=BatchStatus.OPEN).first()
    if batch is None:
        batch = _create_batch(fund, bank, actor, now)
    # If all payouts of the open batch were cancelled meanwhile, the batch collects those that were approved meanwhile.
    if not sum_lines(batch=batch).count and not sum_lines(batch=extend_batch(batch=batch, now=now)).count:
        raise NothingToCollect(_("Nothing of this fund is approved and waits for a file."))
    return batch


def _create_batch(fund: Fund, bank: Bank, actor: User, now: datetime) -> Batch:
    ((number,),) = fetch_rows("SELECT nextval(pg_get_serial_sequence('payouts_batch', 'id'))")
    changed = NothingToCollect(_("The fund changed its bank meanwhile; look at it again."))
    with translate_refusals({"batch_is_of_the_bank_of_its_fund": changed}):
        return Batch.objects.create(
            pk=number,
            fund=fund,
            bank=bank,
            channel=Channel.FILE,
            status=BatchStatus.OPEN,
            message_id=f"QQ{localtime(now):%Y%m%d}B{number}",
            opened_at=now,
            opened_by=actor,
            collects_until=now,
        )


def extend_batch(*, batch: Batch, now: datetime) -> Batch:
    """
    Make an open batch collect all payouts that are approved by now.

    Raises:
        BatchRefused: the batch is no longer open.
    """
    if not Batch.objects.filter(pk=batch.pk, status=BatchStatus.OPEN).update(collects_until=now):
        raise BatchRefused(_("The batch is not open any more; its lines are fixed."))
    batch.refresh_from_db()
    return batch


@within_scope(batch=Batch)
@transaction.atomic
def seal_batch(*, batch: Batch, declared_count: int, declared_sum_cny: Decimal, actor: User, now: datetime) -> Batch:
    """
    Seal an open batch: store the instructions of its payouts, after which its lines never change.

    The payouts stay approved until the batch is released; a payout of a sealed batch cannot be cancelled.

    Raises:
        NotAsDeclared: the declared count or sum differs from the database's.
        BatchRefused: the batch is no longer open.
    """
    _lock_assembly()
    batch = Batch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if batch.status != BatchStatus.OPEN:
        raise BatchRefused(_("The batch is not open any more; its lines are fixed."))
    expect_large_sets()
    use_accounts(payouts=first_column(_LOCK_PAYOUTS, **_name_parameters(batch)))
    found = sum_lines(batch=batch)
    if (found.count, found.total_cny) != (declared_count, declared_sum_cny):
        raise NotAsDeclared(_describe_difference(found.count, found.total_cny, declared_count, declared_sum_cny))
    assert batch.bank is not None
    execute_statement(
        _STORE_INSTRUCTIONS,
        **_name_parameters(batch),
        now=now,
        valid_until=now + timedelta(days=batch.bank.answer_days),
    )
    (sealed,) = fetch_rows_as(_Sealed, _SUM_LINES, batch=batch.pk)
    return move_batch(
        duty=Duty.MAKER,
        batch=batch,
        after=BatchStatus.SEALED,
        line_count=sealed.line_count,
        control_sum_cny=sealed.total_cny,
        sha256=sealed.sha256,
        declared_count=declared_count,
        declared_sum_cny=declared_sum_cny,
        sealed_by=actor,
        sealed_at=now,
    )


@within_scope(batch=Batch)
def discard_batch(*, batch: Batch, because: str, actor: User, now: datetime) -> Batch:
    """
    Discard an open batch; its payouts wait for another batch.

    Raises:
        BatchRefused: the batch is no longer open, or `because` is blank.
    """
    return move_batch(
        duty=Duty.MAKER,
        batch=batch,
        after=BatchStatus.DISCARDED,
        rejected_because=because.strip(),
        rejected_by=actor,
        rejected_at=now,
    )


def _lock_assembly() -> None:
    # Otherwise two makers could choose the same payouts.
    fetch_rows("SELECT pg_advisory_xact_lock(hashtext('payouts.collect'))")


def _name_parameters(batch: Batch) -> dict[str, object]:
    return {"batch": batch.pk, "fund": batch.fund_id, "until": batch.collects_until}


def _describe_difference(count: int, total_cny: Decimal, declared_count: int, declared_sum_cny: Decimal) -> str:
    sentence = _(
        "The batch holds %(count)s lines of ¥%(total)s, but %(declared_count)s lines of ¥%(declared_total)s"
        " were declared. Compare the two; nothing was sealed."
    )
    return sentence % {
        "count": number_format(count, force_grouping=True),
        "total": number_format(total_cny, decimal_pos=2, force_grouping=True),
        "declared_count": number_format(declared_count, force_grouping=True),
        "declared_total": number_format(declared_sum_cny, decimal_pos=2, force_grouping=True),
    }


# p is the payout, n its next attempt, i an earlier instruction, b its batch, a the account.
_LOCK_PAYOUTS: LiteralString = f"""
    SELECT p.id FROM payouts_payout p WHERE {IS_COLLECTED}
    ORDER BY p.id FOR NO KEY UPDATE
"""
_STORE_INSTRUCTIONS: LiteralString = f"""
    INSERT INTO payouts_instruction (
        payout_id, attempt, end_to_end_id, fund_id, account_id, amount_cny, stored_at, valid_until, batch_id
    )
    SELECT p.id, n.attempt, {END_TO_END_ID},
        p.fund_id, p.account_id, p.amount_cny, %(now)s, %(valid_until)s, %(batch)s
    FROM payouts_payout p
    LEFT JOIN (
        SELECT i.payout_id, bool_or(b.status IN ('sealed', 'approved')) AS is_waiting, count(*) AS so_far
        FROM payouts_instruction i LEFT JOIN payouts_batch b ON b.id = i.batch_id
        WHERE i.fund_id = %(fund)s GROUP BY i.payout_id
    ) earlier ON earlier.payout_id = p.id
    CROSS JOIN LATERAL (SELECT 1 + coalesce(earlier.so_far, 0) AS attempt) n
    WHERE p.fund_id = %(fund)s AND p.status = 'approved' AND p.moved_at <= %(until)s
        AND earlier.is_waiting IS NOT TRUE AND p.entitlement_id NOT IN ({PAID_THOUGH_CANCELLED})
    ORDER BY p.id
"""
_SUM_LINES: LiteralString = f"""
    SELECT count(*) AS line_count, sum(i.amount_cny) AS total_cny,
        encode(sha256(convert_to(string_agg({SEALED_LINE}, E'\\n' ORDER BY i.id), 'UTF8')), 'hex') AS sha256
    FROM payouts_instruction i JOIN companies_payeeaccount a ON a.id = i.account_id
    WHERE i.batch_id = %(batch)s
"""
