"""Clarification of contradictions: a clerk asks the bank what is true, and records the answer."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from payouts.ledger.decisions import AlreadyDecided, SamePerson, decide
from payouts.ledger.move import IllegalMove
from payouts.ledger.reasons import NoReason
from payouts.models import Clarification, Finding, Payout, Reply
from payouts.replies.late_confirmation import PAID_BY_FINDING, settle_cancelled_payouts, settle_late_confirmations
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.nudges import nudge
from qinqing.kernel.refusals import Refusal

log = structlog.get_logger()


class NotCovered(Refusal):
    """The fund has less money available than the bank paid."""


class NotAContradiction(Refusal):
    """The reply agrees with its payout, or the other operation of this module has to clarify it."""


@within_scope(reply_id=Reply)
def clarify_contradiction(*, reply_id: int, because: str, actor: User, now: datetime) -> Clarification:
    """
    Record what the bank told about a contradicting reply that is not about a payment; no payout moves.

    Raises:
        NoReason: `because` is blank.
        AlreadyDecided: somebody clarified the reply before.
        NotAContradiction: the reply agrees with its payout, or is about a payment, which `enter_finding` is for.
    """
    reason = _check_reason(because)
    refusals = {
        "payouts_clarification_reply_id_key": AlreadyDecided(_("This was decided already; nothing was changed.")),
        "clarification_is_of_a_contradiction": NotAContradiction(_("This reply contradicts nothing.")),
        "payment_is_clarified_by_two": NotAContradiction(
            _("Say whether the bank paid it; somebody else has to confirm that.")
        ),
    }
    with translate_refusals(refusals):
        clarified = Clarification.objects.create(
            reply_id=reply_id, because=reason, clarified_at=now, clarified_by=actor
        )
    log.info("contradiction_clarified", reply=reply_id)
    return clarified


@within_scope(reply_id=Reply)
def enter_finding(*, reply_id: int, was_paid: bool, because: str, actor: User, now: datetime) -> Finding:
    """
    Enter whether the bank made the payment that a contradicting reply is about; another person has to confirm it.

    Raises:
        NoReason: `because` is blank.
        AlreadyDecided: somebody entered a finding before, and nobody has turned it down.
        NotAContradiction: the reply agrees with its payout, or is not about a payment.
    """
    reason = _check_reason(because)
    refusals = {
        "finding_once_per_reply": AlreadyDecided(_("Somebody entered this already; nothing was changed.")),
        "finding_is_of_a_payment_that_contradicts": NotAContradiction(_("This reply contradicts nothing.")),
    }
    with translate_refusals(refusals):
        return Finding.objects.create(
            reply_id=reply_id, was_paid=was_paid, because=reason, entered_at=now, entered_by=actor
        )


@within_scope(finding_id=Finding)
@transaction.atomic
def confirm_finding(*, finding_id: int, actor: User, now: datetime) -> Finding:
    """
    Confirm a finding: if the bank paid, the payout is settled; if not, it may be sent again or cancelled.

    Raises:
        SamePerson: the actor entered the finding.
        AlreadyDecided: somebody confirmed it or turned it down meanwhile.
        IllegalMove: the bank never made the payment, but it is the only one by which the payout counts as paid.
        NotCovered: the payout had been cancelled, and its fund has less money available.
    """
    refusals = {
        "finding_is_confirmed_by_another_person": SamePerson(
            _("You entered this finding; somebody else has to confirm it.")
        ),
        "finding_leaves_no_payout_paid_by_nothing": IllegalMove(
            _("The payout counts as paid by this payment alone. If it was never made, the bank has to say “returned”.")
        ),
    }
    with translate_refusals(refusals):
        finding = decide(Finding, finding_id, Finding.Decision.CONFIRMED, actor=actor, now=now)
    payouts = list(Payout.objects.filter(instructions__replies__findings=finding).values_list("pk", flat=True))
    settled = settle_late_confirmations(payouts=payouts, because=PAID_BY_FINDING, now=now)
    spent = NotCovered(_("The fund has not so much money available; grant some first."))
    with translate_refusals({"fund_available_is_not_negative": spent}):
        settled += settle_cancelled_payouts(payouts=payouts, now=now)
    log.info("payment_found_out", finding=finding.pk, was_paid=finding.was_paid, settled=settled)
    # Payouts that were not sent because of this payment can be sent if the bank never made it.
    nudge("payouts.tasks.send_due")
    return finding


@within_scope(finding_id=Finding)
@transaction.atomic
def turn_down_finding(*, finding_id: int, actor: User, now: datetime) -> Finding:
    """
    Turn a finding down, or withdraw one's own; the reply waits as before.

    Raises:
        AlreadyDecided: somebody confirmed it or turned it down meanwhile.
    """
    return decide(Finding, finding_id, Finding.Decision.TURNED_DOWN, actor=actor, now=now)


def _check_reason(because: str) -> str:
    if not because.strip():
        raise NoReason(_("Say what the bank told you; it is kept with the reply."))
    return because.strip()[:200]
