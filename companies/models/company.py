"""Companies and the districts they belong to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.classifications.size_classes import Size
from companies.datasets.references import never_deleted
from qinqing.kernel.database.columns import MoneyField
from qinqing.kernel.money import DECIMAL_PLACES, MAX_DIGITS
from qinqing.kernel.text import Bilingual


class Standing(models.TextChoices):
    """Whether the company is in business."""

    ACTIVE = "active", _("in business")
    LIQUIDATION = "liquidation", _("in liquidation")
    DEREGISTERED = "deregistered", _("deregistered")


class Ownership(models.TextChoices):
    """Who owns the company."""

    STATE = "state", _("state-owned")
    PRIVATE = "private", _("private")
    FOREIGN = "foreign", _("foreign-funded")
    COLLECTIVE = "collective", _("collective")


class District(models.Model):
    """A district of GB/T 2260, with the dates of its foundation and its dissolution."""

    code = models.CharField(_("code"), max_length=6, primary_key=True)
    name_zh = models.CharField(_("Chinese name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=40)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True)

    class Meta:
        verbose_name = _("district")
        verbose_name_plural = _("districts")

    def __str__(self) -> str:
        return str(Bilingual(self.name_zh, self.name_en))


class Company(models.Model):
    """
    A firm as the market regulator registered it.

    `staff`, `revenue_cny` and `assets_cny` come from the firm's newest annual report. `size` is computed from them by
    the 2017 table; it is null if the table does not cover the industry or if a number is missing.
    """

    credit_code = models.CharField(_("credit code"), max_length=18, unique=True)
    name = models.CharField(_("name"), max_length=120)
    industry_code = models.CharField(_("industry code"), max_length=5)
    industry_edition = models.CharField(_("industry edition"), max_length=4, default="2017")
    founded_on = models.DateField(_("founded on"), null=True)
    standing = models.CharField(_("standing"), max_length=12, choices=Standing.choices, null=True)
    ownership = models.CharField(_("ownership"), max_length=10, choices=Ownership.choices, null=True)
    is_government_unit = models.BooleanField(_("is a government unit"), null=True)
    staff = models.IntegerField(_("staff"), null=True)
    revenue_cny = MoneyField(_("revenue"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    assets_cny = MoneyField(_("assets"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)
    size = models.CharField(_("size"), max_length=6, choices=Size.choices, null=True)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(credit_code__regex=r"^[0-9A-HJ-NP-RTUW-Y]{18}$"), name="company_credit_code_has_form"
            ),
            models.CheckConstraint(
                condition=models.Q(industry_code__regex=r"^[A-T][0-9]{2,4}$"), name="company_industry_code_has_form"
            ),
        ]
        triggers = never_deleted("company")

    def __str__(self) -> str:
        return self.name


class CompanyDistrict(models.Model):
    """The district of a company, from `valid_from` until the day before the company's next row."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="districts")
    district = models.ForeignKey(District, on_delete=models.PROTECT, related_name="+", verbose_name=_("district"))
    valid_from = models.DateField(_("valid from"))

    class Meta:
        verbose_name = _("district of a company")
        verbose_name_plural = _("districts of companies")
        constraints = [
            models.UniqueConstraint(fields=["company", "valid_from"], name="company_district_once_per_day"),
        ]

    def __str__(self) -> str:
        return f"{self.company_id} {self.district_id} {self.valid_from}"
