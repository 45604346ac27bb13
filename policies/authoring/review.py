"""A draft is submitted, and a second officer sends it back or publishes it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from policies.authoring.parts import NotADraft
from policies.authoring.transition import lock_version, move_version
from policies.models import PolicyVersion, Track, VersionStatus
from policies.rules.content_hash import content_hash
from policies.rules.rules import checked_rules_of
from policies.rules.storage import library_used
from policies.trial.worked_examples import worked_examples
from qinqing.kernel.refusals import NoReason, Refusal


class NoClauses(Refusal):
    """A version without conditions would pay everybody."""


class ExampleFails(Refusal):
    """The rules of the version decide an example otherwise than its writer expects."""


class WindowOver(Refusal):
    """The last day of claims has passed, or passes before the version comes into force."""


@within_scope(version=PolicyVersion)
@transaction.atomic
def submit_version(*, version: PolicyVersion, actor: User, now: dt.datetime) -> PolicyVersion:
    """
    Submit a draft to a second officer; nothing in it can change during the review.

    The version keeps its own copy of the named clauses that it uses.

    Raises:
        NotADraft, NoClauses, WindowOver, ExampleFails: the draft cannot be submitted, for the reason of the name.
        RuleRefused: a rule does not check any more.
    """
    version = lock_version(version)
    if not version.may_become(VersionStatus.SUBMITTED):
        raise NotADraft(_("%(version)s is not a draft any more.") % {"version": version})
    if version.track != Track.WHITELIST and not version.clauses.exists():
        raise NoClauses(_("%(version)s has no condition; it would pay everybody.") % {"version": version})
    check_window(version, on=timezone.localdate(now))
    rules = checked_rules_of(version)
    _check_examples(version)
    move_version(
        version=version,
        after=VersionStatus.SUBMITTED,
        actor=actor,
        because="",
        now=now,
        submitted_at=now,
        submitted_by=actor,
        frozen_clauses=library_used(version=version),
        datasets=sorted(rules.datasets),
        content_hash=content_hash(version=version),
    )
    return version


def _check_examples(version: PolicyVersion) -> None:
    for number, worked in enumerate(worked_examples(version=version), start=1):
        if not worked.passes:
            raise ExampleFails(
                _("Example %(number)d, “%(title)s”: %(sentence)s")
                % {"number": number, "title": worked.title, "sentence": worked.sentence}
            )


def check_window(version: PolicyVersion, *, on: dt.date) -> None:
    """
    Check that the window is not over when the version comes into force: on that day, or on its own later day.

    Raises:
        WindowOver: the last day of claims is past by then.
    """
    begins = max(on, version.effective_on or on)
    if version.closes_on and version.closes_on < begins:
        raise WindowOver(_("The last day of claims of %(version)s has passed.") % {"version": version})


class NotSubmitted(Refusal):
    """The version is not waiting for a second officer."""


@within_scope(version=PolicyVersion)
@transaction.atomic
def send_version_back(*, version: PolicyVersion, actor: User, because: str, now: dt.datetime) -> PolicyVersion:
    """
    Send a submitted version back: it becomes a draft again, because the reviewer asks for changes.

    Raises:
        NotSubmitted: it is not waiting for review.
        NoReason: `because` is empty.
    """
    version = lock_version(version)
    if not version.may_become(VersionStatus.DRAFT):
        raise NotSubmitted(_("%(version)s is not waiting for review.") % {"version": version})
    if not because.strip():
        raise NoReason(_("Say what has to change."))
    _reopen(version, actor=actor, because=because.strip(), now=now)
    return version


class NotYours(Refusal):
    """Only its writers and its submitter take a version back; other officers send it back with a reason."""


@within_scope(version=PolicyVersion)
@transaction.atomic
def take_version_back(*, version: PolicyVersion, actor: User, now: dt.datetime) -> PolicyVersion:
    """
    Take a submitted version back: it becomes a draft again, for its writers to go on; this needs no reason.

    Raises:
        NotSubmitted: it is not waiting for review.
        NotYours: the actor had no part in it.
    """
    version = lock_version(version)
    if not version.may_become(VersionStatus.DRAFT):
        raise NotSubmitted(_("%(version)s is not waiting for review.") % {"version": version})
    if actor.pk not in version.author_ids:
        raise NotYours(_("%(version)s is somebody else’s; send it back with a reason.") % {"version": version})
    _reopen(version, actor=actor, because="", now=now)
    return version


def _reopen(version: PolicyVersion, *, actor: User, because: str, now: dt.datetime) -> None:
    sealed: dict[str, Any] = {
        "submitted_at": None,
        "submitted_by": None,
        "frozen_clauses": [],
        "datasets": [],
        "content_hash": "",
    }
    move_version(version=version, after=VersionStatus.DRAFT, actor=actor, because=because, now=now, **sealed)
