"""A cancelled claim gives its entitlements back: they open again and are decided anew by the facts of today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from django.db import OperationalError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled

from policies.matching.run import ask_for_runs, decide_again, lock_deciding_versions
from policies.models import Entitlement, EntitlementStatus, PolicyVersion
from policies.models.window import is_not_over
from policies.rules.versions import entitling_versions
from policies.stacking.seat_keys import free_superseded, policies_stacked_with
from policies.states import IN_FORCE
from qinqing.kernel.refusals import Refusal


class BeingClaimed(Refusal):
    """Another transaction has locked the entitlements or versions: somebody claims, or matching decides."""


@transaction.atomic
def reopen_entitlements(*, entitlement_ids: Sequence[int], now: dt.datetime) -> int:
    """
    Open entitlements again whose payouts were cancelled; returns how many can be claimed.

    An entitlement whose window is over stays claimed. Entitlements that the cancelled claims superseded open again too.
    The facts may have changed since the claim, so all of these are decided anew in this transaction, by the versions
    that are in force now; nobody sees them open before.

    Raises:
        BeingClaimed: another transaction has locked what has to be decided.
    """
    versions = lock_versions_deciding(entitlement_ids=entitlement_ids, now=now)
    # A divided pool has no portion for an entitlement of another version.
    may_decide = Q(pk=OuterRef("version")) | Q(division=None)
    deciding = _in_their_windows(now).filter(may_decide, policy=OuterRef("policy"))
    due = Entitlement.objects.filter(Exists(deciding), pk__in=entitlement_ids, status=EntitlementStatus.CLAIMED)
    reopened = dict(due.values_list("pk", "company"))
    Entitlement.objects.filter(pk__in=reopened).update(status=EntitlementStatus.OPEN)
    given_back = free_superseded(entitlement_ids=entitlement_ids)
    _decide_anew(given_back.union(reopened.values()), versions, now)
    return Entitlement.objects.filter(pk__in=reopened, status=EntitlementStatus.OPEN).count()


@transaction.atomic
def reopen_superseded(*, entitlement_ids: Sequence[int], now: dt.datetime) -> None:
    """
    Open the entitlements that claims of these superseded, and decide them anew: matching passed them over meanwhile.

    Raises:
        BeingClaimed: another transaction has locked what has to be decided.
    """
    versions = lock_versions_deciding(entitlement_ids=entitlement_ids, now=now)
    _decide_anew(free_superseded(entitlement_ids=entitlement_ids), versions, now)


def decide_anew(*, policy_ids: Collection[int], now: dt.datetime) -> None:
    """Ask for runs of policies whose stacking group changed: entitlements that are no longer superseded open."""
    ask_for_runs(versions=list(entitling_versions(now=now).filter(policy__in=policy_ids)), now=now)


def lock_versions_deciding(*, entitlement_ids: Sequence[int], now: dt.datetime) -> list[PolicyVersion]:
    """
    Lock the versions that decide what these entitlements give back, until the transaction ends.

    Matching locks versions before entitlements. Whoever locks these entitlements calls this first, in the same order,
    so that no deadlock can come of it.

    Raises:
        BeingClaimed: matching has kept a version locked for too long.
    """
    rights = Entitlement.objects.filter(pk__in=entitlement_ids).order_by()
    policies = policies_stacked_with(policy_ids=set(rights.values_list("policy", flat=True)))
    with _refuse_when_locked(QueryCanceled):
        return lock_deciding_versions(policy_ids=policies, now=now)


def _decide_anew(company_ids: Collection[int], versions: Sequence[PolicyVersion], now: dt.datetime) -> None:
    with _refuse_when_locked():
        decide_again(company_ids=company_ids, versions=versions, now=now)


@contextmanager
def _refuse_when_locked(*also: type[Exception]) -> Iterator[None]:
    try:
        yield
    except OperationalError as refused:
        if not isinstance(refused.__cause__, (LockNotAvailable, DeadlockDetected, *also)):
            raise
        sentence = _(
            "What this gives back is being claimed or decided this moment. Nothing was changed; try again in a minute."
        )
        raise BeingClaimed(sentence) from refused


def _in_their_windows(now: dt.datetime) -> QuerySet[PolicyVersion]:
    return PolicyVersion.objects.filter(is_not_over(timezone.localdate(now)), status__in=IN_FORCE)
