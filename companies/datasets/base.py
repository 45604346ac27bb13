"""The base of dataset models. Each model describes itself, and the catalogue of facts is derived from that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from companies.datasets.catalogue import Absence
from qinqing.kernel.database.columns import MoneyField
from qinqing.kernel.money import DECIMAL_PLACES, MAX_DIGITS

MONTH_PATTERN = r"^[0-9]{4}-(0[1-9]|1[0-2])$"
QUARTER_PATTERN = r"^[0-9]{4}Q[1-4]$"
CREDIT_CODE_PATTERN = r"^[0-9A-HJ-NP-RTUW-Y]{18}$"


@dataclass(frozen=True, slots=True)
class Word:
    """The name of a fact in both languages, and its unit."""

    zh: str
    en: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """
    How a dataset is called, whose it is, and which of its columns are facts.

    A fact is called like its column, without the ending `_cny`.
    `key` are the columns that identify a row beside its subject; a later delivery of the same key replaces the
    row. `item` is the singular under which a policy may pay once per row ("loan" of "loans").
    """

    name: str
    zh: str
    en: str
    department: str
    words: Mapping[str, Word]
    key: tuple[str, ...] = ()
    item: str = ""
    absence: Absence = Absence.UNKNOWN
    freshness_days: int | None = None

    @property
    def is_list(self) -> bool:
        """Whether a subject may have many rows."""
        return bool(self.key)


class DatasetRow(models.Model):
    """A row that a department delivered."""

    dataset: ClassVar[Dataset]
    # The three references below are kept by the triggers of `companies.datasets.references`.
    delivery = models.ForeignKey(
        "companies.Delivery", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.dataset.name} {self.pk}"


class CompanyRow(DatasetRow):
    """A row about a company; the unique constraint of each dataset starts with it and serves as its index."""

    company = models.ForeignKey(
        "companies.Company", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        abstract = True


class EngagementRow(CompanyRow):
    """A row about a person at a company; the delivery may make the person known."""

    employee = models.ForeignKey("companies.Employee", on_delete=models.PROTECT, related_name="+", db_constraint=False)

    class Meta:
        abstract = True


class PersonRow(DatasetRow):
    """A row about a person."""

    employee = models.ForeignKey(
        "companies.Employee", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        abstract = True


def cny() -> models.DecimalField[Decimal | str | None, Decimal | None]:
    """A column of money in yuan; null where the department does not know."""
    return MoneyField(max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES, null=True)


def month() -> models.CharField[str, str]:
    """A column of months such as "2024-03"; the model promises the form with `has_form`."""
    return models.CharField(max_length=7, validators=[RegexValidator(MONTH_PATTERN)])


def quarter() -> models.CharField[str, str]:
    """A column of quarters such as "2024Q1"; the model promises the form with `has_form`."""
    return models.CharField(max_length=6, validators=[RegexValidator(QUARTER_PATTERN)])


def credit_code() -> models.CharField[str | None, str | None]:
    """A column of credit codes of others than the subject; null where the department does not know."""
    return models.CharField(max_length=18, null=True, validators=[RegexValidator(CREDIT_CODE_PATTERN)])


def has_form(name: str, field: str, pattern: str) -> models.CheckConstraint:
    """The promise that every value of a column matches a pattern; a null does."""
    return models.CheckConstraint(condition=Q(**{f"{field}__regex": pattern}), name=f"{name}_{field}_has_form")


def once(name: str, *fields: str) -> models.UniqueConstraint:
    """The promise that a dataset holds one row per subject and key."""
    return models.UniqueConstraint(fields=fields, name=f"{name}_once_per_{fields[-1]}")
