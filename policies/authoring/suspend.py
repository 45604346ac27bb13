"""The circuit breaker: an officer or the platform suspends a version at once; two officers lift it (`lift`)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from policies.authoring.publish import NotInForce
from policies.authoring.transition import lock_version, move_version
from policies.models import PolicyVersion, Suspension, SuspensionKind
from policies.states import VersionStatus as S
from qinqing.kernel.refusals import NoReason, Refusal
from qinqing.kernel.text import Bilingual


class AlreadySuspended(Refusal):
    """The version is suspended already."""


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
