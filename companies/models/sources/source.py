"""The sources of datasets: places from which the platform itself fetches rows on a schedule."""

from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.models.sources.secret import SourceSecret
from qinqing.kernel.database.immutable_rows import guard_against_deletion, require_condition
from qinqing.kernel.database.triggers import change_of, refuse_when, row_guard
from qinqing.proposals.guards import by_proposal

SHORTEST_MINUTES, LONGEST_MINUTES = 5, 44_640
LARGEST_MIB = 2_048


class SourceKind(models.TextChoices):
    """How a source is reached."""

    HTTP = "http", _("a file over HTTP(S)")
    SFTP = "sftp", _("the newest file of a folder over SFTP")
    QUERY = "query", _("a query of a PostgreSQL database")


class AsOf(models.TextChoices):
    """Where a source says from which day its data is."""

    MODIFIED = "modified", _("the day on which the file was last changed")
    NAME = "name", _("the date in the file’s name")
    HEADER = "header", _("a header of the answer")
    COLUMN = "column", _("the latest date in a column")
    PULLED = "pulled", _("the day of the pull: it is a register that is always up to date")


class BookmarkFrom(models.TextChoices):
    """What a source is asked from the next time."""

    NOTHING = "", _("nothing: it always sends everything")
    HEADER = "header", _("a header of the answer")
    COLUMN = "column", _("the highest value in a column")


# What two people decide about a source, by the columns of its table.
TERMS = (
    *("name", "kind", "address", "username", "secret_id", "trusted", "file_pattern", "query"),
    *("begins_at", "bookmark_from", "bookmark_name", "as_of_from", "as_of_name", "every_minutes", "largest_mib"),
)


class DataSource(models.Model):
    """
    A place from which rows of a dataset are fetched, as two people of its department agreed.

    It is entered with a name only; its terms come by a proposal, and so does each change of them. One person pauses it
    at once, and two let it go on. `bookmark`, `seen` and the turns are the platform's own notes about its pulls.
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    dataset = models.CharField(_("dataset"), max_length=40)
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("how it is reached"), max_length=5, choices=SourceKind.choices, blank=True)
    address = models.CharField(_("address"), max_length=500, blank=True)
    username = models.CharField(_("account name"), max_length=100, blank=True)
    secret = models.ForeignKey(
        SourceSecret, on_delete=models.PROTECT, null=True, related_name="sources", verbose_name=_("secret")
    )
    # The host key of a server of SFTP, or the authority in PEM that signed the certificate of any other.
    trusted = models.TextField(_("whom it trusts"), blank=True)
    file_pattern = models.CharField(_("pattern of file names"), max_length=200, blank=True)
    query = models.TextField(_("query"), blank=True)
    begins_at = models.CharField(_("first value of the bookmark"), max_length=200, blank=True)
    bookmark_from = models.CharField(_("bookmark"), max_length=6, choices=BookmarkFrom.choices, blank=True)
    bookmark_name = models.CharField(_("name of that header or column"), max_length=60, blank=True)
    as_of_from = models.CharField(_("day of the data"), max_length=8, choices=AsOf.choices, blank=True)
    as_of_name = models.CharField(_("name of that header or column"), max_length=60, blank=True)
    every_minutes = models.PositiveIntegerField(_("minutes between pulls"), default=0)
    largest_mib = models.PositiveIntegerField(_("largest size in MiB"), default=0)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)

    paused_at = models.DateTimeField(_("paused at"), null=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("paused by")
    )

    next_pull_at = models.DateTimeField(_("next pull"), null=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("asked for by")
    )
    # Another worker may pull it only after this moment.
    leased_until = models.DateTimeField(null=True)
    failure_count = models.PositiveIntegerField(_("failed pulls in a row"), default=0)
    bookmark = models.CharField(_("bookmark"), max_length=200, blank=True)
    # What tells whether something new is there: an ETag, a date, the name, size and time of a file.
    seen = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("source of a dataset")
        verbose_name_plural = _("sources of datasets")
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name"], name="data_source_once_per_name"),
            models.CheckConstraint(condition=Q(kind__in=["", *SourceKind.values]), name="data_source_has_a_known_kind"),
            models.CheckConstraint(
                condition=Q(paused_at=None, paused_by=None) | Q(paused_at__isnull=False, paused_by__isnull=False),
                name="data_source_is_paused_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None)
                | Q(
                    every_minutes__range=(SHORTEST_MINUTES, LONGEST_MINUTES),
                    largest_mib__range=(1, LARGEST_MIB),
                    as_of_from__in=AsOf.values,
                )
                & ~Q(kind="")
                & ~Q(address=""),
                name="data_source_is_confirmed_with_its_terms",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_pull_at"], condition=Q(confirmed_at__isnull=False, paused_at=None), name="data_source_due"
            )
        ]
        triggers = [
            require_condition(
                "data_source_begins_without_terms",
                "NEW.confirmed_at IS NULL AND NEW.kind = '' AND NEW.address = '' AND NEW.query = ''"
                " AND NEW.secret_id IS NULL",
            ),
            refuse_when(
                promise="data_source_stays_with_its_dataset",
                why="A source is of one dataset; enter another source for another one.",
                condition=change_of("key", "dataset"),
            ),
            by_proposal("data_source_is_changed_by_two", kind="data_source", columns=(*TERMS, "confirmed_at")),
            by_proposal(
                "data_source_is_resumed_by_two",
                kind="data_source",
                columns=("paused_at", "paused_by_id"),
                condition="OLD.paused_at IS NOT NULL",
            ),
            row_guard(
                __package__,
                "data_source_uses_its_own_secret",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition="NEW.secret_id IS NOT NULL AND OLD.secret_id IS DISTINCT FROM NEW.secret_id",
            ),
            *guard_against_deletion("data_source_is_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.dataset} · {self.name}"
