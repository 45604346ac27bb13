"""What a clerk found out about a reply that contradicts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.immutable_rows import appended_only, written_when


class Clarification(models.Model):
    """That somebody asked the bank about a reply that contradicts, and what is true; nothing moves by it."""

    reply = models.OneToOneField(
        "payouts.Reply", on_delete=models.PROTECT, related_name="clarification", verbose_name=_("reply")
    )
    because = models.CharField(_("what was found"), max_length=200)
    clarified_at = models.DateTimeField(_("clarified at"))
    clarified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("clarified by")
    )

    class Meta:
        verbose_name = _("clarified contradiction")
        verbose_name_plural = _("clarified contradictions")
        constraints = [models.CheckConstraint(condition=~Q(because=""), name="clarification_says_what_was_found")]
        triggers = [
            written_when(
                "clarification_is_of_a_contradiction",
                "(SELECT contradiction FROM payouts_reply WHERE id = NEW.reply_id) <> ''",
            ),
            # By what is found out about a payment money moves: see `Finding`.
            written_when(
                "payment_is_clarified_by_two", "(SELECT outcome FROM payouts_reply WHERE id = NEW.reply_id) <> 'paid'"
            ),
            *appended_only("clarification_is_kept"),
        ]

    def __str__(self) -> str:
        return f"#{self.reply_id}"
