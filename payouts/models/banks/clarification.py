"""Clarifications of replies that contradict the state of their payout."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.database.immutable_rows import guard_append_only
from qinqing.kernel.database.triggers import row_guard


class Clarification(models.Model):
    """A clerk's note of the bank's explanation of a contradicting reply; it moves no payout and no money."""

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
            row_guard(
                __package__,
                "clarification_is_of_a_contradiction",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
            ),
            row_guard(__package__, "payment_is_clarified_by_two", when=pgtrigger.Before, operation=pgtrigger.Insert),
            *guard_append_only("clarification_is_kept"),
        ]

    def __str__(self) -> str:
        return f"#{self.reply_id}"
