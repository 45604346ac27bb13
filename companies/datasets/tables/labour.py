"""What human resources and social security share."""

from __future__ import annotations

from django.db import models

from companies.datasets.base import MONTH_PATTERN, CompanyRow, Dataset, EngagementRow, Word, cny, has_form, month, once
from companies.datasets.catalogue import Absence
from companies.datasets.references import names_known


class InsuranceMonth(CompanyRow):
    """A company's social insurance in a month."""

    dataset = Dataset(
        name="insurance",
        zh="月度社保",
        en="Social insurance by month",
        department="labour",
        key=("month",),
        words={
            "month": Word("月份", "Month"),
            "insured": Word("参保人数", "Insured headcount", "人"),
            "is_paid": Word("是否足额缴费", "Is fully paid"),
        },
    )
    month = month()
    # Averages over a month have two decimals; a person insured in two firms is not counted.
    insured = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    is_paid = models.BooleanField(null=True)

    class Meta:
        constraints = [once("insurance", "company", "month"), has_form("insurance", "month", MONTH_PATTERN)]
        triggers = names_known("company_id")


class InsuranceYear(CompanyRow):
    """A company's unemployment insurance in a year."""

    dataset = Dataset(
        name="insurance_year",
        zh="年度失业保险",
        en="Unemployment insurance by year",
        department="labour",
        key=("year",),
        words={
            "year": Word("年度", "Year"),
            "unemployment_premium": Word("失业保险费", "Unemployment premium", "元"),
            "insured": Word("年末参保人数", "Insured at year's end", "人"),
            "paid_months": Word("足额缴费月数", "Months fully paid", "月"),
            "layoff_rate": Word("裁员率", "Layoff rate"),
        },
    )
    year = models.SmallIntegerField()
    unemployment_premium_cny = cny()
    insured = models.IntegerField(null=True)
    paid_months = models.SmallIntegerField(null=True)
    layoff_rate = models.DecimalField(max_digits=7, decimal_places=4, null=True)

    class Meta:
        constraints = [once("insurance_year", "company", "year")]
        triggers = names_known("company_id")


class Employment(EngagementRow):
    """One person's insured employment at one company."""

    dataset = Dataset(
        name="employees",
        zh="参保员工",
        en="Insured employees",
        department="labour",
        key=("employee",),
        item="employee",
        absence=Absence.NONE,
        freshness_days=62,
        words={
            "hired_on": Word("入职日期", "Hired on"),
            "insured_from": Word("参保起始日", "Insured from"),
            "insured_until": Word("参保截止日", "Insured until"),
            "insured_months": Word("参保月数", "Months insured", "月"),
            "has_contract": Word("是否签订劳动合同", "Has a contract"),
            "graduated_on": Word("毕业日期", "Graduated on"),
            "is_registered_unemployed": Word("入职前是否登记失业", "Was registered as unemployed"),
            "age_at_hire": Word("入职年龄", "Age when hired", "岁"),
        },
    )
    employee = models.ForeignKey(
        "companies.Employee", on_delete=models.PROTECT, related_name="employments", db_constraint=False
    )
    hired_on = models.DateField(null=True)
    insured_from = models.DateField(null=True)
    insured_until = models.DateField(null=True)
    insured_months = models.SmallIntegerField(null=True)
    has_contract = models.BooleanField(null=True)
    graduated_on = models.DateField(null=True)
    is_registered_unemployed = models.BooleanField(null=True)
    age_at_hire = models.SmallIntegerField(null=True)

    class Meta:
        constraints = [once("employment", "company", "employee")]
        triggers = names_known("company_id", "employee_id")
