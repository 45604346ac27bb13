"""What the health commission shares."""

from __future__ import annotations

from django.db import models

from companies.datasets.base import CompanyRow, Dataset, Word, once
from companies.datasets.catalogue import Absence
from companies.datasets.references import names_known


class RiskPeriod(CompanyRow):
    """A time in which a company's address lay in a risk area; the list is complete."""

    dataset = Dataset(
        name="risk_periods",
        zh="风险区时段",
        en="Risk-area periods",
        department="health",
        key=("started_on",),
        absence=Absence.NONE,
        freshness_days=62,
        words={
            "started_on": Word("开始日期", "Started on"),
            "ended_on": Word("结束日期", "Ended on"),
        },
    )
    started_on = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [once("risk_periods", "company", "started_on")]
        triggers = names_known("company_id")
