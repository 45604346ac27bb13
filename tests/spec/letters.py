"""Tables of made-up facts, one for each rule, with the answer of a version on both engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from policies.authoring.parts import ParameterText, TableText
from policies.models import NamedClause
from policies.trial.trial import try_version, try_version_in_sql
from qinqing.demo.policies.library import LIBRARY
from tests.factories.policies import make_draft

NO: Decimal | str | None = "no"  # Not eligible.
UNKNOWN: Decimal | str | None = None  # A fact is missing.


@dataclass(frozen=True)
class Rule:
    """
    What a version says, and its table: facts, and the amount in yuan, `NO` or `UNKNOWN`.

    `shared` facts belong to every row of the table.
    """

    name: str
    amount: str
    table: Sequence[tuple[Mapping[str, Any], Any]]
    clauses: tuple[str, ...] = ("true",)
    shared: Mapping[str, Any] = field(default_factory=dict)
    parameters: tuple[ParameterText, ...] = ()
    tables: tuple[TableText, ...] = ()
    version: Mapping[str, Any] = field(default_factory=dict)


def holds(rule: Rule) -> None:
    """Check that both engines give each row of the table its answer."""
    NamedClause.objects.bulk_create(
        NamedClause(name=name, name_zh=name_zh, title_zh=title_zh, title_en=title_en, feel=feel)
        for name, name_zh, title_zh, title_en, feel in LIBRARY
    )
    version = make_draft(
        *rule.clauses, amount=rule.amount, parameters=rule.parameters, tables=rule.tables, **rule.version
    )
    for facts, expected in rule.table:
        known = {**rule.shared, **facts}
        python, sql = try_version(version=version, facts=known), try_version_in_sql(version=version, facts=known)
        assert python == sql, (rule.name, facts)
        said = NO if python.verdict is False else python.amount_cny
        wanted = Decimal(expected) if isinstance(expected, int | float) else expected
        assert said == wanted, (rule.name, facts, [reason.sentence for reason in python.reasons])


def tiers(name: str, hit_policy: str, feel: Sequence[str], *rows: tuple[str, ...]) -> TableText:
    """A decision table; each row is its cells and, last, its output."""
    return TableText(
        name=name,
        name_zh=f"{name}表",
        hit_policy=hit_policy,
        inputs=tuple({"label_zh": text, "label_en": text, "feel": text} for text in feel),
        rows=tuple({"cells": list(cells), "output": output} for *cells, output in rows),
    )


def headcounts(first: str, *values: float | None, **others: object) -> list[dict[str, Any]]:
    """Records of insured headcounts from a month on; None is a month that came without its number."""
    year, start = first[:5], int(first[5:])
    return [{"month": f"{year}{start + place:02d}", "insured": value, **others} for place, value in enumerate(values)]
