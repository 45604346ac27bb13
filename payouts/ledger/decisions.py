"""Four-eyes decisions: one person records a row, and another decides it, once."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

from django.utils.translation import gettext as _

from companies.models import User
from payouts.models import Finding, Grant, Settlement
from qinqing.kernel.refusals import Refusal

Recorded = TypeVar("Recorded", Finding, Grant, Settlement)


class AlreadyDecided(Refusal):
    """Somebody decided the row already."""


class SamePerson(Refusal):
    """The step takes another person than the one who made the step before it."""


def decide(kind: type[Recorded], number: int, decision: str, *, actor: User, now: datetime) -> Recorded:
    """
    Write the decision on a recorded row, inside the caller's transaction; return the row.

    Raises:
        AlreadyDecided: somebody decided the row before.
    """
    recorded: Recorded = kind.objects.select_for_update(no_key=True).get(pk=number)
    if recorded.decision:
        raise AlreadyDecided(_("This was decided already; nothing was changed."))
    recorded.decision, recorded.decided_by, recorded.decided_at = decision, actor, now
    recorded.save(update_fields=["decision", "decided_by", "decided_at"])
    return recorded
