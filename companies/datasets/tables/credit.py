"""What the credit office shares."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from companies.datasets.base import CompanyRow, Dataset, PersonRow, Word, once
from companies.datasets.catalogue import Absence
from companies.datasets.references import names_known


class CreditList(models.TextChoices):
    """The lists of the credit office."""

    SERIOUS_DISHONESTY = "serious_dishonesty", _("serious dishonesty")
    JUDGMENT_DEFAULTER = "judgment_defaulter", _("judgment defaulter")
    WAGE_ARREARS = "wage_arrears", _("wage arrears")
    ZOMBIE = "zombie", _("zombie firm")
    ABNORMAL_OPERATION = "abnormal_operation", _("abnormal operation")


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
    kind = models.CharField(max_length=20, choices=CreditList.choices)
    listed_on = models.DateField()
    removed_on = models.DateField(null=True)

    class Meta:
        constraints = [once("credit", "company", "kind", "listed_on")]
        triggers = names_known("company_id")


class PersonCreditRecord(PersonRow):
    """A person's entry on a list of the credit office; the lists are complete, so no entry means clean."""

    dataset = Dataset(
        name="person_credit",
        zh="个人信用记录",
        en="Credit records of persons",
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
    kind = models.CharField(max_length=20, choices=CreditList.choices)
    listed_on = models.DateField()
    removed_on = models.DateField(null=True)

    class Meta:
        constraints = [once("person_credit", "employee", "kind", "listed_on")]
        triggers = names_known("employee_id")
