"""Publishes a version, now or on its day, and closes it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from policies.authoring.review import NotSubmitted, check_window
from policies.authoring.transition import lock_policy, lock_version, move_version
from policies.matching.run import ask_for_runs
from policies.models import PolicyVersion
from policies.states import VersionStatus as S
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.nudges import nudge
from qinqing.kernel.refusals import NoReason, Refusal


class SameOfficer(Refusal):
    """Whoever wrote or submitted a version does not publish it."""


class ChangedMeanwhile(Refusal):
    """The version is not the one that was reviewed."""


class AnotherInForce(Refusal):
    """Another version of the policy is in force, and the caller did not name it as the one to replace."""

    def __init__(self, version: PolicyVersion) -> None:
        self.version = version
        super().__init__(_("%(version)s is in force; close it, or replace it.") % {"version": version})


class AnotherScheduled(Refusal):
    """Another version of the policy is scheduled already."""


@within_scope(version=PolicyVersion)
@transaction.atomic
def publish_version(
    *,
    version: PolicyVersion,
    actor: User,
    now: dt.datetime,
    replaces: PolicyVersion | None = None,
    reviewed_hash: str | None = None,
) -> PolicyVersion:
    """
    Publish a submitted version and ask for its matching run, or schedule it for its day.

    At most one version of a policy is in force. The caller names that version as `replaces`. It is closed in the
    transaction in which the new version comes into force, so that at every moment one of them is; for a scheduled
    version that is on its day. The old version's open entitlements cannot be claimed until the run decides them: it
    moves them to the new version or withdraws them. `reviewed_hash` is the content hash that the reviewer read.

    Raises:
        SameOfficer: the actor wrote or submitted it.
        NotSubmitted, ChangedMeanwhile, WindowOver, AnotherInForce, AnotherScheduled: the version cannot be published,
            for the reason of the name.
    """
    in_force = lock_policy(version.policy_id)
    version = lock_version(version)
    _check_can_publish(version, reviewed_hash=reviewed_hash)
    today = timezone.localdate(now)
    check_window(version, on=today)
    if in_force is not None and in_force != replaces:
        raise AnotherInForce(in_force)
    if version.effective_on and version.effective_on > today:
        _move_signed(version, after=S.SCHEDULED, actor=actor, now=now)
        return version
    _replace(in_force, by=version, actor=actor, now=now)
    _move_signed(version, after=S.PUBLISHED, actor=actor, now=now)
    ask_for_runs(versions=[version], now=now)
    return version


def _move_signed(version: PolicyVersion, *, after: S, actor: User, now: dt.datetime) -> None:
    """Move the version with its signature; the database refuses the signature of a writer."""
    taken = AnotherScheduled(_("Another version of this policy waits for its day; withdraw it first."))
    same = _same_officer(version)
    with translate_refusals({"policy_version_takes_two_officers": same, "policy_version_one_scheduled": taken}):
        move_version(
            version=version, after=after, actor=actor, because="", now=now, published_at=now, published_by=actor
        )


def _check_can_publish(version: PolicyVersion, *, reviewed_hash: str | None) -> None:
    if not version.may_become(S.SCHEDULED):
        raise NotSubmitted(_("%(version)s is not waiting for review.") % {"version": version})
    if reviewed_hash not in (None, version.content_hash):
        raise ChangedMeanwhile(
            _("%(version)s was changed and submitted again since you opened it; review it anew.") % {"version": version}
        )


def check_second_officer(*, version: PolicyVersion, actor: User) -> None:
    """
    Check that the actor neither wrote nor submitted the version, so that a page can say so before anybody tries.

    Raises:
        SameOfficer: the actor did.
    """
    if actor.pk in version.author_ids:
        raise _same_officer(version)


def _same_officer(version: PolicyVersion) -> SameOfficer:
    return SameOfficer(_("You wrote or submitted %(version)s; somebody else has to publish it.") % {"version": version})


def _replace(in_force: PolicyVersion | None, *, by: PolicyVersion, actor: User, now: dt.datetime) -> None:
    if in_force is not None:
        because = _("replaced by %(version)s") % {"version": by}
        move_version(
            version=in_force, after=S.CLOSED, actor=actor, because=because, now=now, closed_at=now, closed_by=actor
        )


def activate_due(*, now: dt.datetime) -> int:
    """Publish every scheduled version whose day has come, in place of its predecessor; returns how many."""
    due = PolicyVersion.objects.filter(status=S.SCHEDULED, effective_on__lte=timezone.localdate(now))
    return sum(_activate(version, now) for version in due.order_by("effective_on", "pk"))


@transaction.atomic
def _activate(version: PolicyVersion, now: dt.datetime) -> bool:
    in_force = lock_policy(version.policy_id)
    version = lock_version(version)
    if version.status != S.SCHEDULED:
        return False
    # The officer who signed the new version decided with it that the old one ends.
    assert version.published_by is not None
    _replace(in_force, by=version, actor=version.published_by, now=now)
    move_version(version=version, after=S.PUBLISHED, actor=None, because=_("its day has come"), now=now)
    ask_for_runs(versions=[version], now=now)
    return True


class NotInForce(Refusal):
    """Only a version in force can be stopped, closed or matched."""


@within_scope(version=PolicyVersion)
@transaction.atomic
def close_version(
    *, version: PolicyVersion, actor: User, because: str, now: dt.datetime, seen_as: str | None = None
) -> PolicyVersion:
    """
    Close a version: its open entitlements lapse, and its claims go on to be paid.

    A scheduled version is called off. Claims under a suspended version stay stopped until the suspension is lifted. The
    reason stays with the version; firms whose entitlements lapsed read it. `seen_as` is the status in which the page
    showed the version, because the consequences depend on it.

    Raises:
        NotInForce: it is a draft, waits for review, or is closed already.
        ChangedMeanwhile: the version has another status now than the officer saw.
        NoReason: `because` is empty.
    """
    version = lock_version(version)
    if not version.may_become(S.CLOSED):
        raise NotInForce(_("%(version)s is not in force.") % {"version": version})
    if seen_as not in (None, version.status):
        sentence = _("%(version)s is “%(status)s” by now; read again what follows.")
        raise ChangedMeanwhile(sentence % {"version": version, "status": S(version.status).label})
    if not because.strip():
        raise NoReason(_("Say why it is closed; firms and colleagues read it."))
    move_version(
        version=version, after=S.CLOSED, actor=actor, because=because.strip(), now=now, closed_at=now, closed_by=actor
    )
    nudge("policies.tasks.lapse")
    return version


def match_version_again(*, version: PolicyVersion, now: dt.datetime) -> None:
    """
    Ask for another matching run of a version, as after a run that was set aside.

    Raises:
        NotInForce: the version is not published, so it entitles nobody.
    """
    if version.status == S.SUSPENDED:
        raise NotInForce(
            _("%(version)s is suspended; the city is decided anew when it goes on.") % {"version": version}
        )
    if version.status != S.PUBLISHED:
        raise NotInForce(_("%(version)s is not in force.") % {"version": version})
    ask_for_runs(versions=[version], now=now)
