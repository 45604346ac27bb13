"""What the financial affairs bureau shares."""

from __future__ import annotations

from django.db import models

from companies.datasets.base import CompanyRow, Dataset, Word, cny, credit_code, once
from companies.datasets.references import names_known


class Loan(CompanyRow):
    """A bank loan of a company."""

    dataset = Dataset(
        name="loans",
        zh="企业贷款",
        en="Loans",
        department="finance",
        key=("contract",),
        item="loan",
        words={
            "contract": Word("合同编号", "Contract number"),
            "principal": Word("本金", "Principal", "元"),
            "rate": Word("年利率", "Yearly rate"),
            "drawn_on": Word("放款日期", "Drawn on"),
            "due_on": Word("到期日期", "Due on"),
            "is_fixed_asset": Word("是否固定资产贷款", "Is for fixed assets"),
            "has_other_subsidy": Word("是否享受其他中央贴息", "Has another central interest subsidy"),
            "lender": Word("贷款银行统一社会信用代码", "Lending bank's credit code"),
        },
    )
    contract = models.CharField(max_length=40)
    principal_cny = cny()
    rate = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    drawn_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    is_fixed_asset = models.BooleanField(null=True)
    has_other_subsidy = models.BooleanField(null=True)
    lender = credit_code()

    class Meta:
        constraints = [once("loans", "company", "contract")]
        triggers = names_known("company_id")
