"""A person proposes a change; nothing changes until another person confirms it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.utils.translation import gettext as _

from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.refusals import NoReason, NotFound, Refusal
from qinqing.proposals.kinds import Kind, find_kind
from qinqing.proposals.models import Proposal


class AlreadyProposed(Refusal):
    """Another proposal about the same thing waits."""


class Concerned(Refusal):
    """The person had a hand in what is decided, so others propose and decide."""


@transaction.atomic
def propose(
    *,
    kind: str,
    subject_id: int,
    subject_name: str,
    after: dict[str, Any] | None,
    because: str,
    document_number: str = "",
    actor: AbstractUser,
    now: dt.datetime,
) -> Proposal:
    """
    Propose what a row becomes; `after` holds the new values by the kind's terms, and None deletes the row.

    Raises:
        NoReason: `because` is blank.
        AlreadyProposed: the same change, or another one of the subject, waits.
        Concerned: the actor had a hand in the subject.
        NotFound: there is no such subject any more.
        Refusal: the change is not possible; the kind says why.
    """
    if not because.strip():
        raise NoReason(_("Say why; a colleague decides by it."))
    known = find_kind(kind)
    with translate_refusals({**_refusals(subject_name), **known.refusals()}):
        proposal = Proposal.objects.create(
            kind=kind,
            subject_id=subject_id,
            subject_name=subject_name[:200],
            slot=_slot(known, after),
            after=after,
            because=because.strip()[:300],
            document_number=document_number.strip()[:80],
            proposed_at=now,
            proposed_by_id=actor.pk,
        )
    # The database has written the values that it found.
    proposal.refresh_from_db(fields=["before", "excluded_ids"])
    return proposal


def _slot(kind: Kind, after: dict[str, Any] | None) -> str:
    """Where several proposals may wait, only the same one twice is refused, as when a form is sent twice."""
    if not kind.may_wait_beside_others:
        return ""
    return hashlib.sha256(json.dumps(after, sort_keys=True).encode()).hexdigest()


def _refusals(subject_name: str) -> dict[str, Exception]:
    return {
        "proposal_waits_once": AlreadyProposed(
            _("A change of %(subject)s waits for a colleague already; have it decided first.")
            % {"subject": subject_name}
        ),
        "proposal_is_entered_open": NotFound(
            _("%(subject)s is not there any more; nothing was changed.") % {"subject": subject_name}
        ),
        "proposal_is_made_by_somebody_not_concerned": Concerned(
            _("You had a hand in this yourself; somebody who had none has to propose it.")
        ),
    }
