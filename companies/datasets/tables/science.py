"""What science and technology shares."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.datasets.base import CompanyRow, Dataset, Word, cny, once
from companies.datasets.catalogue import Absence
from companies.datasets.references import names_known


class TitleKind(models.TextChoices):
    """The titles that are shared."""

    NATIONAL_HIGH_TECH = "national_high_tech", _("national high-tech enterprise")
    LITTLE_GIANT = "little_giant", _("national little giant")
    PROVINCIAL_SPECIALISED = "provincial_specialised", _("provincial specialised firm")


class Recognition(models.TextChoices):
    """Whether a title was given or kept."""

    FIRST = "first", _("first recognition")
    RENEWAL = "renewal", _("recognised again")


class Title(CompanyRow):
    """A title that a company was given, such as national high-tech enterprise."""

    dataset = Dataset(
        name="titles",
        zh="科技称号",
        en="Science and technology titles",
        department="science",
        key=("certificate",),
        item="title",
        absence=Absence.NONE,
        freshness_days=400,
        words={
            "certificate": Word("证书编号", "Certificate number"),
            "kind": Word("称号", "Title"),
            "recognition": Word("认定方式", "Recognition"),
            "awarded_on": Word("认定日期", "Awarded on"),
        },
    )
    certificate = models.CharField(max_length=30)
    kind = models.CharField(max_length=24, choices=TitleKind.choices, null=True)
    recognition = models.CharField(max_length=8, choices=Recognition.choices, null=True)
    awarded_on = models.DateField(null=True)

    class Meta:
        constraints = [once("titles", "company", "certificate")]
        triggers = names_known("company_id")


class ResearchYear(CompanyRow):
    """What a company spent on research and development in a year, as its return says."""

    dataset = Dataset(
        name="research",
        zh="年度研发投入",
        en="Research and development by year",
        department="science",
        key=("year",),
        words={
            "year": Word("年度", "Year"),
            "expense": Word("研发费用", "Expense on research and development", "元"),
        },
    )
    year = models.SmallIntegerField()
    expense_cny = cny()

    class Meta:
        constraints = [once("research", "company", "year")]
        triggers = names_known("company_id")
