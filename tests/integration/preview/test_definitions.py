"""A version's definitions as they are stored: a wrong definition is refused by its name."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from policies.models import DecisionTable, NamedClause, Parameter, ParameterValue, PolicyVersion, VersionStatus
from policies.rules.rules import DefinitionRefused, checked_rules_of, definitions_of
from tests.factories.policies import make_draft

pytestmark = pytest.mark.django_db

INPUTS = [{"label_zh": "人数", "label_en": "Staff", "feel": "count(tax)"}]
ROWS = [{"cells": ["-"], "output": "1"}]


def table(version: PolicyVersion, **columns: Any) -> DecisionTable:
    """A table of a version."""
    usual = {"name": "tier", "name_zh": "档次", "inputs": INPUTS, "rows": ROWS}
    return DecisionTable.objects.create(version=version, **(usual | columns))


SHAPES: list[dict[str, Any]] = [
    {"inputs": {}},
    {"inputs": ["count(tax)"]},
    {"inputs": [{"feel": "count(tax)"}]},
    {"inputs": [{"label_zh": 1, "label_en": "", "feel": ""}]},
    {"rows": None},
    {"rows": [{"cells": "-", "output": "1"}]},
    {"rows": [{"cells": [1], "output": "1"}]},
    {"rows": [{"cells": ["-"], "output": 1}]},
    {"rows": [["-", "1"]]},
]


@pytest.mark.parametrize("columns", SHAPES)
def test_a_table_of_another_shape_is_refused_by_its_name(columns: dict[str, Any]) -> None:
    version = make_draft("true")
    try:
        with transaction.atomic():
            table(version, **columns)
    except IntegrityError:
        return
    with (
        translation.override("en"),
        pytest.raises(DefinitionRefused, match="“tier”: The table “tier” is not written as"),
    ):
        definitions_of(PolicyVersion.objects.get(pk=version.pk))


def test_two_of_one_name_are_refused() -> None:
    version = make_draft("true")
    Parameter.objects.create(version=version, name="tier", name_zh="标准")
    table(version)
    with translation.override("en"), pytest.raises(DefinitionRefused, match="Two definitions are called “tier”"):
        checked_rules_of(PolicyVersion.objects.get(pk=version.pk))


def test_a_name_that_a_department_has_is_refused() -> None:
    version = make_draft("true")
    table(version, name="tax", name_zh="税")
    with translation.override("en"), pytest.raises(DefinitionRefused, match="“tax” is a department's fact already"):
        checked_rules_of(PolicyVersion.objects.get(pk=version.pk))


def test_values_come_in_one_order_whatever_was_stored_first() -> None:
    found = []
    for places in ([0, 1], [1, 0]):
        version = make_draft("true")
        rate = Parameter.objects.create(version=version, name="rate", name_zh="费率")
        for place in places:
            ParameterValue.objects.create(parameter=rate, district=("", "330127")[place], value=Decimal(place))
        found.append(definitions_of(PolicyVersion.objects.get(pk=version.pk)))
    assert found[0] == found[1]


def test_a_draft_follows_the_library_and_a_submitted_version_keeps_it() -> None:
    clause = NamedClause.objects.create(name="alive", name_zh="存续", title_zh="存续", feel="true")
    version = make_draft("true")
    assert [each.feel for each in definitions_of(version).clauses] == ["true"]
    frozen = [{"name": "alive", "name_zh": "存续", "title_zh": "存续", "title_en": "", "feel": "true"}]
    clause.feel = "false"
    clause.save()
    assert [each.feel for each in definitions_of(version).clauses] == ["false"]
    version.status, version.frozen_clauses = VersionStatus.SUBMITTED, frozen
    assert [each.feel for each in definitions_of(version).clauses] == ["true"]
