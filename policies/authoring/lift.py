"""A suspension is lifted by two officers: one proposes it, another confirms it, and the version goes on."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from policies.matching.run import ask_for_runs
from policies.models import PolicyVersion
from policies.states import VersionStatus
from qinqing.kernel.refusals import NoReason, Refusal
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import propose
from qinqing.proposals.queries import find_open

KIND = "suspension"


class NotSuspended(Refusal):
    """The version has no suspension to lift."""


@within_scope(version=PolicyVersion)
def propose_lifting(*, version: PolicyVersion, because: str, actor: User, now: dt.datetime) -> Proposal:
    """
    Propose to lift the suspension of a version, whoever or whatever stopped it; it goes on when another confirms it.

    Whoever stopped it may be one of the two.

    Raises:
        NotSuspended: it has no suspension to lift.
        NoReason: `because` is blank.
        AlreadyProposed: a proposal to lift it waits.
    """
    suspension = version.suspensions.filter(lifted_at=None).first()
    if suspension is None:
        raise NotSuspended(_("%(version)s is not suspended.") % {"version": version})
    if not because.strip():
        raise NoReason(_("Say what was found, and why it may go on."))
    return propose(
        kind=KIND,
        subject_id=suspension.pk,
        subject_name=str(version),
        after={"state": "lifted"},
        because=because,
        actor=actor,
        now=now,
    )


def find_lifting(version: PolicyVersion) -> Proposal | None:
    """The proposal to lift the version's suspension that waits for a colleague, if there is one."""
    suspension = version.suspensions.filter(lifted_at=None).first()
    return find_open(kind=KIND, subject_id=suspension.pk) if suspension else None


def decide_city_anew(proposal: Proposal, now: dt.datetime) -> None:
    """
    Have the whole city decided by a version that goes on; then claims open, and waiting payouts are sent.

    A version without any run has entitlements that were brought in from another system; they can be claimed at once. A
    version that was closed meanwhile stays closed, and its claims are paid.
    """
    version = PolicyVersion.objects.get(suspensions=proposal.subject_id)
    if version.status == VersionStatus.PUBLISHED:
        # Deliveries of the meantime were not decided by it, so nobody claims before the run is done.
        ask_for_runs(versions=[version], now=now, holds_claims=version.match_runs.exists())


def list_consequences(version: PolicyVersion) -> list[str]:
    """What follows when the suspension of the version is lifted, a sentence each."""
    told = [_("Payouts that waited are sent, and claims open again while the version is in force.")]
    if version.status == VersionStatus.SUSPENDED:
        told.append(_("The whole city is decided again by the facts of today; what was claimed stays."))
    return told
