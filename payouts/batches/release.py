"""The steps of a sealed batch: a checker approves it, a releaser releases it, a closer closes the answered batch."""

# ruff: noqa: S608 - what is put into this statement is a condition of our own.
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import structlog
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from payouts.batch_states import BatchStatus, Channel, Duty
from payouts.batches.layouts import ChosenLayout, find_usual_layout
from payouts.batches.transition import BatchRefused, DutyConflict, move_batch
from payouts.ledger.move import move
from payouts.models import Batch
from payouts.models.banks.attempts import IS_LAST
from payouts.replies.late_confirmation import settle_late_confirmations
from payouts.states import Role, Status
from policies.authoring.suspensions import pauses
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.database.statements import execute_statement, expect_large_sets, first_column

log = structlog.get_logger()


class NotAsSealed(BatchRefused):
    """The checker typed another sum than that of the sealed lines, or none."""


# The lease of payouts in files: the platform never asks a bank's interface about them.
ENDLESS_LEASE = datetime(9999, 1, 1, tzinfo=UTC)


@within_scope(batch=Batch)
def check_control_sum(*, batch: Batch, checked_sum_cny: Decimal, actor: User, now: datetime) -> Batch:
    """
    Compare the control sum that a checker typed from her own papers with that of the sealed lines.

    Raises:
        DutyConflict: the actor made the batch.
        NotAsSealed: the sum is another one.
        BatchRefused: the batch does not wait for a check.
    """
    sentence = _(
        "This is not the sum of the lines that were sealed. Compare your papers with the maker’s; do not guess."
    )
    refusals = {
        "batch_is_checked_as_sealed": NotAsSealed(sentence),
        "batch_sum_is_not_typed_by_its_maker": DutyConflict(
            _("Whoever made a batch cannot check it; ask a colleague.")
        ),
    }
    with translate_refusals(refusals):
        written = Batch.objects.filter(pk=batch.pk, status=BatchStatus.SEALED).update(
            checked_sum_cny=checked_sum_cny, checked_by=actor, checked_at=now
        )
    batch.refresh_from_db()
    if not written:
        raise BatchRefused(
            _("The batch is “%(status)s” by now; look at it again.") % {"status": batch.get_status_display()}
        )
    return batch


@within_scope(batch=Batch)
def approve_batch(*, batch: Batch, actor: User, now: datetime) -> Batch:
    """
    Approve a sealed batch for release.

    Raises:
        DutyConflict: the actor made the batch.
        NotAsSealed: the actor has not typed the control sum.
        BatchRefused: the batch does not wait for a check.
    """
    untyped = NotAsSealed(_("Type the control sum from your own papers first."))
    with translate_refusals({"batch_is_approved_by_who_typed_its_sum": untyped}):
        return move_batch(
            batch=batch, after=BatchStatus.APPROVED, duty=Duty.CHECKER, approved_by=actor, approved_at=now
        )


@within_scope(batch=Batch)
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
    settle_late_confirmations(payouts=_find_payouts(batch), now=now)
    return rejected


@within_scope(batch=Batch)
@transaction.atomic
def release_batch(*, batch: Batch, actor: User, now: datetime, layout: ChosenLayout | None = None) -> Batch:
    """
    Release an approved batch: its payouts are sent from now on, and its file can be downloaded in one layout.

    Without `layout` it is the usual one of the bank.

    Raises:
        DutyConflict: the actor made or checked the batch.
        BatchRefused: the batch is not approved or is already released, its policy is suspended, or the bank says that
            it has paid one of its payouts.
    """
    batch = Batch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if batch.status == BatchStatus.APPROVED:
        if suspensions := pauses(version_ids=[batch.fund.version_id]):
            raise BatchRefused(" ".join(pause.sentence for pause in suspensions))
        expect_large_sets()
        sentence = _(
            "The bank says that it paid a payout of this batch already. Reject the batch; the others are collected"
            " again."
        )
        with translate_refusals({"payout_that_the_bank_paid_is_not_paid_again": BatchRefused(sentence)}):
            _send_payouts(batch, actor, now)
    assert batch.bank is not None or batch.channel == Channel.HTTP
    layout = layout or find_usual_layout(bank=batch.bank)
    due_on = localdate(now) + timedelta(days=batch.bank.answer_days if batch.bank else 0)
    return move_batch(
        batch=batch,
        after=BatchStatus.EXPORTED,
        duty=Duty.RELEASER,
        released_by=actor,
        released_at=now,
        answer_due_on=due_on,
        layout_kind=layout.kind,
        layout_template=layout.template,
    )


def reconcile_batches(*, now: datetime) -> int:
    """
    Mark the batches in which the bank has decided every line; return their number.

    A line with a later instruction for the same payout counts as decided.
    """
    return execute_statement(
        f"""
        UPDATE payouts_batch b SET status = 'reconciled', reconciled_at = %(now)s
        WHERE b.status = 'exported' AND NOT EXISTS (
            SELECT FROM payouts_instruction i JOIN payouts_payout p ON p.id = i.payout_id
            WHERE i.batch_id = b.id AND p.status IN ('sent', 'in_doubt') AND {IS_LAST}
        )
        """,
        now=now,
    )


@within_scope(batch=Batch)
def close_batch(*, batch: Batch, actor: User, now: datetime) -> Batch:
    """
    Close a batch that the bank has answered in full.

    Raises:
        DutyConflict: the actor released the batch.
        BatchRefused: the bank has not answered it in full.
    """
    return move_batch(batch=batch, after=BatchStatus.CLOSED, duty=Duty.CLOSER, closed_by=actor, closed_at=now)


def _find_payouts(batch: Batch) -> list[int]:
    return first_column("SELECT payout_id FROM payouts_instruction WHERE batch_id = %(batch)s", batch=batch.pk)


def _send_payouts(batch: Batch, actor: User, now: datetime) -> None:
    payouts = _find_payouts(batch)
    move(
        payouts=payouts,
        before=Status.APPROVED,
        after=Status.SENT,
        role=Role.SYSTEM,
        actor=actor,
        because="",
        now=now,
        leased_until=ENDLESS_LEASE,
    )
    log.info("batch_released", batch=batch.message_id, lines=len(payouts))
