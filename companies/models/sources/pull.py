"""What came of each pull of a source."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.models.delivery import Delivery
from companies.models.sources.source import DataSource
from qinqing.kernel.database.immutable_rows import guard_append_only
from qinqing.kernel.database.triggers import row_guard
from qinqing.kernel.text import Bilingual


class PullOutcome(models.TextChoices):
    """What came of a pull."""

    LANDED = "landed", _("landed")
    NOTHING_NEW = "nothing_new", _("nothing new")
    REFUSED = "refused", _("refused")


class SourcePull(models.Model):
    """
    One pull of a source, written when it is over.

    `what` is the name of the file or the answer; `bookmark` is what the source was asked from. A delivery stands beside
    a refusal where the bytes came and the delivery was refused.
    """

    source = models.ForeignKey(
        DataSource, on_delete=models.PROTECT, related_name="pulls", verbose_name=_("source of a dataset")
    )
    began_at = models.DateTimeField(_("began at"))
    ended_at = models.DateTimeField(_("ended at"))
    outcome = models.CharField(_("outcome"), max_length=11, choices=PullOutcome.choices)
    what = models.CharField(_("what came"), max_length=200, blank=True)
    bookmark = models.CharField(_("bookmark"), max_length=200, blank=True)
    byte_count = models.BigIntegerField(_("bytes"), null=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    as_of_on = models.DateField(_("as of"), null=True)
    delivery = models.ForeignKey(
        Delivery, on_delete=models.PROTECT, null=True, related_name="pulls", verbose_name=_("delivery")
    )
    refusal = models.TextField(_("refusal"), blank=True)
    refusal_en = models.TextField(_("refusal in English"), blank=True)
    # Nobody for a pull that the schedule began.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("asked for by")
    )

    class Meta:
        verbose_name = _("pull of a source")
        verbose_name_plural = _("pulls of sources")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="landed", delivery__isnull=False, refusal="")
                | Q(outcome="nothing_new", refusal="")
                | Q(outcome="refused") & ~Q(refusal=""),
                name="source_pull_says_what_came",
            ),
        ]
        triggers = [
            row_guard(
                __package__,
                "source_pull_lands_from_a_source_that_runs",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition="NEW.outcome = 'landed'",
            ),
            *guard_append_only("source_pull_is_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.source} #{self.pk}"

    @property
    def why(self) -> Bilingual:
        """The reason of the refusal, in the reader's language."""
        return Bilingual(self.refusal, self.refusal_en)
