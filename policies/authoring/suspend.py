"""The circuit breaker: an officer or the platform suspends a version, and another officer lifts the suspension."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from policies.authoring.publish import NotInForce
from policies.authoring.transition import lock_version, move_version
from policies.matching.run import ask_for_runs
from policies.models import PolicyVersion, Suspension, SuspensionKind
from policies.states import VersionStatus as S
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.refusals import NoReason, Refusal
from qinqing.kernel.text import Bilingual


class AlreadySuspended(Refusal):
    """The version is suspended already."""


class NotSuspended(Refusal):
    """The version has no suspension to lift."""


class SuspendedByYourself(Refusal):
    """The officer who suspended a version does not lift the suspension."""


@within_scope(version=PolicyVersion)
@transaction.atomic
def suspend_version(
    *,
    version: PolicyVersion,
    reason: str | Bilingual,
    now: dt.datetime,
    actor: User | None = None,
    kind: SuspensionKind = SuspensionKind.OFFICER,
) -> Suspension:
    """
    Suspend a published version: nobody can claim under it, and none of its payouts is sent to the bank.

    It stays the version in force. The platform itself suspends without an actor; `kind` says what it saw, and the
    reason is in both languages.

    Raises:
        NotInForce: it is not published.
        AlreadySuspended: it is suspended already.
        NoReason: `reason` is empty.
    """
    version = lock_version(version)
    if version.status == S.SUSPENDED:
        raise AlreadySuspended(_("%(version)s is suspended already.") % {"version": version})
    if not version.may_become(S.SUSPENDED):
        raise NotInForce(_("%(version)s is not in force.") % {"version": version})
    why = reason if isinstance(reason, Bilingual) else Bilingual(reason, "")
    if not why.zh.strip():
        raise NoReason(_("Say why it is stopped; firms and colleagues read it."))
    kept = {"reason": why.zh.strip()[:300], "reason_en": why.en.strip()[:300]}
    move_version(version=version, after=S.SUSPENDED, actor=actor, because=kept["reason"], now=now)
    return Suspension.objects.create(version=version, kind=kind, suspended_at=now, suspended_by=actor, **kept)


@within_scope(version=PolicyVersion)
@transaction.atomic
def lift_suspension(*, version: PolicyVersion, actor: User, because: str, now: dt.datetime) -> Suspension:
    """
    Lift the suspension of a version: waiting payouts are sent, a run decides the whole city, and then claims open.

    A version without any run has entitlements that were brought in from another system; they can be claimed at once. A
    version that was closed meanwhile stays closed, and its claims are paid.

    Raises:
        NotSuspended: it has no suspension to lift.
        SuspendedByYourself: the actor is the officer who suspended it.
        NoReason: `because` is empty.
    """
    version = lock_version(version)
    suspension = version.suspensions.filter(lifted_at=None).first()
    if suspension is None:
        raise NotSuspended(_("%(version)s is not suspended.") % {"version": version})
    if not because.strip():
        raise NoReason(_("Say what was found, and why it may go on."))
    because = because.strip()[:300]
    suspension.lifted_at, suspension.lifted_by, suspension.lifted_because = now, actor, because
    same = SuspendedByYourself(_("You suspended %(version)s; another officer lifts it.") % {"version": version})
    with translate_refusals({"suspension_is_lifted_by_another": same}):
        suspension.save(update_fields=["lifted_at", "lifted_by", "lifted_because"])
    if version.status == S.SUSPENDED:
        move_version(version=version, after=S.PUBLISHED, actor=actor, because=because, now=now)
        # Deliveries of the meantime were not decided by it, so nobody claims before the run is done.
        ask_for_runs(versions=[version], now=now, holds_claims=version.match_runs.exists())
    return suspension
