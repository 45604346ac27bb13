"""What one person records and another decides, once."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from django.utils.translation import gettext as _

from companies.models import User
from payouts.models import Finding, Grant, Settlement
from qinqing.kernel.refusals import Refusal

Recorded = TypeVar("Recorded", Finding, Grant, Settlement)


class AlreadyDecided(Refusal):
    """Somebody decided it already."""


class SamePerson(Refusal):
    """The step is for somebody else than the person who made the one before it."""


def decide(kind: type[Recorded], number: int, decision: str, *, actor: User, now: datetime) -> Recorded:
    """
    Write the decision on what somebody recorded, inside the transaction of the caller; returns it.

    Raises:
        AlreadyDecided: it was decided before.
    """
    recorded: Recorded = kind.objects.select_for_update(no_key=True).get(pk=number)
    if recorded.decision:
        raise AlreadyDecided(_("This was decided already; nothing was changed."))
    recorded.decision, recorded.decided_by, recorded.decided_at = decision, actor, now
    recorded.save(update_fields=["decision", "decided_by", "decided_at"])
    return recorded
