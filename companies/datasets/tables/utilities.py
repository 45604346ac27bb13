"""What the utilities share."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.datasets.base import MONTH_PATTERN, CompanyRow, Dataset, Word, cny, credit_code, has_form, month, once
from companies.datasets.references import names_known


class Utility(models.TextChoices):
    """What is billed."""

    ELECTRICITY = "electricity", _("electricity")
    WATER = "water", _("water")
    GAS = "gas", _("gas")


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
            "supplier": Word("供应单位统一社会信用代码", "Supplier's credit code"),
        },
    )
    kind = models.CharField(max_length=12, choices=Utility.choices)
    month = month()
    amount_cny = cny()
    is_resident = models.BooleanField(null=True)
    supplier = credit_code()

    class Meta:
        constraints = [
            once("utilities", "company", "kind", "month"),
            has_form("utilities", "month", MONTH_PATTERN),
        ]
        triggers = names_known("company_id")
