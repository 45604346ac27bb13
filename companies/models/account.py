"""Where a subsidy is paid to."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PayeeAccount(models.Model):
    """
    A bank account of one company or of one employee; the number is kept encrypted.

    An account that was replaced stays, inactive, because instructions point to it.
    """

    company = models.ForeignKey("companies.Company", on_delete=models.PROTECT, null=True, related_name="accounts")
    employee = models.ForeignKey("companies.Employee", on_delete=models.PROTECT, null=True, related_name="accounts")
    holder_name = models.CharField(_("account holder"), max_length=120)
    bank_name = models.CharField(_("bank"), max_length=120)
    bank_number = models.CharField(_("bank number"), max_length=12)
    number_encrypted = models.BinaryField()
    number_hash = models.BinaryField(max_length=32)
    number_masked = models.CharField(_("account number"), max_length=34)
    entered_at = models.DateTimeField(_("entered at"), null=True)
    is_active = models.BooleanField(_("is in use"), default=True)

    class Meta:
        verbose_name = _("payee account")
        verbose_name_plural = _("payee accounts")
        constraints = [
            models.CheckConstraint(
                condition=Q(company__isnull=False, employee__isnull=True)
                | Q(company__isnull=True, employee__isnull=False),
                name="payee_account_has_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(bank_number__regex=r"^[0-9]{12}$"), name="payee_account_bank_number_has_form"
            ),
            models.CheckConstraint(
                condition=Q(number_masked__regex=r"^[0-9]{3}[*]{3,}[0-9]{2}$"), name="payee_account_number_is_masked"
            ),
            models.UniqueConstraint(
                fields=["company"],
                condition=Q(is_active=True, company__isnull=False),
                name="payee_account_one_active_per_company",
            ),
            models.UniqueConstraint(
                fields=["employee"],
                condition=Q(is_active=True, employee__isnull=False),
                name="payee_account_one_active_per_employee",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_name} {self.number_masked}"
