"""What the statistics bureau shares."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Cast, Substr
from django.utils.translation import gettext_lazy as _

from companies.datasets.base import (
    MONTH_PATTERN,
    QUARTER_PATTERN,
    CompanyRow,
    Dataset,
    Word,
    cny,
    has_form,
    month,
    once,
    quarter,
)
from companies.datasets.catalogue import Absence
from companies.datasets.references import names_known


class Trade(models.TextChoices):
    """The parts of the statistics library."""

    INDUSTRY = "industry", _("industry")
    RETAIL = "retail", _("retail")
    CATERING = "catering", _("catering")
    LODGING = "lodging", _("lodging")
    SERVICE = "service", _("services")
    CONSTRUCTION = "construction", _("construction")
    REAL_ESTATE = "real_estate", _("real estate")


class LibraryEntry(CompanyRow):
    """A company's place in the library of above-scale units; the library is complete."""

    dataset = Dataset(
        name="library",
        zh="一套表单位库",
        en="Statistics library",
        department="statistics",
        key=("trade",),
        item="entry",
        absence=Absence.NONE,
        freshness_days=200,
        words={
            "trade": Word("专业", "Trade"),
            "entered_on": Word("入库日期", "Entered on"),
            "left_on": Word("退库日期", "Left on"),
            "is_first_entry": Word("是否首次入库", "Entered for the first time"),
        },
    )
    trade = models.CharField(max_length=12, choices=Trade.choices)
    entered_on = models.DateField(null=True)
    left_on = models.DateField(null=True)
    is_first_entry = models.BooleanField(null=True)

    class Meta:
        constraints = [once("library", "company", "trade")]
        triggers = names_known("company_id")


class OutputQuarter(CompanyRow):
    """A manufacturer's output in a quarter."""

    dataset = Dataset(
        name="output",
        zh="季度产值",
        en="Output by quarter",
        department="statistics",
        key=("quarter",),
        words={
            "quarter": Word("季度", "Quarter"),
            "value": Word("产值", "Output value", "元"),
        },
    )
    quarter = quarter()
    value_cny = cny()

    class Meta:
        constraints = [once("output", "company", "quarter"), has_form("output", "quarter", QUARTER_PATTERN)]
        triggers = names_known("company_id")


def _part_of_month(position: int, length: int) -> models.GeneratedField:
    """The year or the month as a number, so that a rule can look a year back."""
    return models.GeneratedField(
        expression=Cast(Substr("month", position, length), models.SmallIntegerField()),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )


class SalesMonth(CompanyRow):
    """A retailer's or caterer's sales in a month."""

    dataset = Dataset(
        name="sales",
        zh="月度销售额",
        en="Sales by month",
        department="statistics",
        key=("month",),
        item="sale",
        words={
            "month": Word("月份", "Month"),
            "year": Word("年", "Year"),
            "month_of_year": Word("月", "Month of the year"),
            "retail": Word("零售额", "Retail sales", "元"),
            "catering": Word("餐费收入", "Catering sales", "元"),
        },
    )
    month = month()
    year = _part_of_month(1, 4)
    month_of_year = _part_of_month(6, 2)
    retail_cny = cny()
    catering_cny = cny()

    class Meta:
        constraints = [once("sales", "company", "month"), has_form("sales", "month", MONTH_PATTERN)]
        triggers = names_known("company_id")
