"""Circuit breakers become stricter by one officer at once, and looser by two."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import OutOfScope, refuse_out_of_scope, scope_of, within_scope
from policies.authoring.suspensions import breakers
from policies.models import Breaker, Policy
from policies.models.breaker import USUAL_TERMS
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.refusals import Refusal
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose

KIND = "breaker_terms"


class _Loosens(Refusal):
    """The database refuses to let one person loosen a breaker."""


def terms_of(breaker: Breaker) -> dict[str, Any]:
    """The terms of a breaker, in the form in which proposals store them."""
    return {name: getattr(breaker, name) for name in USUAL_TERMS}


@within_scope(breaker=Breaker)
@transaction.atomic
def save_breaker(*, breaker: Breaker, because: str, actor: User, now: dt.datetime) -> Proposal | None:
    """
    Save a breaker whose terms are no looser than what watches now; propose the terms that are. The database says which.

    A new breaker with looser terms is added with those that watch its policies now, so that there is a row to loosen.

    Raises:
        OutOfScope: the breaker watches all policies, or another's, and the actor is not of the city.
        NoReason, AlreadyProposed: as `propose` says.
    """
    if breaker.policy_id is None and not scope_of(actor).is_whole:
        raise OutOfScope(_("This is done for the whole city, by people of the city."))
    refuse_out_of_scope(Policy, filter(None, [breaker.policy_id]), actor=actor)
    try:
        with translate_refusals({"breaker_is_loosened_by_two": _Loosens()}):
            breaker.save()
    except _Loosens:
        return _propose_terms(breaker, because, actor, now)
    return None


@within_scope(breaker=Breaker)
def propose_deletion(*, breaker: Breaker, because: str, actor: User, now: dt.datetime) -> Proposal:
    """
    Propose to delete a breaker; after that the one for all policies watches its policy, or the usual thresholds.

    Raises:
        NoReason, AlreadyProposed: as `propose` says.
    """
    return _propose(breaker, None, because, actor, now)


def _propose_terms(breaker: Breaker, because: str, actor: User, now: dt.datetime) -> Proposal:
    wanted = terms_of(breaker)
    if breaker.pk is None:
        watching = Breaker(policy=breaker.policy, **_find_watching(breaker))
        watching.save(force_insert=True)
        breaker.pk = watching.pk
    return _propose(breaker, wanted, because, actor, now)


def _find_watching(breaker: Breaker) -> dict[str, Any]:
    """The terms that watch a policy without a breaker of its own."""
    if breaker.policy_id is None:
        return dict(USUAL_TERMS)
    return terms_of(breakers(policy_ids=[breaker.policy_id])[breaker.policy_id])


def _propose(breaker: Breaker, after: dict[str, Any] | None, because: str, actor: User, now: dt.datetime) -> Proposal:
    return propose(
        kind=KIND,
        subject_id=breaker.pk,
        subject_name=str(breaker),
        after=after,
        because=because,
        actor=actor,
        now=now,
    )
