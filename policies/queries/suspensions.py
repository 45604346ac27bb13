"""What stops a version, in words, and at which thresholds the platform stops one by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from companies.datasets.departments import DEPARTMENTS
from companies.models import Company
from policies.models import Breaker, EntitlementStatus, Suspension
from policies.states import VersionStatus
from qinqing.kernel.text import Bilingual


@dataclass(frozen=True, slots=True)
class Pause:
    """A suspension for whom it stops: which policy, since when, why, and who can lift it."""

    code: str
    title: Bilingual
    since: date
    reason: str
    lifted_by: Bilingual

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        return _("“%(title)s” is suspended since %(day)s: %(reason)s. It can be lifted by: %(who)s.") % {
            "title": self.title,
            "day": date_format(self.since),
            "reason": self.reason.rstrip(".。"),
            "who": self.lifted_by,
        }


def pauses(*, version_ids: Collection[int]) -> tuple[Pause, ...]:
    """What stops these versions, by the codes of their policies; a version that nothing stops is left out."""
    return _in_words(Suspension.objects.filter(version__in=version_ids)) if version_ids else ()


def pauses_for(*, company: Company) -> tuple[Pause, ...]:
    """What stops the versions under which a company has something to claim."""
    held = company.entitlements.filter(status=EntitlementStatus.OPEN, version__status=VersionStatus.SUSPENDED)
    return _in_words(Suspension.objects.filter(version__in=held.values("version")))


def _in_words(suspensions: QuerySet[Suspension]) -> tuple[Pause, ...]:
    rows = suspensions.filter(lifted_at=None).select_related("version__policy")
    return tuple(_pause(row) for row in rows.order_by("version__policy__code", "pk"))


def _pause(suspension: Suspension) -> Pause:
    policy = suspension.version.policy
    department = DEPARTMENTS.get(policy.department, Bilingual(policy.department, policy.department))
    return Pause(
        code=policy.code,
        title=policy.title,
        since=timezone.localdate(suspension.suspended_at),
        reason=str(suspension.why),
        lifted_by=Bilingual(f"{department.zh}的政策管理员", f"a policy officer of the {department.en}"),
    )


def breakers(*, policy_ids: Collection[int]) -> Mapping[int, Breaker]:
    """The thresholds of each policy: its own, or those of all policies, or the usual ones."""
    rows = {row.policy_id: row for row in Breaker.objects.all()}
    usual = rows.get(None) or Breaker()
    return {policy: rows.get(policy, usual) for policy in policy_ids}
