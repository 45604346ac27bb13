"""The only function that changes the status of a version, by the table of moves; the database records each move."""

from __future__ import annotations

import datetime as dt
from typing import Any

import structlog
from django.utils.translation import gettext as _

from companies.models import User
from policies.models import Policy, PolicyVersion
from policies.states import IN_FORCE, MOVES, VersionStatus
from qinqing.kernel.refusals import Refusal

log = structlog.get_logger()


class IllegalMove(Refusal):
    """The table of moves has no such move, or the move takes an officer and none is named."""


def move_version(
    *, version: PolicyVersion, after: VersionStatus, actor: User | None, because: str, now: dt.datetime, **stamps: Any
) -> None:
    """
    Move a locked version into another status; a trigger records who did it, when and why.

    `stamps` are the other columns that change with the status. Needs a transaction.

    Raises:
        IllegalMove: the table in `policies.states` has no such move, or not without an officer.
    """
    before = VersionStatus(version.status)
    step = MOVES.get((before, after))
    if step is None or (actor is None and not step.is_automatic):
        raise IllegalMove(
            _("%(version)s is “%(before)s” and cannot become “%(after)s” this way.")
            % {"version": version, "before": before.label, "after": after.label}
        )
    step_by = {"sequence": version.sequence + 1, "moved_at": now, "moved_by": actor, "moved_because": because[:300]}
    changed = {"status": after, **step_by, **stamps}
    for name, value in changed.items():
        setattr(version, name, value)
    version.save(update_fields=list(changed))
    log.info("version_moved", version=str(version), before=before.value, after=after.value, actor_id=actor and actor.pk)


def lock_version(version: PolicyVersion) -> PolicyVersion:
    """Lock a version until the transaction ends; returns its row as it is now."""
    return PolicyVersion.objects.select_for_update(no_key=True).get(pk=version.pk)


def lock_policy(policy_id: int) -> PolicyVersion | None:
    """Lock the policy, so that no other version of it is published meanwhile; returns the locked version in force."""
    Policy.objects.select_for_update(no_key=True).get(pk=policy_id)
    in_force = PolicyVersion.objects.select_for_update(no_key=True).filter(status__in=IN_FORCE)
    return in_force.filter(policy_id=policy_id).first()
