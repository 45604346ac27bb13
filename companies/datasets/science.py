"""What science and technology shares."""

from __future__ import annotations

from django.db import models

from companies.catalogue import Absence
from companies.datasets.base import CompanyRow, Dataset, Word, once


class Title(CompanyRow):
    """A title that a company was given, such as national high-tech enterprise."""

    dataset = Dataset(
        name="titles",
        zh="科技称号",
        en="Science and technology titles",
        department="science",
        key=("certificate",),
        item="title",
        absence=Absence.NONE,
        freshness_days=400,
        words={
            "certificate": Word("证书编号", "Certificate number"),
            "kind": Word("称号", "Title"),
            "recognition": Word("认定方式", "Recognition"),
            "awarded_on": Word("认定日期", "Awarded on"),
        },
    )
    certificate = models.CharField(max_length=30)
    # national_high_tech, little_giant
    kind = models.CharField(max_length=24, null=True)
    # first, renewal
    recognition = models.CharField(max_length=8, null=True)
    awarded_on = models.DateField(null=True)

    class Meta:
        constraints = [once("titles", "company", "certificate")]
