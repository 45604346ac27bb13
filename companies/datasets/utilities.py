"""What the utilities share."""

from __future__ import annotations

from django.db import models

from companies.datasets.base import CompanyRow, Dataset, Word, cny, once


class UtilityBill(CompanyRow):
    """A company's bill for one utility and month."""

    dataset = Dataset(
        name="utilities",
        zh="水电气账单",
        en="Utility bills",
        department="utilities",
        key=("kind", "month"),
        item="bill",
        words={
            "kind": Word("类别", "Kind"),
            "month": Word("月份", "Month"),
            "amount": Word("金额", "Amount", "元"),
            "is_resident": Word("是否居民用户", "Is a resident's"),
        },
    )
    # electricity, water, gas
    kind = models.CharField(max_length=12)
    month = models.CharField(max_length=7)
    amount_cny = cny()
    is_resident = models.BooleanField(null=True)

    class Meta:
        constraints = [once("utilities", "company", "kind", "month")]
