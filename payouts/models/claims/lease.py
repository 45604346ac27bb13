"""Releases of leases by a person."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from qinqing.kernel.database.triggers import guard_against


class LeaseRelease(models.Model):
    """The record that a person ended a worker's lease of a payout before it expired."""

    payout = models.ForeignKey(
        "payouts.Payout", on_delete=models.PROTECT, related_name="lease_releases", verbose_name=_("payout")
    )
    leased_until = models.DateTimeField(_("was held until"))
    released_at = models.DateTimeField(pgettext_lazy("lease", "released at"))
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=pgettext_lazy("lease", "released by"),
    )
    because = models.CharField(_("reason"), max_length=200)

    class Meta:
        verbose_name = _("released lease")
        verbose_name_plural = _("released leases")
        constraints = [
            models.CheckConstraint(condition=~Q(because=""), name="lease_is_released_for_a_reason"),
            models.CheckConstraint(condition=Q(leased_until__gt=F("released_at")), name="lease_is_released_early"),
        ]
        triggers = guard_against(
            promise="lease_release_is_kept",
            why="Who released a lease is kept as it was.",
            operation=pgtrigger.Update | pgtrigger.Delete,
        )

    def __str__(self) -> str:
        return f"#{self.payout_id}"
