"""What was found out about a payment of which the bank says things that cannot all be true."""

# ruff: noqa: S608 - what is put into these statements are names of our own.
from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from payouts.models.attempts import KEPT
from payouts.models.received import SETTLED
from qinqing.kernel.database.immutable_rows import decided_once, kept_forever, written_when

_DECISION = ["decision", "decided_at", "decided_by_id"]
_SETTLED = ", ".join(f"'{status}'" for status in SETTLED)
_ITS_PAYOUT = (
    "(SELECT i.payout_id FROM payouts_reply r JOIN payouts_instruction i ON i.id = r.instruction_id"
    " WHERE r.id = NEW.reply_id)"
)
_IS_ALL_THAT_PAID_IT = f"""
    EXISTS (SELECT FROM payouts_payout p WHERE p.id = {_ITS_PAYOUT} AND p.status IN ({_SETTLED}))
    AND NOT EXISTS (
        SELECT FROM payouts_instruction i JOIN payouts_reply r ON r.instruction_id = i.id AND r.outcome = 'paid'
        WHERE i.payout_id = {_ITS_PAYOUT} AND r.id <> NEW.reply_id AND {KEPT}
    )
"""


class Finding(models.Model):
    """
    Whether the bank made a payment after all, as it told the clerk who asked; money follows once another confirms it.

    What was turned down may be found out anew.
    """

    class Decision(models.TextChoices):
        """What the second person said."""

        CONFIRMED = "confirmed", _("confirmed")
        TURNED_DOWN = "turned_down", _("turned down")

    reply = models.ForeignKey(
        "payouts.Reply", on_delete=models.PROTECT, related_name="findings", verbose_name=_("reply")
    )
    was_paid = models.BooleanField(_("the bank paid it"))
    because = models.CharField(_("what was found"), max_length=200)
    entered_at = models.DateTimeField(_("entered at"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    decision = models.CharField(_("decision"), max_length=12, choices=Decision.choices, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )

    class Meta:
        verbose_name = _("finding about a payment")
        verbose_name_plural = _("findings about payments")
        constraints = [
            models.CheckConstraint(condition=~Q(because=""), name="finding_says_what_was_found"),
            models.UniqueConstraint(
                fields=["reply"], condition=~Q(decision="turned_down"), name="finding_once_per_reply"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_at=None, decided_by=None)
                | Q(decision__in=["confirmed", "turned_down"], decided_at__isnull=False, decided_by__isnull=False),
                name="finding_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                # Who entered it may take it back, but not confirm it.
                condition=~Q(decision="confirmed") | ~Q(decided_by=F("entered_by")),
                name="finding_is_confirmed_by_another_person",
            ),
        ]
        triggers = [
            written_when(
                "finding_is_of_a_payment_that_contradicts",
                "NEW.decision = '' AND (SELECT outcome = 'paid' AND contradiction <> ''"
                " FROM payouts_reply WHERE id = NEW.reply_id)",
            ),
            *decided_once("finding_is_decided_once", _DECISION, is_open="OLD.decision = ''"),
            # Whoever moves the payout holds its row.
            written_when(
                "finding_leaves_no_payout_paid_by_nothing",
                f"NEW.decision <> 'confirmed' OR NEW.was_paid OR NOT ({_IS_ALL_THAT_PAID_IT})",
                on=pgtrigger.Update,
                first=f"PERFORM FROM payouts_payout WHERE id = {_ITS_PAYOUT} FOR NO KEY UPDATE;",
            ),
            *kept_forever("finding_is_kept"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
