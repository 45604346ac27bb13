"""Replies that contradict wait for a person, who asks the bank and writes down what is true."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from payouts.ledger.decisions import AlreadyDecided, SamePerson, decide
from payouts.ledger.move import IllegalMove
from payouts.ledger.reasons import NoReason
from payouts.models import Clarification, Finding, Payout
from payouts.replies.late_confirmation import AS_FOUND_OUT, settle_paid_after_all, settle_paid_though_cancelled
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.nudges import nudge
from qinqing.kernel.refusals import Refusal

log = structlog.get_logger()


class NotCovered(Refusal):
    """The fund has less available than left the account."""


class NotAContradiction(Refusal):
    """The reply agrees with its payout, or what is found out about it is another kind of thing."""


def clarify(*, reply_id: int, because: str, actor: User, now: datetime) -> Clarification:
    """
    Write down what was found out about a reply that contradicts and is of no payment; nothing moves by it.

    Raises:
        NoReason: `because` is blank.
        AlreadyDecided: somebody wrote it down before.
        NotAContradiction: the reply agrees with its payout, or says that the bank paid: that is for `enter_finding`.
    """
    found = _found(because)
    refusals = {
        "payouts_clarification_reply_id_key": AlreadyDecided(_("This was decided already; nothing was changed.")),
        "clarification_is_of_a_contradiction": NotAContradiction(_("This reply contradicts nothing.")),
        "payment_is_clarified_by_two": NotAContradiction(
            _("Say whether the bank paid it; somebody else has to confirm that.")
        ),
    }
    with translate_refusals(refusals):
        clarified = Clarification.objects.create(reply_id=reply_id, because=found, clarified_at=now, clarified_by=actor)
    log.info("contradiction_clarified", reply=reply_id)
    return clarified


def enter_finding(*, reply_id: int, was_paid: bool, because: str, actor: User, now: datetime) -> Finding:
    """
    Enter whether the bank made the payment that a contradicting reply speaks of; it counts once another confirms it.

    Raises:
        NoReason: `because` is blank.
        AlreadyDecided: somebody entered it before, and nobody has turned it down.
        NotAContradiction: the reply agrees with its payout, or is of no payment.
    """
    found = _found(because)
    refusals = {
        "finding_once_per_reply": AlreadyDecided(_("Somebody entered this already; nothing was changed.")),
        "finding_is_of_a_payment_that_contradicts": NotAContradiction(_("This reply contradicts nothing.")),
    }
    with translate_refusals(refusals):
        return Finding.objects.create(
            reply_id=reply_id, was_paid=was_paid, because=found, entered_at=now, entered_by=actor
        )


@transaction.atomic
def confirm_finding(*, finding_id: int, actor: User, now: datetime) -> Finding:
    """
    Let money follow what was found out: the payout is settled, or may be tried again and cancelled.

    Raises:
        SamePerson: the actor entered it.
        AlreadyDecided: somebody confirmed it or turned it down meanwhile.
        IllegalMove: the payout counts as paid by nothing but the payment that was never made.
        NotCovered: the payout had been cancelled, and its fund has given the money to others.
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
    settled = settle_paid_after_all(payouts=payouts, because=AS_FOUND_OUT, now=now)
    spent = NotCovered(_("The fund has not so much money available; grant some first."))
    with translate_refusals({"fund_available_is_not_negative": spent}):
        settled += settle_paid_though_cancelled(payouts=payouts, now=now)
    log.info("payment_found_out", finding=finding.pk, was_paid=finding.was_paid, settled=settled)
    # What was not sent for the sake of this payment goes on when there was none.
    nudge("payouts.tasks.send_due")
    return finding


@transaction.atomic
def turn_down_finding(*, finding_id: int, actor: User, now: datetime) -> Finding:
    """
    Turn a finding down, or take back one's own; the reply waits as before.

    Raises:
        AlreadyDecided: somebody confirmed it or turned it down meanwhile.
    """
    return decide(Finding, finding_id, Finding.Decision.TURNED_DOWN, actor=actor, now=now)


def _found(because: str) -> str:
    if not because.strip():
        raise NoReason(_("Say what the bank told you; it is kept with the reply."))
    return because.strip()[:200]
