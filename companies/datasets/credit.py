"""What the credit office shares."""

from __future__ import annotations

from django.db import models

from companies.catalogue import Absence
from companies.datasets.base import CompanyRow, Dataset, Word, once


class CreditRecord(CompanyRow):
    """A company's entry on a list of the credit office; the lists are complete, so no entry means clean."""

    dataset = Dataset(
        name="credit",
        zh="信用记录",
        en="Credit records",
        department="credit",
        key=("kind", "listed_on"),
        absence=Absence.NONE,
        freshness_days=31,
        words={
            "kind": Word("名单", "List"),
            "listed_on": Word("列入日期", "Listed on"),
            "removed_on": Word("移出日期", "Removed on"),
        },
    )
    # serious_dishonesty, judgment_defaulter, wage_arrears, zombie, abnormal_operation
    kind = models.CharField(max_length=20)
    listed_on = models.DateField()
    removed_on = models.DateField(null=True)

    class Meta:
        constraints = [once("credit", "company", "kind", "listed_on")]
