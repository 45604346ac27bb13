"""Definitions that clauses call by name (named clauses, parameters, decision tables), and examples of a version."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from policies.models.promises import final_with_its_version
from qinqing.kernel.database.columns import MoneyField, NumberField
from qinqing.kernel.text import Bilingual


class NamedClause(models.Model):
    """A condition of the shared library. Drafts use its present text; a submitted version keeps the text of its day."""

    name = models.CharField(_("name in rules"), max_length=60, unique=True)
    name_zh = models.CharField(_("Chinese name in rules"), max_length=60, unique=True)
    title_zh = models.CharField(_("condition in Chinese"), max_length=120)
    title_en = models.CharField(_("condition in English"), max_length=120, blank=True)
    feel = models.TextField(_("condition (FEEL)"))

    class Meta:
        verbose_name = _("named clause")
        verbose_name_plural = _("named clauses")

    def __str__(self) -> str:
        return str(self.title)

    @property
    def title(self) -> Bilingual:
        """The condition in plain words, in both languages."""
        return Bilingual(self.title_zh, self.title_en)


class Parameter(models.Model):
    """A number of a version that differs by district or by date."""

    version = models.ForeignKey("policies.PolicyVersion", on_delete=models.CASCADE, related_name="parameters")
    name = models.CharField(_("name in rules"), max_length=60)
    name_zh = models.CharField(_("Chinese name in rules"), max_length=60)
    name_en = models.CharField(_("English title"), max_length=120, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("parameter")
        verbose_name_plural = _("parameters")
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="parameter_name_once"),
            models.UniqueConstraint(fields=["version", "name_zh"], name="parameter_name_zh_once"),
        ]
        triggers = [
            final_with_its_version(
                "parameter_is_final", "The parameters of a policy version change only while it is a draft."
            )
        ]

    def __str__(self) -> str:
        return self.name


class ParameterValue(models.Model):
    """The value of a parameter in one district (empty: everywhere) from one day on (null: always)."""

    parameter = models.ForeignKey(Parameter, on_delete=models.CASCADE, related_name="values")
    district = models.CharField(_("district"), max_length=6, blank=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    value = NumberField(_("value"), max_digits=20, decimal_places=6)

    class Meta:
        verbose_name = _("value of a parameter")
        verbose_name_plural = _("values of a parameter")
        constraints = [
            models.UniqueConstraint(
                fields=["parameter", "district", "valid_from"],
                name="parameter_value_once",
                nulls_distinct=False,
                violation_error_message=_("A district has one value from one day on."),
            ),
        ]
        triggers = [
            final_with_its_version(
                "parameter_value_is_final",
                "The parameters of a policy version change only while it is a draft.",
                owner="SELECT version_id FROM policies_parameter WHERE id = {row}.parameter_id",
            )
        ]

    def __str__(self) -> str:
        return str(self.value)


class HitPolicy(models.TextChoices):
    """How a decision table combines the rows that match."""

    UNIQUE = "U", _("U: exactly one row may match")
    FIRST = "F", _("F: the first row that matches")
    SUM = "C+", _("C+: the sum of all rows that match")


class DecisionTable(models.Model):
    """
    A table of tiers that a rule calls by its name.

    `inputs` are `[{"label_zh", "label_en", "feel"}]`; `rows` are `[{"cells": [unary tests], "output": FEEL}]`,
    one cell for each input.
    """

    version = models.ForeignKey("policies.PolicyVersion", on_delete=models.CASCADE, related_name="tables")
    name = models.CharField(_("name in rules"), max_length=60)
    name_zh = models.CharField(_("Chinese name in rules"), max_length=60)
    name_en = models.CharField(_("English title"), max_length=120, blank=True)
    hit_policy = models.CharField(_("hit policy"), max_length=2, choices=HitPolicy.choices, default=HitPolicy.UNIQUE)
    inputs = models.JSONField(_("inputs"))
    rows = models.JSONField(_("rows"))

    class Meta:
        verbose_name = _("decision table")
        verbose_name_plural = _("decision tables")
        constraints = [
            models.UniqueConstraint(fields=["version", "name"], name="decision_table_name_once"),
            models.UniqueConstraint(fields=["version", "name_zh"], name="decision_table_name_zh_once"),
        ]
        triggers = [
            final_with_its_version(
                "decision_table_is_final", "The tables of a policy version change only while it is a draft."
            )
        ]

    def __str__(self) -> str:
        return self.name


class ExpectedVerdict(models.TextChoices):
    """The verdict that the author of an example expects."""

    ELIGIBLE = "eligible", _("eligible")
    INELIGIBLE = "ineligible", _("not eligible")
    UNKNOWN = "unknown", _("unknown: a fact is missing")


class Example(models.Model):
    """
    Facts of an invented firm or person, and the verdict that the version should give.

    `facts` are keyed by the English names of the catalogue: `{"company": {…}, "tax": [{…}], "as_of": "2023-10-01"}`;
    a group that is absent was not delivered.
    """

    version = models.ForeignKey("policies.PolicyVersion", on_delete=models.CASCADE, related_name="examples")
    position = models.PositiveSmallIntegerField(_("position"))
    title = models.CharField(_("example"), max_length=120)
    facts = models.JSONField(_("facts"))
    expected_verdict = models.CharField(_("expected"), max_length=10, choices=ExpectedVerdict.choices)
    expected_cny = MoneyField(_("expected amount"), max_digits=14, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = _("example")
        verbose_name_plural = _("examples")
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="example_position_once"),
            models.CheckConstraint(
                condition=Q(expected_verdict=ExpectedVerdict.ELIGIBLE) | Q(expected_cny=None),
                name="example_amount_only_when_eligible",
                violation_error_message=_("Only somebody who is eligible gets an amount."),
            ),
        ]
        triggers = [
            final_with_its_version(
                "example_is_final", "The examples of a policy version change only while it is a draft."
            )
        ]

    def __str__(self) -> str:
        return self.title
