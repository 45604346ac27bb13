"""What civil affairs share."""

from __future__ import annotations

from django.db import models

from companies.datasets.base import Dataset, PersonRow, Word, once
from companies.datasets.catalogue import Absence
from companies.datasets.references import names_known


class Marriage(PersonRow):
    """Whether a person is married; the spouse, where known, stands on the `Employee`."""

    dataset = Dataset(
        name="marriage",
        zh="婚姻登记",
        en="Marriage",
        department="civil",
        absence=Absence.UNKNOWN,
        freshness_days=200,
        words={"is_married": Word("是否已婚", "Is married")},
    )
    is_married = models.BooleanField(null=True)

    class Meta:
        constraints = [once("marriage", "employee")]
        triggers = names_known("employee_id")
