"""Converts definitions from the form in which they are stored to the form of the rule language."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping

from policies.feel.definitions import NOWHERE, ClauseText, DatedValue, InputText, ParameterText, RowText, TableText
from policies.feel.messages.errors import FeelError
from policies.models import DecisionTable, NamedClause, Parameter, PolicyVersion, VersionStatus

_LIBRARY = ("name", "name_zh", "title_zh", "title_en", "feel")


def read_library() -> list[dict[str, str]]:
    """The library's named clauses of now, in the form of `PolicyVersion.frozen_clauses`."""
    rows = NamedClause.objects.order_by("name").values_list(*_LIBRARY)
    return [dict(zip(_LIBRARY, row, strict=True)) for row in rows]


def clause_text(row: Mapping[str, str]) -> ClauseText:
    """
    A named clause from its stored form.

    Raises:
        FeelError: its name cannot be one.
    """
    return ClauseText(**row)


def parameter_text(parameter: Parameter) -> ParameterText:
    """
    A parameter with its values, in an order that does not depend on the database.

    Raises:
        FeelError: its name cannot be one.
    """
    values = [DatedValue(each.value, each.district, each.valid_from) for each in parameter.values.all()]
    return ParameterText(
        name=parameter.name,
        name_zh=parameter.name_zh,
        values=tuple(sorted(values, key=lambda each: (each.district, each.valid_from or dt.date.min))),
        name_en=parameter.name_en,
        unit=parameter.unit,
    )


def stored_table_text(table: DecisionTable) -> TableText:
    """
    A stored decision table in the form of the rule language.

    Raises:
        FeelError: it has not the form that `DecisionTable` describes, or is no table.
    """
    return table_text(
        name=table.name,
        name_zh=table.name_zh,
        name_en=table.name_en,
        hit_policy=table.hit_policy,
        inputs=table.inputs,
        rows=table.rows,
    )


def table_text(*, name: str, name_zh: str, name_en: str, hit_policy: str, inputs: object, rows: object) -> TableText:
    """
    A decision table from its stored form: `inputs` and `rows` are lists of objects, as `DecisionTable` keeps them.

    Raises:
        FeelError: it is not of that form, or cannot be a table.
    """
    return TableText(
        name=name,
        name_zh=name_zh,
        hit_policy=hit_policy,
        inputs=tuple(InputText(*_texts(each, name, "label_zh", "label_en", "feel")) for each in _list(inputs, name)),
        rows=tuple(_row(each, name) for each in _list(rows, name)),
        name_en=name_en,
    )


def _row(found: object, name: str) -> RowText:
    cells = tuple(_text(cell, name) for cell in _list(_of(found, "cells", name), name))
    return RowText(cells, *_texts(found, name, "output"))


def _list(found: object, name: str) -> list[object]:
    if not isinstance(found, list):
        raise FeelError("bad_table_shape", NOWHERE, name=name)
    return found


def _of(found: object, key: str, name: str) -> object:
    if not isinstance(found, dict) or key not in found:
        raise FeelError("bad_table_shape", NOWHERE, name=name)
    return found[key]


def _text(found: object, name: str) -> str:
    if not isinstance(found, str):
        raise FeelError("bad_table_shape", NOWHERE, name=name)
    return found


def _texts(found: object, name: str, *keys: str) -> list[str]:
    return [_text(_of(found, key, name), name) for key in keys]


_WORD = re.compile(r"\w+")


def library_used(*, version: PolicyVersion) -> list[dict[str, str]]:
    """
    The named clauses that the rules of a version call, directly or through another named clause, by their names.

    For a draft they come from the library of now; a submitted version keeps its own copy. The search is for words: a
    name that stands in a quoted text counts as well, which does no harm.
    """
    if version.status != VersionStatus.DRAFT:
        kept: list[dict[str, str]] = version.frozen_clauses
        return kept
    known = read_library()
    used: dict[str, dict[str, str]] = {}
    texts = list(_rules(version))
    while texts:
        words = set(_WORD.findall(texts.pop()))
        for clause in known:
            if clause["name"] not in used and words & {clause["name"], clause["name_zh"]}:
                used[clause["name"]] = clause
                texts.append(clause["feel"])
    return [used[name] for name in sorted(used)]


def changed_in_library(*, version: PolicyVersion) -> list[str]:
    """The names of the clauses whose text in the library differs from the copy of a submitted version."""
    known = {clause["name"]: clause["feel"] for clause in read_library()} if version.frozen_clauses else {}
    return [kept["name"] for kept in version.frozen_clauses if known.get(kept["name"]) != kept["feel"]]


def _rules(version: PolicyVersion) -> Iterable[str]:
    yield version.amount_feel
    yield version.limit_feel
    yield version.payee_feel
    yield from version.clauses.values_list("feel", flat=True)
    for table in version.tables.values_list("inputs", "rows"):
        yield json.dumps(table, ensure_ascii=False)
