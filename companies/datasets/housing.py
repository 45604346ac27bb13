"""What the housing bureau shares: persons' homes and the compounds that firms manage."""

from __future__ import annotations

from django.db import models

from companies.datasets.base import CompanyRow, Dataset, PersonRow, Word, once
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
