"""How old the data of each dataset is, and until when rules may rest on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.deliveries.access import datasets_open_to
from companies.deliveries.registry.targets import Deliverable
from companies.firms.queries import freshness
from companies.models import User

# A department is told a week ahead, or a quarter of the time where that is less.
DAYS_AHEAD = 7
SHARE_AHEAD = 4


class Age(models.TextChoices):
    """What the age of a dataset means for rules."""

    FRESH = "fresh", _("up to date")
    SOON = "soon", _("too old soon")
    STALE = "stale", _("too old")
    MISSING = "missing", _("never delivered")
    HISTORY = "history", _("does not grow old")


@dataclass(frozen=True, slots=True)
class DatasetAge:
    """A dataset with the day that its newest landed data is from, None where nothing landed, as of `today`."""

    deliverable: Deliverable
    as_of_on: dt.date | None
    today: dt.date

    @property
    def usable_until(self) -> dt.date | None:
        """The last day on which rules rest on the data; None where it never grows old, or is not there."""
        if self.as_of_on is None or self.deliverable.freshness_days is None:
            return None
        return self.as_of_on + dt.timedelta(days=self.deliverable.freshness_days)

    @property
    def age(self) -> Age:
        """Whether newer data is needed."""
        limit, until = self.deliverable.freshness_days, self.usable_until
        if limit is None:
            return Age.HISTORY
        if until is None:
            return Age.MISSING
        if until < self.today:
            return Age.STALE
        ahead = min(DAYS_AHEAD, limit // SHARE_AHEAD)
        return Age.SOON if (until - self.today).days < ahead else Age.FRESH

    @property
    def is_due(self) -> bool:
        """Whether rules say “unknown” for want of newer data, or will in a few days."""
        return self.age in (Age.SOON, Age.STALE, Age.MISSING)


def dataset_ages(*, user: User, today: dt.date) -> list[DatasetAge]:
    """The datasets that an account may deliver, those first whose data rules need soonest; one query."""
    newest: Mapping[str, dt.date] = freshness()
    open_to = datasets_open_to(user=user).values()
    found = [DatasetAge(deliverable, newest.get(deliverable.name), today) for deliverable in open_to]
    return sorted(found, key=lambda each: (not each.is_due, each.usable_until or today, each.deliverable.name))


def count_due_datasets(*, user: User, today: dt.date) -> int:
    """How many of them need newer data now or soon."""
    return sum(each.is_due for each in dataset_ages(user=user, today=today))
