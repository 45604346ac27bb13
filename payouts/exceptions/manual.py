"""Manual steps on payouts that are stopped: a clerk cancels or repeats them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import LiteralString

from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from payouts.ledger.locks import lock_entitlements, lock_funds, lock_payout_seats, lock_to_give_back
from payouts.ledger.move import IllegalMove, find_source_states, move
from payouts.models import Payout
from payouts.models.banks.attempts import PAID_AND_KEPT
from payouts.sending.account_replaced import use_accounts
from payouts.states import Role, Status
from policies.matching.give_back import reopen_entitlements
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.database.statements import first_column
from qinqing.kernel.nudges import nudge
from qinqing.kernel.refusals import NoReason

# At most so many payouts are named in the sentence of a refusal.
_NAMED = 10
_PAID: LiteralString = (
    "SELECT p.id FROM payouts_payout p WHERE p.id = ANY(%(ids)s) AND "  # noqa: S608 - a condition of our own
    + PAID_AND_KEPT.format(payout="p.id")
    + " ORDER BY p.id"
)


@within_scope(payout_ids=Payout)
@transaction.atomic
def cancel_payouts(*, payout_ids: Sequence[int], role: Role, actor: User, because: str, now: datetime) -> list[int]:
    """
    Cancel payouts that are not with the bank, all or none; their funds get the money back.

    While the policy's claim window is open, firms can claim the entitlements again.

    Raises:
        NoReason: `because` is blank.
        IllegalMove: a payout is with the bank, paid or cancelled, the bank says that it paid it, an objection to it is
            open, or the role may not cancel.
        Payout.DoesNotExist: a payout does not exist.
        BeingClaimed: other transactions hold locks on rows that the cancellation reopens.
    """
    _require_reason(because)
    entitlements = lock_to_give_back(payout_ids, now)
    sealed = _("A payout stands in a sealed batch. Have the batch rejected before the payout is cancelled.")
    objected = _("An objection to a payout waits for an officer’s decision; upheld, it cancels the payout for good.")
    refusals: dict[str, Exception | Callable[[], Exception]] = {
        "payout_in_a_sealed_batch_is_not_cancelled": IllegalMove(sealed),
        "payout_with_an_open_objection_is_not_cancelled": IllegalMove(objected),
        "payout_that_the_bank_paid_is_not_cancelled": partial(_paid_already_refusal, payout_ids),
        "payout_with_an_outstanding_attempt_waits": _outstanding_refusal,
    }
    with translate_refusals(refusals):
        cancelled = _move_each(payout_ids, Status.CANCELLED, role, actor, because, now)
    # An entitlement may have a second, live payout if the bank paid and returned the cancelled one; it stays claimed.
    standing = Payout.objects.filter(entitlement__in=entitlements).exclude(status=Status.CANCELLED)
    taken = set(standing.values_list("entitlement", flat=True))
    reopen_entitlements(entitlement_ids=[each for each in entitlements if each not in taken], now=now)
    nudge("payouts.tasks.serve_waitlist")
    return cancelled


@within_scope(payout_ids=Payout)
@transaction.atomic
def retry_payouts(*, payout_ids: Sequence[int], actor: User, because: str, now: datetime) -> list[int]:
    """
    Repeat failed or returned payouts, all or none, to the account that the payee uses now.

    Raises:
        NoReason: `because` is blank.
        IllegalMove: a payout has another status, the bank says that it paid it, or it was cancelled before the bank
            paid and returned it.
        Payout.DoesNotExist: a payout does not exist.
    """
    _require_reason(because)
    lock_entitlements(payout_ids)
    retryable = find_source_states(after=Status.APPROVED, role=Role.FINANCE)
    stopped = Payout.objects.filter(pk__in=payout_ids, status__in=retryable)
    use_accounts(payouts=list(stopped.values_list("pk", flat=True)))
    ended = _("A payout was cancelled before the bank paid it and sent it back. It is not paid again: cancel it.")
    refusals: dict[str, Exception | Callable[[], Exception]] = {
        "payout_that_the_bank_paid_is_not_paid_again": partial(_paid_already_refusal, payout_ids),
        "payout_paid_though_cancelled_is_not_sent_again": IllegalMove(ended),
        "payout_with_an_outstanding_attempt_waits": _outstanding_refusal,
    }
    with translate_refusals(refusals):
        retried = _move_each(payout_ids, Status.APPROVED, Role.FINANCE, actor, because, now)
    nudge("payouts.tasks.send_due")
    return retried


def _paid_already_refusal(payout_ids: Sequence[int]) -> IllegalMove:
    paid = first_column(_PAID, ids=list(payout_ids))
    numbers = ", ".join(f"#{payout}" for payout in paid[:_NAMED]) + (" …" if len(paid) > _NAMED else "")
    return IllegalMove(
        _("The bank says that it has paid %(numbers)s. Nothing was changed: leave that out, ask the bank, and write"
          " down on the page of its reply what was found.") % {"numbers": numbers}
    )  # fmt: skip


def _outstanding_refusal() -> IllegalMove:
    return IllegalMove(
        _("Only a file says that the bank did not pay it. Take the step on the payout’s page; a colleague who did not"
          " bring or apply the file has to confirm it.")
    )  # fmt: skip


def _require_reason(because: str) -> None:
    if not because.strip():
        raise NoReason(_("Say why; the reason stays with the payout."))


def _move_each(
    payout_ids: Sequence[int], after: Status, role: Role, actor: User, because: str, now: datetime
) -> list[int]:
    locked = Payout.objects.filter(pk__in=payout_ids).order_by("pk").select_for_update(no_key=True)
    standing: dict[Status, list[int]] = defaultdict(list)
    for payout, status in locked.values_list("pk", "status"):
        standing[Status(status)].append(payout)
    if sum(map(len, standing.values())) < len(set(payout_ids)):
        raise Payout.DoesNotExist("There is no such payout.")
    if after is Status.CANCELLED:
        lock_payout_seats(payouts=payout_ids)
    lock_funds(payouts=payout_ids)
    moved: list[int] = []
    for before, payouts in standing.items():
        moved += move(
            payouts=payouts, before=before, after=after, role=role, actor=actor, because=because.strip(), now=now
        )
    return sorted(moved)
