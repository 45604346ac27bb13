"""The life of a sealed batch: a checker approves it, a releaser releases it, banks answer it, and it is closed."""

# ruff: noqa: S608 - what is put into this statement is a condition of our own.
from __future__ import annotations

from datetime import UTC, datetime, timedelta

import structlog
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from companies.models import User
from payouts.batch_states import BatchStatus, Channel, Duty
from payouts.batches.transition import BatchRefused, move_batch
from payouts.ledger.move import move
from payouts.ledger.waiting_reason import why_stopped
from payouts.models import Batch
from payouts.models.banks.attempts import IS_LAST
from payouts.replies.late_confirmation import settle_paid_after_all
from payouts.states import Role, Status
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.database.statements import executed, expect_large_sets, first_column

log = structlog.get_logger()

# A lease without end, because a payout that went out in a file is never asked about at a bank's interface.
NEVER_ASKED = datetime(9999, 1, 1, tzinfo=UTC)


def approve_batch(*, batch: Batch, actor: User, now: datetime) -> Batch:
    """
    Approve a sealed batch for release.

    Raises:
        NotAnother: the actor made the batch.
        BatchRefused: the batch does not wait for a check.
    """
    return move_batch(batch=batch, after=BatchStatus.APPROVED, duty=Duty.CHECKER, approved_by=actor, approved_at=now)


@transaction.atomic
def reject_batch(*, batch: Batch, because: str, actor: User, now: datetime) -> Batch:
    """
    Reject a batch that the bank has not seen; another batch collects its payouts again, with new instructions.

    A payout that the bank paid by an earlier instruction becomes paid instead.

    Raises:
        BatchRefused: the batch is released, or `because` is blank.
    """
    rejected = move_batch(
        batch=batch,
        after=BatchStatus.REJECTED,
        duty=Duty.CHECKER,
        rejected_because=because.strip(),
        rejected_by=actor,
        rejected_at=now,
    )
    settle_paid_after_all(payouts=_payouts(batch), now=now)
    return rejected


@transaction.atomic
def release_batch(*, batch: Batch, actor: User, now: datetime) -> Batch:
    """
    Release an approved batch: its payouts are sent from now on, and its files can be downloaded.

    Raises:
        NotAnother: the actor made or checked the batch.
        BatchRefused: the batch is not approved or is already released, its policy is suspended, or the bank says that
            it has paid one of its payouts.
    """
    batch = Batch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if batch.status == BatchStatus.APPROVED:
        if why := why_stopped(fund=batch.fund):
            raise BatchRefused(why)
        expect_large_sets()
        sentence = _(
            "The bank says that it paid a payout of this batch already. Reject the batch; the others are collected"
            " again."
        )
        with translate_refusals({"payout_that_the_bank_paid_is_not_paid_again": BatchRefused(sentence)}):
            _send(batch, now)
    assert batch.bank is not None or batch.channel == Channel.HTTP
    due_on = localdate(now) + timedelta(days=batch.bank.answer_days if batch.bank else 0)
    return move_batch(
        batch=batch,
        after=BatchStatus.EXPORTED,
        duty=Duty.RELEASER,
        released_by=actor,
        released_at=now,
        answer_due_on=due_on,
    )


def reconcile_batches(*, now: datetime) -> int:
    """
    Mark the batches in which the bank has decided every line; return their number.

    A line with a later instruction for the same payout counts as decided.
    """
    return executed(
        f"""
        UPDATE payouts_batch b SET status = 'reconciled', reconciled_at = %(now)s
        WHERE b.status = 'exported' AND NOT EXISTS (
            SELECT FROM payouts_instruction i JOIN payouts_payout p ON p.id = i.payout_id
            WHERE i.batch_id = b.id AND p.status IN ('sent', 'in_doubt') AND {IS_LAST}
        )
        """,
        now=now,
    )


def close_batch(*, batch: Batch, actor: User, now: datetime) -> Batch:
    """
    Close a batch that the bank has answered in full.

    Raises:
        NotAnother: the actor released the batch.
        BatchRefused: the bank has not answered it in full.
    """
    return move_batch(batch=batch, after=BatchStatus.CLOSED, duty=Duty.CLOSER, closed_by=actor, closed_at=now)


def _payouts(batch: Batch) -> list[int]:
    return first_column("SELECT payout_id FROM payouts_instruction WHERE batch_id = %(batch)s", batch=batch.pk)


def _send(batch: Batch, now: datetime) -> None:
    payouts = _payouts(batch)
    move(
        payouts=payouts,
        before=Status.APPROVED,
        after=Status.SENT,
        role=Role.SYSTEM,
        actor=None,
        because="",
        now=now,
        leased_until=NEVER_ASKED,
    )
    log.info("batch_released", batch=batch.message_id, lines=len(payouts))
