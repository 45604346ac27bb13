"""What a draft is made of besides its fields: conditions, parameters, decision tables and examples."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from policies.models import Clause, DecisionTable, Example, Parameter, ParameterValue, PolicyVersion
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class ClauseText:
    """A condition as an officer writes it."""

    title_zh: str
    title_en: str
    feel: str


@dataclass(frozen=True, slots=True)
class ValueText:
    """What a parameter is in one district (empty: everywhere) from one day on (None: always)."""

    value: Decimal
    district: str = ""
    valid_from: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ParameterText:
    """A number that differs by district or date, with the names by which rules call it."""

    name: str
    name_zh: str
    values: tuple[ValueText, ...]
    name_en: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class TableText:
    """
    A decision table, with the names by which rules call it.

    `inputs` are `{"label_zh", "label_en", "feel"}`; `rows` are `{"cells": [unary tests], "output": FEEL}`.
    """

    name: str
    name_zh: str
    inputs: tuple[dict[str, str], ...]
    rows: tuple[dict[str, Any], ...]
    hit_policy: str = "U"
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class ExampleText:
    """Facts of somebody made up, as `policies.models.Example` keeps them, and what should come out."""

    title: str
    facts: dict[str, Any]
    expected_verdict: str
    expected_cny: Decimal | None = None


class NotADraft(Refusal):
    """Only a draft can be changed or submitted."""


class BadParts(Refusal):
    """Parts of a version contradict each other: they share a name, a district and day, or pay who is not eligible."""


def write_parts(
    *,
    version: PolicyVersion,
    clauses: Sequence[ClauseText] | None = None,
    parameters: Sequence[ParameterText] | None = None,
    tables: Sequence[TableText] | None = None,
    examples: Sequence[ExampleText] | None = None,
) -> None:
    """
    Replace the given kinds of parts of a draft, numbered in their order. The caller checks the rules in them.

    Raises:
        NotADraft: the version was submitted meanwhile.
        BadParts: two of them share a name, or two values a district and day, or an ineligible example has an amount.
    """
    with translate_refusals(_refusals(version)):
        if clauses is not None:
            _replace(Clause, version, [asdict(clause) for clause in clauses], is_numbered=True)
        if parameters is not None:
            _replace_parameters(version, parameters)
        if tables is not None:
            rows = [asdict(table) | {"inputs": list(table.inputs), "rows": list(table.rows)} for table in tables]
            _replace(DecisionTable, version, rows)
        if examples is not None:
            _replace(Example, version, [asdict(example) for example in examples], is_numbered=True)


def _refusals(version: PolicyVersion) -> dict[str, Exception]:
    no_draft = NotADraft(_("%(version)s is not a draft any more.") % {"version": version})
    finals = ("clause_is_final", "parameter_is_final", "parameter_value_is_final", "decision_table_is_final")
    same_name = BadParts(_("Two parameters or two tables have the same name."))
    names = ("parameter_name_once", "parameter_name_zh_once", "decision_table_name_once", "decision_table_name_zh_once")
    return {
        **dict.fromkeys((*finals, "example_is_final"), no_draft),
        **dict.fromkeys(names, same_name),
        "parameter_value_once": BadParts(_("A district has one value from one day on.")),
        "example_amount_only_when_eligible": BadParts(_("Only somebody who is eligible gets an amount.")),
    }


def _replace(
    model: type[Model], version: PolicyVersion, rows: Sequence[dict[str, Any]], *, is_numbered: bool = False
) -> None:
    parts = model._default_manager
    parts.filter(version=version).delete()
    places = [{"position": place} if is_numbered else {} for place in range(1, len(rows) + 1)]
    parts.bulk_create(model(version=version, **row, **place) for row, place in zip(rows, places, strict=True))


def _replace_parameters(version: PolicyVersion, parameters: Sequence[ParameterText]) -> None:
    version.parameters.all().delete()
    for parameter in parameters:
        row = Parameter.objects.create(
            version=version,
            name=parameter.name,
            name_zh=parameter.name_zh,
            name_en=parameter.name_en,
            unit=parameter.unit,
        )
        ParameterValue.objects.bulk_create(ParameterValue(parameter=row, **asdict(value)) for value in parameter.values)


def clause_texts(version: PolicyVersion) -> list[ClauseText]:
    """The conditions of a version, in their order."""
    rows = version.clauses.order_by("position").values_list("title_zh", "title_en", "feel")
    return [ClauseText(*row) for row in rows]


def parameter_texts(version: PolicyVersion) -> list[ParameterText]:
    """The parameters of a version with their values, by name."""
    return [
        ParameterText(
            name=parameter.name,
            name_zh=parameter.name_zh,
            name_en=parameter.name_en,
            unit=parameter.unit,
            values=tuple(
                ValueText(value.value, value.district, value.valid_from)
                for value in parameter.values.order_by("district", "valid_from", "pk")
            ),
        )
        for parameter in version.parameters.order_by("name")
    ]


def table_texts(version: PolicyVersion) -> list[TableText]:
    """The decision tables of a version, by name."""
    return [
        TableText(
            name=table.name,
            name_zh=table.name_zh,
            name_en=table.name_en,
            hit_policy=table.hit_policy,
            inputs=tuple(table.inputs),
            rows=tuple(table.rows),
        )
        for table in version.tables.order_by("name")
    ]


def example_texts(version: PolicyVersion) -> list[ExampleText]:
    """The examples of a version, in their order."""
    rows = version.examples.order_by("position").values_list("title", "facts", "expected_verdict", "expected_cny")
    return [ExampleText(*row) for row in rows]
