"""The age of each dataset, and the day until which rules may rest on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.deliveries.access import datasets_open_to
from companies.deliveries.registry.targets import Deliverable
from companies.firms.queries import freshness
from companies.models import Delivery, DeliveryKey, DeliveryStatus, User
from companies.models.delivery import HAS_NEWS

# A department is warned a week before its data is too old, or a quarter of the allowed days before if that is less.
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
    """A dataset, and the day of its newest landed data (None if nothing landed), as seen on the day `today`."""

    deliverable: Deliverable
    as_of_on: dt.date | None
    today: dt.date

    @property
    def usable_until(self) -> dt.date | None:
        """The last day on which rules may rest on the data; None if the data never grows old or does not exist."""
        if self.as_of_on is None or self.deliverable.freshness_days is None:
            return None
        return self.as_of_on + dt.timedelta(days=self.deliverable.freshness_days)

    @property
    def age(self) -> Age:
        """Whether the dataset needs newer data."""
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
        """Whether rules say “unknown” because of the age of the data, or will do so in a few days."""
        return self.age in (Age.SOON, Age.STALE, Age.MISSING)


def dataset_ages(*, user: User, today: dt.date) -> list[DatasetAge]:
    """The datasets that an account may deliver; those that need newer data soonest come first. One query."""
    newest: Mapping[str, dt.date] = freshness()
    open_to = datasets_open_to(user=user).values()
    found = [DatasetAge(deliverable, newest.get(deliverable.name), today) for deliverable in open_to]
    return sorted(found, key=lambda each: (not each.is_due, each.usable_until or today, each.deliverable.name))


def find_newest_signers() -> dict[str, DeliveryKey | None]:
    """By dataset, the key by which its newest data is signed; None if that is unsigned. One query."""
    landed = Delivery.objects.filter(HAS_NEWS, status=DeliveryStatus.LANDED).order_by("dataset", "-as_of_on", "-pk")
    newest = landed.distinct("dataset").select_related("signed_with").defer("manifest", "signature")
    return {delivery.dataset: delivery.signed_with for delivery in newest}


def count_due_datasets(*, user: User, today: dt.date) -> int:
    """The number of datasets that need newer data now or soon."""
    return sum(each.is_due for each in dataset_ages(user=user, today=today))
