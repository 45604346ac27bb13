"""Suspensions and runs that stop claims, in words, and the thresholds at which the platform suspends a version."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Q, QuerySet, When
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from companies.contracts.departments import department_name
from companies.models import Company
from policies.models import Breaker, EntitlementStatus, MatchRun, Policy, Suspension
from policies.states import VersionStatus
from qinqing.kernel.text import Bilingual


@dataclass(frozen=True, slots=True)
class Pause:
    """
    A suspension as a firm reads it: which policy, since when, why, and who can lift it.

    `keeps_money` says that the firm has claims under it that are not paid yet.
    """

    code: str
    title: Bilingual
    since: date
    reason: str
    lifted_by: Bilingual
    keeps_money: bool = False

    @property
    def sentence(self) -> str:
        """The suspension in a sentence; a second one says what happens to unpaid claims."""
        if not self.keeps_money:
            return self._said
        claimed = _("%(sentence)s What was claimed under it is kept and is paid by itself once it goes on.")
        return claimed % {"sentence": self._said}

    @property
    def _said(self) -> str:
        return _("“%(title)s” is suspended since %(day)s: %(reason)s. It can be lifted by: %(who)s.") % {
            "title": self.title,
            "day": date_format(self.since),
            "reason": self.reason.rstrip(".。"),
            "who": self.lifted_by,
        }


@dataclass(frozen=True, slots=True)
class Undecided:
    """A version under which nobody can claim, because it has not decided the newest deliveries yet; since when."""

    code: str
    title: Bilingual
    since: date
    is_stopped: bool
    decided_by: Bilingual

    @property
    def sentence(self) -> str:
        """The sentence that says for what it waits."""
        if not self.is_stopped:
            return _("“%(title)s” is being decided by the newest data; what it gives can be claimed right after.") % {
                "title": self.title
            }
        return _(
            "“%(title)s” cannot be claimed since %(day)s: its conditions could not be applied to the newest data. "
            "It can be decided again by: %(who)s."
        ) % {"title": self.title, "day": date_format(self.since), "who": self.decided_by}


def undecided(*, version_ids: Collection[int]) -> tuple[Undecided, ...]:
    """The versions under which nobody can claim before a run has decided them, by the codes of their policies."""
    return _undecided_by_code(MatchRun.objects.filter(version__in=version_ids)) if version_ids else ()


def pauses(*, version_ids: Collection[int]) -> tuple[Pause, ...]:
    """The suspensions of these versions that are not lifted, by the codes of their policies."""
    return _pauses_by_code(Suspension.objects.filter(version__in=version_ids)) if version_ids else ()


def pauses_for(
    *, company: Company, unpaid_under: Collection[int] | QuerySet[Any, Any] = ()
) -> tuple[Pause | Undecided, ...]:
    """
    The suspensions and undecided versions that keep a company from claiming its open entitlements.

    `unpaid_under` are the versions under which it has unpaid claims; their suspensions are returned as well.
    """
    rights = company.entitlements.filter(status=EntitlementStatus.OPEN)
    suspended = rights.filter(version__status=VersionStatus.SUSPENDED).values("version")
    published = rights.filter(version__status=VersionStatus.PUBLISHED).values("version")
    waiting = _undecided_by_code(MatchRun.objects.filter(version__in=published))
    stopping = Suspension.objects.filter(Q(version__in=suspended) | Q(version__in=unpaid_under))
    return *_pauses_by_code(stopping, unpaid_under), *waiting


def runs_holding_claims() -> QuerySet[MatchRun]:
    """The unfinished runs that hold claims: until such a run ends, nobody can claim under its version."""
    return MatchRun.objects.filter(finished_at=None, holds_claims=True)


def _undecided_by_code(runs: QuerySet[MatchRun]) -> tuple[Undecided, ...]:
    rows = runs.filter(pk__in=runs_holding_claims().values("pk")).select_related("version__policy")
    return tuple(
        Undecided(
            code=run.version.policy.code,
            title=run.version.policy.title,
            since=timezone.localdate(run.asked_at),
            is_stopped=run.refusal != "",
            decided_by=_officer(run.version.policy),
        )
        for run in rows.order_by("version__policy__code", "pk")
    )


def _pauses_by_code(
    suspensions: QuerySet[Suspension], unpaid_under: Collection[int] | QuerySet[Any, Any] = ()
) -> tuple[Pause, ...]:
    rows = suspensions.filter(lifted_at=None).select_related("version__policy")
    told = rows.annotate(keeps_money=Case(When(version__in=unpaid_under, then=True), default=False))
    return tuple(_pause(row) for row in told.order_by("version__policy__code", "pk"))


def _pause(suspension: Any) -> Pause:
    policy = suspension.version.policy
    return Pause(
        code=policy.code,
        title=policy.title,
        since=timezone.localdate(suspension.suspended_at),
        reason=str(suspension.why),
        lifted_by=_officer(policy),
        keeps_money=suspension.keeps_money,
    )


def _officer(policy: Policy) -> Bilingual:
    department = department_name(policy.department)
    return Bilingual(f"{department.zh}的政策管理员", f"a policy officer of the {department.en}")


def breakers(*, policy_ids: Collection[int]) -> Mapping[int, Breaker]:
    """The thresholds of each policy: its own, or the row for all policies, or the defaults."""
    rows = {row.policy_id: row for row in Breaker.objects.all()}
    usual = rows.get(None) or Breaker()
    return {policy: rows.get(policy, usual) for policy in policy_ids}
