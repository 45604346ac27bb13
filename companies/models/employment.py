"""Jobs, as the contract `employees` has its table: the one dataset that pages of people and scopes reach as a model."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Employment(models.Model):
    """
    One person's insured employment at one company.

    The contract's table is made by the database; the model names those of its columns that our own pages read.
    """

    company = models.ForeignKey(
        "companies.Company", on_delete=models.PROTECT, related_name="+", db_constraint=False, verbose_name=_("company")
    )
    employee = models.ForeignKey(
        "companies.Employee", on_delete=models.PROTECT, related_name="employments", db_constraint=False
    )
    delivery = models.ForeignKey(
        "companies.Delivery",
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        verbose_name=_("delivery"),
    )
    hired_on = models.DateField(_("hired on"), null=True)
    insured_from = models.DateField(_("insured from"), null=True)
    insured_until = models.DateField(_("insured until"), null=True)

    insured_months = models.IntegerField(_("months insured"), null=True)
    has_contract = models.BooleanField(_("has a contract"), null=True)

    class Meta:
        managed = False
        db_table = "dataset_employees"
        verbose_name = _("employment")
        verbose_name_plural = _("employments")

    def __str__(self) -> str:
        return f"{self.company_id} {self.employee_id}"
