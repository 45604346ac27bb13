"""The versions that entitle somebody, the day whose facts count for them, and their stale datasets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from companies.contracts.departments import departments
from companies.contracts.own import OWN_DATASETS, REGISTRATION
from companies.contracts.registry import contracts
from companies.firms.queries import stale_datasets
from policies.models import PolicyVersion, VersionStatus
from policies.rules.rules import TEXTS
from qinqing.kernel.text import Bilingual


def entitling_versions(*, now: dt.datetime) -> QuerySet[PolicyVersion]:
    """The versions that entitle somebody at a moment: published, and their windows are not over."""
    return PolicyVersion.objects.entitling_on(timezone.localdate(now))


def as_of(*, version: PolicyVersion, now: dt.datetime) -> dt.date:
    """The day whose facts count for a version: its own as-of day, or today."""
    return version.as_of_on or timezone.localdate(now)


def stale_for(*, version: PolicyVersion, delivered: Mapping[str, dt.date], now: dt.datetime) -> frozenset[str]:
    """The datasets of a published version that are stale on its as-of day; `delivered` has the newest deliveries."""
    day = as_of(version=version, now=now)
    return stale_datasets(as_of_on=day, delivered=delivered) & frozenset(version.datasets)


def in_force_beside(*, version: PolicyVersion) -> PolicyVersion | None:
    """The version of the same policy that is in force, unless it is this one."""
    entitling_versions = version.policy.versions.filter(status__in=[VersionStatus.PUBLISHED, VersionStatus.SUSPENDED])
    return entitling_versions.exclude(pk=version.pk).prefetch_related(*TEXTS).first()


class DatasetSource(NamedTuple):
    """The name of a dataset, and the department that delivers it."""

    dataset: Bilingual
    department: Bilingual


def dataset_source(*, dataset: str) -> DatasetSource:
    """The name and the department of a dataset."""
    ours = {described.name: described for described in (REGISTRATION, *OWN_DATASETS)}
    if own := ours.get(dataset):
        return DatasetSource(Bilingual(own.zh, own.en), departments()[own.department])
    contract = contracts()[dataset]
    return DatasetSource(Bilingual(contract.word.zh, contract.word.en), departments()[contract.department])
