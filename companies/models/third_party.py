"""Third parties that are paid in place of a firm, such as the utility whose bill it is or the bank of a loan."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.datasets.references import never_deleted


class ThirdParty(models.Model):
    """
    A registered payee that may receive a firm's money; entitlements name it by its credit code.

    The platform pays it only to an account that a second person has checked; see `PayeeAccount`.
    """

    class Kind(models.TextChoices):
        """The kind of institution."""

        UTILITY = "utility", _("utility")
        BANK = "bank", _("bank")
        OTHER = "other", _("other")

    code = models.CharField(_("credit code"), max_length=18, unique=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    entered_at = models.DateTimeField(_("entered at"))
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("entered by")
    )

    class Meta:
        verbose_name = _("third-party payee")
        verbose_name_plural = _("third-party payees")
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9A-HJ-NP-RTUW-Y]{18}$"), name="third_party_credit_code_has_form"
            ),
        ]
        triggers = never_deleted("third_party")

    def __str__(self) -> str:
        return self.name
