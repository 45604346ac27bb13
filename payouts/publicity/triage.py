"""How what anybody may send becomes an objection that stops money: a contact confirmed, an officer who takes it up."""

from __future__ import annotations

import hmac
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from payouts.models import Objection, Payout
from payouts.models.claims.publicity import Triage
from payouts.publicity.codes import MOST_WRONG_CODES, hash_code
from payouts.publicity.messages import write_message
from payouts.publicity.refusals import NotPublicised, ObjectionRefused
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.refusals import NoReason
from qinqing.kernel.text import in_both_languages
from qinqing.proposals.decide import AlreadyDecided

log = structlog.get_logger()


class WrongCode(ObjectionRefused):
    """The code is not the one that was sent."""


class CodeEnded(ObjectionRefused):
    """The code is too old, or was guessed at too often."""


class NotConfirmed(ObjectionRefused):
    """The objector has not confirmed the contact."""


def confirm_contact(*, reference: UUID, code: str, now: datetime) -> Objection:
    """
    Confirm the contact of an objection by the code that was sent there; then the objection waits for an officer.

    Raises:
        WrongCode: the code is another one.
        CodeEnded: it was sent more than a day ago, or five wrong ones were tried.
    """
    objection, is_right = _try_code(reference, code, now)
    if not is_right:
        left = MOST_WRONG_CODES - objection.wrong_codes
        raise WrongCode(_("This is not the code that we sent you; you may try %(left)s times more.") % {"left": left})
    return objection


@transaction.atomic
def _try_code(reference: UUID, code: str, now: datetime) -> tuple[Objection, bool]:
    objection = Objection.objects.select_for_update().get(reference=reference)
    if objection.confirmed_at is not None:
        return objection, True
    if objection.code_until is None or now > objection.code_until or objection.wrong_codes >= MOST_WRONG_CODES:
        raise CodeEnded(_("This code is not valid any more. Send your objection again; you get another code."))
    is_right = hmac.compare_digest(hash_code(reference, code), bytes(objection.code_hash))
    if is_right:
        objection.confirmed_at = now
        log.info("objection.confirmed", objection=objection.pk)
    else:
        objection.wrong_codes += 1
    objection.save(update_fields=["confirmed_at", "wrong_codes"])
    return objection, is_right


@within_scope(objection_id=Objection)
@transaction.atomic
def take_up(*, objection_id: int, actor: User, now: datetime) -> Objection:
    """
    Take up a confirmed objection: from now on the payout waits until another officer has decided it.

    Raises:
        NotConfirmed: the objector has not confirmed the contact.
        AlreadyDecided: an officer has taken it up or set it aside.
        NotPublicised: the payout has left the public list.
    """
    return _triage(objection_id, Triage.TAKEN_UP, because="", actor=actor, now=now)


@within_scope(objection_id=Objection)
@transaction.atomic
def set_aside(*, objection_id: int, because: str, actor: User, now: datetime) -> Objection:
    """
    Set a confirmed objection aside; the payout goes on, and the objector is told why.

    Raises:
        NoReason: the reason is blank.
        NotConfirmed, AlreadyDecided: as for `take_up`.
    """
    if not because.strip():
        raise NoReason(_("Say why; the objector is told."))
    objection = _triage(objection_id, Triage.SET_ASIDE, because=because.strip()[:200], actor=actor, now=now)
    write_message(
        objection=objection,
        subject=in_both_languages(lambda: _("Your objection no. %(number)s") % {"number": objection.pk}),
        body=in_both_languages(
            lambda: (
                _("An officer looked at your objection and set it aside; the payout goes on. The reason: %(why)s")
                % {"why": objection.triage_because}
            )
        ),
        now=now,
    )
    return objection


def _triage(objection_id: int, outcome: Triage, *, because: str, actor: User, now: datetime) -> Objection:
    # The payout is locked first, as an objection does that is recorded.
    payout = Objection.objects.values_list("publication__payout", flat=True).get(pk=objection_id)
    Payout.objects.select_for_update(no_key=True).get(pk=payout)
    objection = Objection.objects.select_for_update(of=("self",)).get(pk=objection_id)
    if objection.triage:
        raise AlreadyDecided(_("An officer has taken this objection up or set it aside already."))
    objection.triage, objection.triage_because = outcome, because
    objection.triaged_by, objection.triaged_at = actor, now
    refusals = {
        "objection_stops_money_when_it_is_confirmed": NotConfirmed(
            _("The objector has not confirmed the contact; until then the objection waits.")
        ),
        "objection_is_taken_up_while_publicised": NotPublicised(
            _("The payout has left the public list. Ask for a check afterwards, if the objection may be right.")
        ),
    }
    with translate_refusals(refusals):
        objection.save(update_fields=["triage", "triage_because", "triaged_by", "triaged_at"])
    log.warning("objection.triaged", objection=objection.pk, outcome=outcome.value, actor=actor.pk)
    return objection
