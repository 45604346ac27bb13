"""What a cancelled claim gives back: it opens again, decided anew by the facts of today."""

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
from policies.stacking.places import free_superseded, policies_stacked_with
from policies.states import IN_FORCE
from qinqing.kernel.refusals import Refusal


class BeingClaimed(Refusal):
    """Somebody claims, or matching decides, this moment what would be given back."""


@transaction.atomic
def reopen_entitlements(*, entitlement_ids: Sequence[int], now: dt.datetime) -> int:
    """
    Give back entitlements whose payouts were cancelled; returns how many can be claimed again.

    Those whose window is over stay claimed. What their claims superseded can be claimed again too. The facts may have
    changed since the claim, so all of it is decided anew in this transaction, by the versions in force by now: nobody
    sees it open before.

    Raises:
        BeingClaimed: others hold what has to be decided.
    """
    versions = lock_versions_deciding(entitlement_ids=entitlement_ids, now=now)
    # A pool that was divided has nothing for whom another version has decided.
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
    Open what the claims of these superseded, and decide it anew at once: nobody followed its facts meanwhile.

    Raises:
        BeingClaimed: others hold what has to be decided.
    """
    versions = lock_versions_deciding(entitlement_ids=entitlement_ids, now=now)
    _decide_anew(free_superseded(entitlement_ids=entitlement_ids), versions, now)


def decide_anew(*, policy_ids: Collection[int], now: dt.datetime) -> None:
    """Have policies decided for the whole city whose stacking group changed: what is superseded no longer opens."""
    ask_for_runs(versions=list(entitling_versions(now=now).filter(policy__in=policy_ids)), now=now)


def lock_versions_deciding(*, entitlement_ids: Sequence[int], now: dt.datetime) -> list[PolicyVersion]:
    """
    Hold the versions that decide what these give back, until the transaction ends.

    Matching holds versions before entitlements. Who locks these entitlements calls this first; so neither waits for
    the other with something in hand.

    Raises:
        BeingClaimed: matching has held a version for long.
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
