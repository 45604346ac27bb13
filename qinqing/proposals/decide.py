"""Another person decides a proposal; the database carries out what is confirmed, in the same transaction."""

from __future__ import annotations

import datetime as dt

import structlog
from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils.translation import gettext as _

from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.official_scope import scope
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.kinds import find_kind
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import Concerned

D = Proposal.Decision
log = structlog.get_logger()


class AlreadyDecided(Refusal):
    """Somebody decided the proposal already."""


class SamePerson(Refusal):
    """The step takes another person than the one who made the step before it."""


class OutOfDate(Refusal):
    """What the proposal changes has changed since it was made, or the change is not possible any more."""


@transaction.atomic
def confirm(*, proposal_id: int, actor: AbstractUser, now: dt.datetime) -> Proposal:
    """
    Confirm a proposal: the database makes the change, and what follows from it begins.

    Raises:
        AlreadyDecided: somebody decided it meanwhile.
        SamePerson: the actor proposed it.
        Concerned: the actor had a hand in the subject.
        OutOfDate: what it changes was changed since.
        Refusal: the change is not possible any more; the kind says why.
    """
    proposal = _lock_undecided(proposal_id, actor)
    kind = find_kind(proposal.kind)
    kind.check(proposal)
    with translate_refusals({**_refusals(), **kind.refusals()}):
        _decide(proposal, D.CONFIRMED, actor, now)
    kind.follow_up(proposal, now)
    log.info("proposal_confirmed", proposal=proposal.pk, kind=proposal.kind, actor=actor.pk)
    return proposal


@transaction.atomic
def turn_down(*, proposal_id: int, actor: AbstractUser, now: dt.datetime) -> Proposal:
    """
    Turn a proposal down, or take back one's own; nothing changes.

    Raises:
        AlreadyDecided: somebody decided it meanwhile.
    """
    proposal = _lock_undecided(proposal_id, actor)
    _decide(proposal, D.TURNED_DOWN, actor, now)
    log.info("proposal_turned_down", proposal=proposal.pk, kind=proposal.kind, actor=actor.pk)
    return proposal


def _lock_undecided(number: int, actor: AbstractUser) -> Proposal:
    scope().refuse_out_of_scope(Proposal, [number], actor=actor)
    proposal = Proposal.objects.select_for_update(no_key=True).get(pk=number)
    if proposal.decision:
        raise AlreadyDecided(_("This was decided already; nothing was changed."))
    return proposal


def _decide(proposal: Proposal, decision: str, actor: AbstractUser, now: dt.datetime) -> None:
    proposal.decision, proposal.decided_at = decision, now
    proposal.decided_by_id = actor.pk
    proposal.save(update_fields=["decision", "decided_by", "decided_at"])


def _refusals() -> dict[str, Refusal]:
    return {
        "proposal_is_confirmed_by_another": SamePerson(
            _("You proposed this yourself; somebody else has to confirm it.")
        ),
        "proposal_is_confirmed_by_somebody_not_concerned": Concerned(
            _("You had a hand in this yourself; somebody who had none has to confirm it.")
        ),
        "proposal_is_of_today": OutOfDate(
            _("It was changed since this was proposed; turn this down and propose it anew.")
        ),
    }
