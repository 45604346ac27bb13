"""Claims that a preparer put together for an acceptor to sign."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class PreparedClaim(models.Model):
    """
    The entitlements that a preparer ticked last; an acceptor signs them by an ordinary click, or others.

    It opens no money and holds nothing, so a new one replaces it. It is over when none of its entitlements can be
    claimed any more.
    """

    company = models.OneToOneField("companies.Company", on_delete=models.CASCADE, related_name="prepared_claim")
    entitlement_ids = ArrayField(models.BigIntegerField())
    prepared_at = models.DateTimeField(_("prepared at"))
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("prepared claim")
        verbose_name_plural = _("prepared claims")

    def __str__(self) -> str:
        return f"{self.company_id}"
