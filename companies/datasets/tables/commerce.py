"""What the commerce bureau shares."""

from __future__ import annotations

from django.db import models

from companies.datasets.base import Dataset, EngagementRow, Word, cny, once
from companies.datasets.catalogue import Absence
from companies.datasets.references import names_known


class CarSale(EngagementRow):
    """A car that a dealer sold to a person; the dealer files for the buyer."""

    dataset = Dataset(
        name="car_sales",
        zh="汽车销售",
        en="Car sales",
        department="commerce",
        key=("vin",),
        item="car",
        absence=Absence.NONE,
        freshness_days=62,
        words={
            "vin": Word("车辆识别代号", "Vehicle identification number"),
            "is_new_energy": Word("是否新能源汽车", "Is a new-energy car"),
            "price_ex_tax": Word("不含税价格", "Price without tax", "元"),
            "sold_on": Word("开票日期", "Sold on"),
        },
    )
    vin = models.CharField(max_length=17)
    is_new_energy = models.BooleanField(null=True)
    price_ex_tax_cny = cny()
    sold_on = models.DateField(null=True)

    class Meta:
        constraints = [once("car_sales", "company", "vin")]
        triggers = names_known("company_id", "employee_id")
