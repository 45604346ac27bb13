"""The window of a version: from the day on which claims open to the last day of claims, where it has one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from policies.states import VersionStatus

if TYPE_CHECKING:
    from policies.models.version import PolicyVersion  # noqa: F401 - the name in quotes below


def is_over(day: dt.date, *, version: str = "") -> Q:
    """The condition that the last day of claims is past; `version` is the path to the version, as `version__`."""
    return Q(**{f"{version}closes_on__lt": day})


def is_not_over(day: dt.date, *, version: str = "") -> Q:
    """The condition that the last day of claims is not past, or that there is none."""
    return Q(**{f"{version}closes_on": None}) | Q(**{f"{version}closes_on__gte": day})


def is_in_window(day: dt.date, *, version: str = "") -> Q:
    """The condition that claims have opened and are not over; whether the version is in force is another question."""
    return Q(**{f"{version}opens_on__lte": day}) & is_not_over(day, version=version)


class VersionQuerySet(QuerySet["PolicyVersion"]):
    """Versions by what can be claimed under them."""

    def entitling_on(self, day: dt.date) -> VersionQuerySet:
        """The versions that entitle somebody: published, and their windows are not over; some open later."""
        return self.filter(is_not_over(day), status=VersionStatus.PUBLISHED)

    def claimable_on(self, day: dt.date) -> VersionQuerySet:
        """The versions under which somebody may claim: published, and the day is in their windows."""
        return self.filter(is_in_window(day), status=VersionStatus.PUBLISHED)
