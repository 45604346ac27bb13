"""Clarification of contradictions: a clerk asks the bank what is true, and records the answer."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from payouts.ledger.move import IllegalMove
from payouts.models import Clarification, Payout, Reply
from payouts.replies.late_confirmation import PAID_BY_FINDING, settle_cancelled_payouts, settle_late_confirmations
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.money import yuan
from qinqing.kernel.nudges import nudge
from qinqing.kernel.refusals import NoReason, Refusal
from qinqing.proposals.decide import AlreadyDecided
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

FINDING_KIND = "finding"
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
        NotAContradiction: the reply agrees with its payout, or is about a payment, which `propose_finding` is for.
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
@transaction.atomic
def propose_finding(*, reply_id: int, was_paid: bool, because: str, actor: User, now: datetime) -> Proposal:
    """
    Propose that the bank made the payment that a contradicting reply is about, or that it did not; another person
    confirms it.

    Raises:
        NoReason: `because` is blank.
        AlreadyProposed: somebody proposed a finding before, and nobody has turned it down.
        NotFound: the reply agrees with its payout, or is not about a payment.
        AlreadyDecided: it was found before.
    """
    instruction = Reply.objects.select_related("instruction").get(pk=reply_id).instruction
    return propose(
        kind=FINDING_KIND,
        subject_id=reply_id,
        subject_name=f"{instruction} · {yuan(instruction.amount_cny)}",
        after={"was_paid": was_paid},
        because=because,
        actor=actor,
        now=now,
    )


def settle_found_payment(proposal: Proposal, now: datetime) -> None:
    """
    Book the payout as paid if the bank paid it; if not, the payout may be sent again or cancelled.

    Raises:
        NotCovered: the payout had been cancelled, and its fund has less money available.
    """
    payouts = list(Payout.objects.filter(instructions__replies=proposal.subject_id).values_list("pk", flat=True))
    settled = settle_late_confirmations(payouts=payouts, because=PAID_BY_FINDING, now=now)
    spent = NotCovered(_("The fund has not so much money available; grant some first."))
    with translate_refusals({"fund_available_is_not_negative": spent}):
        settled += settle_cancelled_payouts(payouts=payouts, now=now)
    log.info("payment_found_out", proposal=proposal.pk, settled=settled)
    # Payouts that were not sent because of this payment can be sent if the bank never made it.
    nudge("payouts.tasks.send_due")


def list_finding_refusals() -> dict[str, Refusal]:
    """The sentences of the constraints that a finding may violate."""
    return {
        "finding_once_per_reply": AlreadyDecided(_("This was decided already; nothing was changed.")),
        "proposal_is_entered_open": NotAContradiction(_("This reply contradicts nothing.")),
        "finding_leaves_no_payout_paid_by_nothing": IllegalMove(
            _("The payout counts as paid by this payment alone. If it was never made, the bank has to say “returned”.")
        ),
    }


def _check_reason(because: str) -> str:
    if not because.strip():
        raise NoReason(_("Say what the bank told you; it is kept with the reply."))
    return because.strip()[:200]
