"""Previews of drafts over the whole city; they are stored, so that an officer does not wait twice."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.text import Bilingual


class PreviewRun(models.Model):
    """
    One preview of a version over every firm; done when `finished_at` is set.

    `content_hash` is the hash of the wording that was previewed, so that a page can tell figures about an older wording
    from figures about the present one. If a worker dies, its lease `taken_until` expires and another worker starts the
    preview again. If only the back-test took too long, the preview counts and `back_test_refusal` gives the reason.
    """

    version = models.ForeignKey("policies.PolicyVersion", on_delete=models.CASCADE, related_name="preview_runs")
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("asked by")
    )
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    taken_until = models.DateTimeField(null=True)
    decided_firms = models.IntegerField(default=0)
    city_firms = models.IntegerField(default=0)
    content_hash = models.CharField(max_length=64, blank=True)
    result = models.JSONField(null=True)
    back_test = models.JSONField(null=True)
    # The text is stored in Chinese and in English, because nobody knows which of the two its reader will want.
    refusal = models.TextField(_("why it stopped"), blank=True)
    refusal_en = models.TextField(_("why it stopped, in English"), blank=True, default="", db_default="")
    back_test_refusal = models.TextField(_("why its back-test stopped"), blank=True)
    back_test_refusal_en = models.TextField(
        _("why its back-test stopped, in English"), blank=True, default="", db_default=""
    )

    class Meta:
        verbose_name = _("preview")
        verbose_name_plural = _("previews")
        constraints = [
            # A second request for the same preview changes nothing while the first is unfinished.
            models.UniqueConstraint(
                fields=["version"], condition=Q(finished_at=None), name="preview_run_one_due_per_version"
            ),
            models.CheckConstraint(
                condition=Q(result__isnull=True) | (Q(finished_at__isnull=False, refusal="") & ~Q(content_hash="")),
                name="preview_run_has_a_result_when_finished",
            ),
            models.CheckConstraint(
                condition=Q(back_test_refusal="") | Q(result__isnull=False, back_test__isnull=True),
                name="preview_run_back_test_is_made_or_refused",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.asked_at}"

    @property
    def why(self) -> Bilingual:
        """Why the preview stopped, in the reader's language."""
        return Bilingual(self.refusal, self.refusal_en)

    @property
    def why_not_compared(self) -> Bilingual:
        """Why the back-test stopped, in the reader's language."""
        return Bilingual(self.back_test_refusal, self.back_test_refusal_en)
