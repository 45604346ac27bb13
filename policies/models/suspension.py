"""Suspensions: why a version was paused, and who resumed it."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.immutable_rows import guard_single_decision
from qinqing.kernel.database.triggers import guard_against, row_guard
from qinqing.kernel.text import Bilingual
from qinqing.proposals.guards import by_proposal


class SuspensionKind(models.TextChoices):
    """What paused a version."""

    OFFICER = "officer", _("an officer")
    REFUSALS = "refusals", _("many refusals by the bank")
    STALE = "stale", _("a stale source")
    ACCOUNT = "account", _("one account collects too much")


class Suspension(models.Model):
    """
    One suspension of a version; it ends when `lifted_at` is set. `suspended_by` is null if the platform suspended it.

    Two people lift it, by a proposal of the kind `suspension`; `lifted_by` confirmed it. An officer's `reason` is kept
    as the officer wrote it; the platform writes its own in Chinese and in English.
    """

    version = models.ForeignKey(
        "policies.PolicyVersion", on_delete=models.PROTECT, related_name="suspensions", verbose_name=_("version")
    )
    kind = models.CharField(_("by"), max_length=10, choices=SuspensionKind.choices)
    reason = models.CharField(_("reason"), max_length=300)
    reason_en = models.CharField(_("reason in English"), max_length=300, blank=True)
    suspended_at = models.DateTimeField(_("suspended at"))
    suspended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("suspended by"),
    )
    lifted_at = models.DateTimeField(_("lifted at"), null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("lifted by")
    )
    lifted_because = models.CharField(_("why it was lifted"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        constraints = [
            models.UniqueConstraint(fields=["version"], condition=Q(lifted_at=None), name="suspension_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(kind=SuspensionKind.OFFICER, suspended_by__isnull=False)
                | ~Q(kind=SuspensionKind.OFFICER) & Q(suspended_by=None),
                name="suspension_names_its_officer",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None, lifted_because="")
                | Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_because=""),
                name="suspension_is_lifted_by_somebody",
            ),
        ]
        triggers = [
            # It runs after the insert, so that the constraints come first: their refusals are more exact.
            row_guard(
                __package__,
                "suspension_is_of_who_stopped_the_version",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
            ),
            # The only change of a suspension is that two people lift it, whoever or whatever stopped the version.
            by_proposal(
                "suspension_is_lifted_by_two",
                kind="suspension",
                condition="OLD.lifted_at IS NULL AND NEW.lifted_at IS NOT NULL",
            ),
            guard_single_decision(
                "suspension_is_lifted_once",
                ["lifted_at", "lifted_by_id", "lifted_because"],
                is_open="OLD.lifted_at IS NULL",
                why="A suspension is lifted once and never rewritten.",
            ),
            *guard_against(
                promise="suspension_is_kept", why="A suspension is never deleted.", operation=pgtrigger.Delete
            ),
        ]

    def __str__(self) -> str:
        return str(self.why)

    @property
    def why(self) -> Bilingual:
        """The reason in the reader's language if it is stored in that language, otherwise as it is stored."""
        return Bilingual(self.reason, self.reason_en)
