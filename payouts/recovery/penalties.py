"""Fraud, a fine and a ban: finance proposes each by itself, the firm is heard, and an officer confirms it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from payouts.models import Blacklisting, Recovery
from payouts.models.audit.recovery import LARGEST_FINE, SMALLEST_FINE
from payouts.recovery.allegation import BAN_KIND, FINE_KIND, FRAUD_KIND, LIFTING_KIND
from payouts.recovery.hearing import give_notice
from qinqing.kernel.money import round_to_fen
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.decide import AlreadyDecided
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

LONGEST_BAN_YEARS = 3


class NotFraud(Refusal):
    """Fraud is found once, of a demand that stands; a fine and a ban need fraud that stands."""


class NotWithinTheLaw(Refusal):
    """The fine, or the ban, is not one that the law allows."""


class NoDocument(Refusal):
    """A finding about a firm rests on a document, whose number it names."""


class NotHeard(Refusal):
    """The firm may still answer, or was given no notice."""


@within_scope(recovery=Recovery)
@transaction.atomic
def propose_fraud(*, recovery: Recovery, because: str, document_number: str, actor: User, now: datetime) -> Proposal:
    """
    Propose to find that a demand is for fraud, and give the firm notice.

    Raises:
        NotFraud: it was found already, or the demand was withdrawn.
        NoReason, NoDocument: the reason or the number of the document is blank.
        AlreadyProposed: the same waits.
        Concerned: the actor found the breach, or acts for the firm.
    """
    given = {"because": because, "document_number": document_number, "actor": actor, "now": now}
    return _propose(FRAUD_KIND, recovery, {"is_fraud": True}, given)


@within_scope(recovery=Recovery)
@transaction.atomic
def propose_fine(
    *, recovery: Recovery, percentage: int, because: str, document_number: str, actor: User, now: datetime
) -> Proposal:
    """
    Propose a fine for fraud, as a percentage of the amount demanded, and give the firm notice.

    Raises:
        NotFraud: no fraud was found, the demand has ended, or the firm is fined already.
        NotWithinTheLaw: the fine is below 10 or above 50 percent.
        NoReason, NoDocument, AlreadyProposed, Concerned: as `propose_fraud` says.
    """
    fine_cny = round_to_fen(recovery.amount_cny * percentage / 100)
    given = {"because": because, "document_number": document_number, "actor": actor, "now": now}
    return _propose(FINE_KIND, recovery, {"percentage": percentage, "fine_cny": str(fine_cny)}, given)


@within_scope(recovery=Recovery)
@transaction.atomic
def propose_ban(
    *,
    recovery: Recovery,
    begins_on: date,
    ends_on: date,
    because: str,
    document_number: str,
    actor: User,
    now: datetime,
) -> Proposal:
    """
    Propose that the firm may claim nothing from one day to another, and give it notice.

    Raises:
        NotFraud: no fraud was found, or the firm is banned for this demand already.
        NotWithinTheLaw: the ban begins before today, or lasts longer than three years.
        NoReason, NoDocument, AlreadyProposed, Concerned: as `propose_fraud` says.
    """
    after = {"begins_on": begins_on.isoformat(), "ends_on": ends_on.isoformat()}
    given = {"because": because, "document_number": document_number, "actor": actor, "now": now}
    return _propose(BAN_KIND, recovery, after, given)


def _propose(kind: str, recovery: Recovery, after: dict[str, Any], given: dict[str, Any]) -> Proposal:
    name = f"{recovery.payout.company} · {recovery}"
    proposal = propose(kind=kind, subject_id=recovery.pk, subject_name=name, after=after, **given)
    give_notice(proposal=proposal, recovery=recovery, now=given["now"])
    return proposal


@within_scope(blacklisting=Blacklisting)
def propose_lifting(
    *, blacklisting: Blacklisting, because: str, document_number: str = "", actor: User, now: datetime
) -> Proposal:
    """
    Propose to take a firm off the blacklist before its time.

    Raises:
        AlreadyDecided: it was lifted before.
        NoReason, AlreadyProposed: as `propose_fraud` says.
        Concerned: the actor proposed or confirmed the ban, or acts for the firm.
    """
    return propose(
        kind=LIFTING_KIND,
        subject_id=blacklisting.pk,
        subject_name=str(blacklisting.company),
        after={"is_lifted": True},
        because=because,
        document_number=document_number,
        actor=actor,
        now=now,
    )


def list_refusals() -> Mapping[str, Refusal]:
    """The sentences of the promises that a proposal of fraud, a fine or a ban may break."""
    return {
        "fraud_is_found_once_of_a_demand_that_stands": NotFraud(
            _("Fraud was found already, or the demand was withdrawn.")
        ),
        "fine_is_for_fraud_that_stands": NotFraud(
            _("A fine is imposed once, on an open demand that was found to be for fraud. Have the fraud found first.")
        ),
        "ban_is_for_fraud_that_stands": NotFraud(
            _("A firm is banned once for a demand that was found to be for fraud. Have the fraud found first.")
        ),
        "fine_is_10_to_50_percent": NotWithinTheLaw(
            _("A fine is %(smallest)s to %(largest)s percent of the amount demanded.")
            % {"smallest": SMALLEST_FINE, "largest": LARGEST_FINE}
        ),
        "ban_is_of_days_to_come": NotWithinTheLaw(
            _("A ban begins today or later, and lasts %(years)s years at most.") % {"years": LONGEST_BAN_YEARS}
        ),
        "finding_names_its_document": NoDocument(_("Give the number of the document that it rests on.")),
        "firm_is_heard_before_the_decision": NotHeard(
            _("The firm may still answer the notice. It can be confirmed when the firm has answered or waived its"
              " answer, or on the day after its last day.")
        ),
    }  # fmt: skip


def list_lifting_refusals() -> Mapping[str, Refusal]:
    """The sentences of the promises that a proposal to lift a ban may break."""
    return {"ban_is_lifted_once": AlreadyDecided(_("The firm may claim again already."))}


def last_day_of_ban(day: date) -> date:
    """The same date three years later; 28 February if that year has no 29th."""
    try:
        return day.replace(year=day.year + LONGEST_BAN_YEARS)
    except ValueError:
        return day.replace(year=day.year + LONGEST_BAN_YEARS, day=28)
