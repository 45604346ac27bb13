"""What the tax authority shares."""

from __future__ import annotations

from django.db import models

from companies.datasets.base import CompanyRow, Dataset, PersonRow, Word, cny, once
from companies.datasets.catalogue import Absence
from companies.datasets.references import names_known


class TaxYear(CompanyRow):
    """A company's tax return of a year."""

    dataset = Dataset(
        name="tax",
        zh="年度纳税",
        en="Tax by year",
        department="tax",
        key=("year",),
        words={
            "year": Word("年度", "Year"),
            "revenue": Word("营业收入", "Revenue", "元"),
            "tax_paid": Word("实缴税额", "Tax paid", "元"),
        },
    )
    year = models.SmallIntegerField()
    revenue_cny = cny()
    tax_paid_cny = cny()

    class Meta:
        constraints = [once("tax", "company", "year")]
        triggers = names_known("company_id")


class Taxpayer(CompanyRow):
    """Where a company is registered for tax."""

    dataset = Dataset(
        name="taxpayer",
        zh="税务登记",
        en="Tax registration",
        department="tax",
        words={
            "district": Word("主管税务区划", "Tax district"),
            "is_normal": Word("是否正常户", "Is in good standing"),
        },
    )
    district = models.CharField(max_length=6, null=True)
    is_normal = models.BooleanField(null=True)

    class Meta:
        constraints = [once("taxpayer", "company")]
        triggers = names_known("company_id")


class WageYear(PersonRow):
    """What a person earned in a year, by the individual income tax returns."""

    dataset = Dataset(
        name="wages",
        zh="个人工资收入",
        en="Wages by year",
        department="tax",
        key=("year",),
        absence=Absence.UNKNOWN,
        words={
            "year": Word("年度", "Year"),
            "total": Word("工资总额", "Total wage", "元"),
            "months": Word("发放月数", "Months paid", "月"),
        },
    )
    year = models.SmallIntegerField()
    total_cny = cny()
    months = models.SmallIntegerField(null=True)

    class Meta:
        constraints = [once("wages", "employee", "year")]
        triggers = names_known("employee_id")
