"""The whole life of a policy version on one screen: every move, who may make it, and what it stamps."""

from __future__ import annotations

from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _


class VersionStatus(models.TextChoices):
    """
    The status of a version; only a draft can be changed.

    A suspended version is still the one in force: nobody can claim under it and nothing more is sent to the bank.
    """

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted for review")
    SCHEDULED = "scheduled", _("comes into force later")
    PUBLISHED = "published", _("published")
    SUSPENDED = "suspended", _("suspended")
    CLOSED = "closed", _("closed")


class Move(NamedTuple):
    """
    A step of a version: whether the platform may make it by itself, and the columns that change with it.

    Every move also changes the status, and says when, by whom and why (`moved_at`, `moved_by_id`, `moved_because`).
    """

    stamps: tuple[str, ...] = ()
    is_automatic: bool = False


S = VersionStatus
_SEALED = ("submitted_at", "submitted_by_id", "content_hash", "datasets", "frozen_clauses")
_SIGNED = ("published_at", "published_by_id")
_ENDED = ("closed_at", "closed_by_id")

MOVES: dict[tuple[VersionStatus, VersionStatus], Move] = {
    (S.DRAFT, S.SUBMITTED): Move(_SEALED),
    (S.SUBMITTED, S.DRAFT): Move(_SEALED),
    (S.SUBMITTED, S.PUBLISHED): Move(_SIGNED),
    (S.SUBMITTED, S.SCHEDULED): Move(_SIGNED),
    (S.SCHEDULED, S.PUBLISHED): Move(is_automatic=True),
    # The circuit breaker stops a version by itself; only people let it go on.
    (S.PUBLISHED, S.SUSPENDED): Move(is_automatic=True),
    (S.SUSPENDED, S.PUBLISHED): Move(),
    (S.SCHEDULED, S.CLOSED): Move(_ENDED),
    (S.PUBLISHED, S.CLOSED): Move(_ENDED),
    (S.SUSPENDED, S.CLOSED): Move(_ENDED),
}
# At most one version of a policy is in one of these.
IN_FORCE = (S.PUBLISHED, S.SUSPENDED)


def sources(after: VersionStatus) -> tuple[VersionStatus, ...]:
    """The states from which a version may reach this one, in the order of the table."""
    return tuple(before for before, reached in MOVES if reached == after)


class ListStatus(models.TextChoices):
    """The status of a department's list; its rows count while it is published."""

    DRAFT = "draft", _("draft")
    CHECKED = "checked", _("checked")
    PUBLISHED = "published", _("published")
    CLOSED = "closed", _("closed")


# Each step with the columns that change with it.
LIST_MOVES: dict[tuple[ListStatus, ListStatus], tuple[str, ...]] = {
    (ListStatus.DRAFT, ListStatus.CHECKED): ("checked_at", "checked_by_id"),
    (ListStatus.CHECKED, ListStatus.DRAFT): ("checked_at", "checked_by_id"),
    (ListStatus.CHECKED, ListStatus.PUBLISHED): ("published_at", "published_by_id"),
    **{
        (before, ListStatus.CLOSED): ("closed_at", "closed_by_id", "closed_because")
        for before in (ListStatus.DRAFT, ListStatus.CHECKED, ListStatus.PUBLISHED)
    },
}


class EntryStatus(models.TextChoices):
    """Whether a row of a list counts."""

    WAITING = "waiting", _("not published yet")
    LIVE = "live", _("named")
    WITHDRAWN = "withdrawn", _("withdrawn")
    CLOSED = "closed", _("its list was closed")
