"""How a firm is heard before fraud, a fine or a ban is confirmed: a notice, and one answer to it."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qinqing.kernel.database.immutable_rows import guard_against_deletion, guard_append_only, guard_single_decision
from qinqing.kernel.database.triggers import row_guard

LONGEST_ANSWER = 2000


class HearingNotice(models.Model):
    """
    A firm is told what is proposed about it, and may answer until the end of `answer_until`.

    The reason and the terms are those of the proposal. `told_at` says when the firm's members were told by e-mail.
    """

    proposal = models.OneToOneField(
        "proposals.Proposal", on_delete=models.PROTECT, related_name="hearing_notice", verbose_name=_("proposal")
    )
    recovery = models.ForeignKey(
        "payouts.Recovery", on_delete=models.PROTECT, related_name="hearing_notices", verbose_name=_("recovery")
    )
    given_at = models.DateTimeField(_("given at"))
    answer_until = models.DateField(_("last day to answer"))
    told_at = models.DateTimeField(_("told by e-mail at"), null=True)

    class Meta:
        verbose_name = _("notice before a penalty")
        verbose_name_plural = _("notices before penalties")
        indexes = [models.Index(fields=["id"], condition=Q(told_at=None), name="hearing_notice_untold")]
        triggers = [
            row_guard(
                __package__, "hearing_notice_is_of_its_proposal", when=pgtrigger.Before, operation=pgtrigger.Insert
            ),
            guard_single_decision("hearing_notice_is_told_once", ["told_at"], is_open="OLD.told_at IS NULL"),
            *guard_against_deletion("hearing_notice_is_kept"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class HearingAnswer(models.Model):
    """What a firm answers to a notice, once; it may also waive its answer. Appended only."""

    notice = models.OneToOneField(
        HearingNotice, on_delete=models.PROTECT, related_name="answer", verbose_name=_("notice before a penalty")
    )
    is_waiver = models.BooleanField(_("waived"), default=False)
    text = models.TextField(pgettext_lazy("hearing", "answer"), max_length=LONGEST_ANSWER, blank=True)
    answered_at = models.DateTimeField(_("answered at"))
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("answered by")
    )

    class Meta:
        verbose_name = _("answer to a notice")
        verbose_name_plural = _("answers to notices")
        constraints = [
            models.CheckConstraint(condition=~Q(text="") | Q(is_waiver=True), name="hearing_answer_says_something"),
        ]
        triggers = [
            row_guard(
                __package__, "hearing_answer_is_by_an_acceptor", when=pgtrigger.Before, operation=pgtrigger.Insert
            ),
            *guard_append_only("hearing_answer_is_kept"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
