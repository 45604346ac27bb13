"""The circuit breaker on payments: it pauses versions with many refusals or with an account that many payees share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

import structlog
from django.utils.translation import gettext as _

from payouts.models import Outcome
from policies.authoring.suspend import suspend_version
from policies.authoring.suspensions import breakers
from policies.models import Breaker, PolicyVersion, SuspensionKind, VersionStatus
from qinqing.kernel.database.statements import fetch_rows_as
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.text import Bilingual, in_both_languages

log = structlog.get_logger()

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class _Trip(NamedTuple):
    version: PolicyVersion
    kind: SuspensionKind
    reason: Bilingual


def watch_breakers(*, now: datetime) -> int:
    """
    Pause the versions with too many refusals, or with an account on which too many payees collect; return their number.

    Refusals and claims from before the lifting of the last suspension do not count. An account that tripped a version
    before trips it again when one more payee claims to it.
    """
    versions = list(PolicyVersion.objects.filter(status=VersionStatus.PUBLISHED).select_related("policy"))
    thresholds = breakers(policy_ids={version.policy_id for version in versions})
    limits = {version: thresholds[version.policy_id] for version in versions}
    trips = [*_find_refused(limits, now), *_find_shared_accounts(limits)]
    paused = 0
    for trip in trips:
        try:
            suspend_version(version=trip.version, kind=trip.kind, reason=trip.reason, now=now)
            paused += 1
        except Refusal:
            # Another transaction suspended the version, or its refusals tripped it a moment ago.
            log.info("suspended_already", version=str(trip.version), kind=trip.kind.value)
    return paused


class _Count(NamedTuple):
    version_id: int
    payouts: int


class _SharedAccount(NamedTuple):
    version_id: int
    number: str
    payees: int
    last_claimed_at: datetime


def _find_refused(limits: Mapping[PolicyVersion, Breaker], now: datetime) -> list[_Trip]:
    """Find versions with too many refusals; decided payouts are counted only for versions with enough refusals."""
    since = {
        version.pk: max(now - timedelta(minutes=breaker.refused_minutes), _find_last_lifting(version))
        for version, breaker in limits.items()
    }
    refused = _count_outcomes(since, (Outcome.REFUSED,))
    spiking = {
        version.pk: since[version.pk]
        for version, breaker in limits.items()
        if refused.get(version.pk, 0) >= breaker.refused_count
    }
    decided = _count_outcomes(spiking, (Outcome.REFUSED, Outcome.PAID))
    return [
        _Trip(
            version,
            SuspensionKind.REFUSALS,
            in_both_languages(partial(_refusals, refused[version.pk], decided[version.pk], breaker)),
        )
        for version, breaker in limits.items()
        if version.pk in spiking and refused[version.pk] * 100 >= decided[version.pk] * breaker.refused_percent
    ]


def _find_last_lifting(version: PolicyVersion) -> datetime:
    """The time at which the last suspension was lifted; `LONG_AGO` for a version that never had one."""
    lifted = (
        version.suspensions.filter(lifted_at__isnull=False).order_by("-lifted_at").values_list("lifted_at", flat=True)
    )
    return lifted.first() or LONG_AGO


def _count_outcomes(since: Mapping[int, datetime], outcomes: tuple[Outcome, ...]) -> dict[int, int]:
    """
    Count the payouts of each version with one of the outcomes since its time.

    A payout counts once, however often the bank answered, so that one payee with many wrong accounts does not pause the
    version for everybody.
    """
    if not since:
        return {}
    # w is the watched version, f its fund, i the instruction, r the reply.
    counts = fetch_rows_as(
        _Count,
        """
        SELECT w.version_id, count(DISTINCT i.payout_id) AS payouts
        FROM unnest(%(versions)s::bigint[], %(since)s::timestamptz[]) AS w (version_id, since)
        JOIN payouts_fund f ON f.version_id = w.version_id
        JOIN payouts_instruction i ON i.fund_id = f.id
        JOIN payouts_reply r ON r.instruction_id = i.id AND r.received_at >= w.since
        WHERE r.outcome = ANY (%(outcomes)s) AND r.received_at >= %(earliest)s
        GROUP BY w.version_id
        """,
        versions=list(since),
        since=list(since.values()),
        earliest=min(since.values()),
        outcomes=[outcome.value for outcome in outcomes],
    )
    return {each.version_id: each.payouts for each in counts}


def _refusals(refused: int, decided: int, breaker: Breaker) -> str:
    return _(
        "The bank refused %(refused)d of the %(decided)d payouts it decided within %(minutes)d minutes; %(count)d and "
        "%(percent)d %% are too many."
    ) % {
        "refused": refused,
        "decided": decided,
        "minutes": breaker.refused_minutes,
        "count": breaker.refused_count,
        "percent": breaker.refused_percent,
    }


def _find_shared_accounts(limits: Mapping[PolicyVersion, Breaker]) -> list[_Trip]:
    """Find versions under which more payees collect on one account number than may share one."""
    by_id = {version.pk: version for version in limits}
    accounts = fetch_rows_as(
        _SharedAccount,
        """
        WITH shared AS (
            SELECT number_hash FROM companies_payeeaccount WHERE is_active
            GROUP BY number_hash HAVING count(*) > %(least)s
        )
        SELECT f.version_id, min(a.number_masked) AS number, count(DISTINCT (p.company_id, p.employee_id)) AS payees,
            max(p.claimed_at) AS last_claimed_at
        FROM companies_payeeaccount a
        JOIN shared USING (number_hash)
        JOIN payouts_payout p ON p.account_id = a.id AND p.status NOT IN ('cancelled', 'recovered')
        JOIN payouts_fund f ON f.id = p.fund_id
        WHERE f.version_id = ANY (%(versions)s)
        GROUP BY f.version_id, a.number_hash
        ORDER BY f.version_id, payees DESC
        """,
        versions=list(by_id),
        least=min((breaker.payees_per_account for breaker in limits.values()), default=1),
    )
    return [
        _Trip(
            version,
            SuspensionKind.ACCOUNT,
            in_both_languages(partial(_shared, each.number, each.payees, limits[version])),
        )
        for each in accounts
        if each.payees > limits[version := by_id[each.version_id]].payees_per_account
        and each.last_claimed_at > _find_last_lifting(version)
    ]


def _shared(number: str, payees: int, breaker: Breaker) -> str:
    return _("%(payees)d payees collect on the account %(number)s; at most %(limit)d may share one.") % {
        "payees": payees,
        "number": number,
        "limit": breaker.payees_per_account,
    }
