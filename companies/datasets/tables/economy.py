"""What the bureau of economy and information technology shares."""

from __future__ import annotations

from django.db import models

from companies.datasets.base import CompanyRow, Dataset, Word, once
from companies.datasets.catalogue import Absence
from companies.datasets.references import names_known


class Listing(CompanyRow):
    """
    A company's place on a list that a policy names, such as the top 100 or the key industrial chains.

    The lists are complete, so a company without a row is on none.
    """

    dataset = Dataset(
        name="lists",
        zh="企业名单",
        en="Lists of firms",
        department="economy",
        key=("name", "year"),
        absence=Absence.NONE,
        freshness_days=400,
        words={
            "name": Word("名单", "List"),
            "year": Word("年度", "Year"),
            "rank": Word("名次", "Rank"),
        },
    )
    name = models.CharField(max_length=40)
    year = models.SmallIntegerField()
    rank = models.IntegerField(null=True)

    class Meta:
        constraints = [once("lists", "company", "name", "year")]
        triggers = names_known("company_id")


class Stoppage(CompanyRow):
    """A time in which a company had to stop its work; the register is complete."""

    dataset = Dataset(
        name="stoppages",
        zh="停工停产",
        en="Stoppages of work",
        department="economy",
        key=("started_on",),
        absence=Absence.NONE,
        freshness_days=400,
        words={
            "started_on": Word("开始日期", "Started on"),
            "ended_on": Word("结束日期", "Ended on"),
        },
    )
    started_on = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [once("stoppages", "company", "started_on")]
        triggers = names_known("company_id")
