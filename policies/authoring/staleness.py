"""The circuit breaker for data: suspends a version when a dataset that it reads goes stale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from companies.contracts.own import REGISTRATION
from companies.contracts.registry import contracts
from companies.firms.queries import freshness
from policies.authoring.suspend import suspend_version
from policies.authoring.suspensions import breakers
from policies.models import PolicyVersion, SuspensionKind
from policies.rules.versions import dataset_source, entitling_versions, stale_for
from qinqing.kernel.text import in_both_languages


def suspend_stale(*, now: dt.datetime) -> int:
    """
    Suspend the published versions of which a dataset went stale after their first run, or after the last lifting.

    A dataset that was stale in every run since then does not count: its facts are unknown to the rules and pay nothing.
    Returns how many versions were suspended.
    """
    delivered = freshness()
    versions = list(entitling_versions(now=now).select_related("policy"))
    thresholds = breakers(policy_ids={version.policy_id for version in versions})
    stale = {
        version: went
        for version in versions
        if thresholds[version.policy_id].stops_when_stale and (went := _went_stale(version, delivered, now))
    }
    for version, datasets in stale.items():
        reason = in_both_languages(partial(_reason, datasets, delivered))
        suspend_version(version=version, kind=SuspensionKind.STALE, reason=reason, now=now)
    return len(stale)


def _went_stale(version: PolicyVersion, delivered: Mapping[str, dt.date], now: dt.datetime) -> list[str]:
    stale = stale_for(version=version, delivered=delivered, now=now) & delivered.keys()
    if not stale:
        return []
    runs = version.match_runs.all()
    ended = version.suspensions.filter(lifted_at__isnull=False).order_by("-lifted_at")
    lifted = ended.values_list("lifted_at", flat=True).first()
    known = runs.filter(asked_at__gte=lifted) if lifted else runs
    was_stale = [frozenset(datasets) for datasets in known.values_list("stale_datasets", flat=True)]
    always = frozenset.intersection(*was_stale) if was_stale else stale
    return sorted(stale - always)


def _reason(datasets: list[str], delivered: Mapping[str, dt.date]) -> str:
    limits = {name: each.freshness_days for name, each in contracts().items()}
    limits[REGISTRATION.name] = REGISTRATION.freshness_days
    name = datasets[0]
    told = dataset_source(dataset=name)
    return _("The newest data of “%(dataset)s” (%(department)s) is of %(day)s; it may be %(days)s days old.") % {
        "dataset": told.dataset,
        "department": told.department,
        "day": date_format(delivered[name]),
        "days": limits[name],
    }
