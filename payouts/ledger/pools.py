"""Division of proportional pools among all entitlements, once matching has found them all."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from companies.models import User
from companies.people.scope import within_scope
from payouts.ledger.funds import open_funds
from payouts.models import Fund
from policies.matching.entitlement_sql import SET_PORTIONS
from policies.matching.entitlements import is_settled
from policies.models import (
    Entitlement,
    EntitlementStatus,
    MatchRun,
    PolicyVersion,
    Pool,
    PoolDivision,
    VersionStatus,
)
from qinqing.kernel.database.statements import execute_statement, fetch_rows
from qinqing.kernel.nudges import nudge
from qinqing.kernel.refusals import Refusal

log = structlog.get_logger()

FEN = Decimal("0.01")


class NotDivisible(Refusal):
    """The pool cannot be divided now; the sentence gives the reason."""


@within_scope(version=PolicyVersion)
@transaction.atomic
def divide_pool(*, version: PolicyVersion, actor: User | None, now: datetime) -> PoolDivision:
    """
    Divide the money of a version among its open entitlements, once and for all; after that, firms can claim them.

    Each portion is the base times one ratio (the money over the sum of all bases), rounded down to the fen, and at most
    the base itself, its own limit and the version's cap. The money that caps and rounding leave stays in the fund.
    Entitlements whose portion is less than a fen or less than the version's minimum are withdrawn. Superseded
    entitlements are withdrawn too: they have no portion with which they could reopen.

    Raises:
        NotDivisible: the version is not in force with a proportional pool, its pool is divided already, matching has
            not caught up or was set aside, nobody is entitled, or there is no money.
    """
    version = PolicyVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    _check_divisible(version)
    open_funds(version_ids=[version.pk], now=now)
    fund = Fund.objects.select_for_update(no_key=True).get(version=version)
    bases = fetch_rows(
        """
        SELECT sum(base_cny) FROM (
            SELECT base_cny FROM policies_entitlement WHERE version_id = %(version)s AND status = 'open'
            ORDER BY id FOR NO KEY UPDATE
        ) locked
        """,
        version=version.pk,
    )
    base_total_cny = bases[0][0]
    if not base_total_cny:
        raise NotDivisible(_nobody_sentence())
    if not fund.available_cny:
        raise NotDivisible(_no_money_sentence())
    _set_portions(version, pool_cny=fund.available_cny, base_total_cny=base_total_cny)
    superseded = Entitlement.objects.filter(version=version, status=EntitlementStatus.SUPERSEDED)
    superseded.update(status=EntitlementStatus.WITHDRAWN)
    division = PoolDivision.objects.create(
        version=version,
        divided_at=now,
        divided_by=actor,
        base_total_cny=base_total_cny,
        pool_cny=fund.available_cny,
        divided_cny=_sum_portions(version),
    )
    log.info("pool_divided", version=str(version), divided_cny=str(division.divided_cny), actor=actor and actor.pk)
    nudge("payouts.tasks.claim_automatic")
    return division


def explain_undivided_pool(*, fund: Fund) -> str:
    """Say why nobody can divide the pool of a fund now; empty if somebody can."""
    try:
        _check_divisible(fund.version)
    except NotDivisible as why:
        return str(why)
    if not Entitlement.objects.filter(version=fund.version, status=EntitlementStatus.OPEN).exists():
        return _nobody_sentence()
    return "" if fund.available_cny else _no_money_sentence()


def divide_due_pools(*, now: datetime) -> int:
    """Divide the pools of versions whose claims have opened, once matching has caught up; return their number."""
    due = _undivided_versions().filter(opens_on__lte=localdate(now))
    # These funds open before claims open, so that finance can see the fund and divide the pool earlier.
    open_funds(version_ids=list(_undivided_versions().filter(fund=None).values_list("pk", flat=True)), now=now)
    divided = 0
    for version in due.order_by("pk"):
        try:
            divide_pool(version=version, actor=None, now=now)
        except NotDivisible:
            continue
        divided += 1
    return divided


def _undivided_versions() -> QuerySet[PolicyVersion]:
    is_divided = Exists(PoolDivision.objects.filter(version=OuterRef("pk")))
    return PolicyVersion.objects.filter(~is_divided, status=VersionStatus.PUBLISHED, pool=Pool.PROPORTIONAL)


def _check_divisible(version: PolicyVersion) -> None:
    if version.pool != Pool.PROPORTIONAL or version.status != VersionStatus.PUBLISHED:
        raise NotDivisible(_("%(version)s is not in force with a proportional pool.") % {"version": version})
    if PoolDivision.objects.filter(version=version).exists():
        raise NotDivisible(_("The pool of %(version)s was divided already.") % {"version": version})
    if not is_settled():
        raise NotDivisible(_("Matching has not caught up with the data; try again in a moment."))
    if MatchRun.objects.filter(version=version, finished_at=None).exists():
        sentence = _(
            "Not every firm was decided: matching of %(version)s was set aside. An officer has to put its rules right"
            " and have it matched again."
        )
        raise NotDivisible(sentence % {"version": version})


def _nobody_sentence() -> str:
    return _("Nobody is entitled yet, so there is nothing to divide.")


def _no_money_sentence() -> str:
    return _("The fund has no money to divide.")


def _set_portions(version: PolicyVersion, *, pool_cny: Decimal, base_total_cny: Decimal) -> None:
    """Give each open entitlement its portion; withdraw an entitlement whose portion is too small."""
    execute_statement(
        SET_PORTIONS,
        version=version.pk,
        cap_cny=version.cap_cny,
        least_cny=max(version.minimum_cny or FEN, FEN),
        pool_cny=pool_cny,
        base_total_cny=base_total_cny,
    )


def _sum_portions(version: PolicyVersion) -> Decimal:
    rows = fetch_rows(
        """
        SELECT coalesce(sum(amount_cny), 0) FROM policies_entitlement
        WHERE version_id = %(version)s AND status = 'open'
        """,
        version=version.pk,
    )
    divided: Decimal = rows[0][0]
    return divided
