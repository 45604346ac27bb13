"""What the housing bureau shares: persons' homes, the compounds that firms manage, and the rents that firms pay."""

from __future__ import annotations

from django.db import models

from companies.datasets.base import MONTH_PATTERN, CompanyRow, Dataset, PersonRow, Word, cny, has_form, month, once
from companies.datasets.references import names_known


class Housing(PersonRow):
    """A person's home in the city, as the housing registers know it."""

    dataset = Dataset(
        name="housing",
        zh="个人住房",
        en="Housing",
        department="housing",
        freshness_days=200,
        words={
            "owns_home": Word("本市是否有房", "Owns a home in the city"),
            "in_public_housing": Word("是否住公租房", "Lives in public housing"),
            "has_subsidy": Word("是否享受住房补贴", "Receives a housing subsidy"),
        },
    )
    owns_home = models.BooleanField(null=True)
    in_public_housing = models.BooleanField(null=True)
    has_subsidy = models.BooleanField(null=True)

    class Meta:
        constraints = [once("housing", "employee")]
        triggers = names_known("employee_id")


class Compound(CompanyRow):
    """A residential compound that a property firm manages."""

    dataset = Dataset(
        name="compounds",
        zh="住宅小区",
        en="Residential compounds",
        department="housing",
        key=("code",),
        item="compound",
        words={
            "code": Word("小区编号", "Compound code"),
            "managed_m2": Word("物业服务面积", "Managed area", "m²"),
            "joined_epidemic_control": Word("是否参与疫情防控", "Took part in epidemic control"),
        },
    )
    code = models.CharField(max_length=20)
    managed_m2 = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    joined_epidemic_control = models.BooleanField(null=True)

    class Meta:
        constraints = [once("compounds", "company", "code")]
        triggers = names_known("company_id")


class RentMonth(CompanyRow):
    """The rent that a company paid for a month under a filed lease."""

    dataset = Dataset(
        name="rents",
        zh="经营用房租金",
        en="Rents of business premises",
        department="housing",
        key=("lease", "month"),
        words={
            "lease": Word("租赁备案号", "Lease"),
            "month": Word("租期月份", "Month"),
            "amount": Word("租金", "Rent", "元"),
            "paid_on": Word("支付日期", "Paid on"),
            "is_state_owned": Word("是否国有房屋", "The premises belong to the state"),
        },
    )
    lease = models.CharField(max_length=30)
    month = month()
    amount_cny = cny()
    paid_on = models.DateField(null=True)
    is_state_owned = models.BooleanField(null=True)

    class Meta:
        constraints = [once("rents", "company", "lease", "month"), has_form("rents", "month", MONTH_PATTERN)]
        triggers = names_known("company_id")
