"""What the market regulator shares beside the registration itself (which is the `Company`)."""

from __future__ import annotations

from django.db import models

from companies.datasets.base import CompanyRow, Dataset, Word, cny, once
from companies.datasets.references import names_known


class AnnualReport(CompanyRow):
    """A company's annual report; the newest one decides its size class."""

    dataset = Dataset(
        name="annual_report",
        zh="企业年报",
        en="Annual report",
        department="market",
        key=("year",),
        words={
            "year": Word("年度", "Year"),
            "staff": Word("从业人数", "Staff", "人"),
            "revenue": Word("营业收入", "Revenue", "元"),
            "assets": Word("资产总额", "Assets", "元"),
        },
    )
    year = models.SmallIntegerField()
    staff = models.IntegerField(null=True)
    revenue_cny = cny()
    assets_cny = cny()

    class Meta:
        constraints = [once("annual_report", "company", "year")]
        triggers = names_known("company_id")
