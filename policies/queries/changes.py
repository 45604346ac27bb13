"""What one wording of a policy says otherwise than another, for people to read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from policies.models import PolicyVersion

FIELDS = (
    *("subject", "payee", "period_label", "as_of_on", "amount_feel", "limit_feel", "minimum_cny", "cap_cny"),
    *("granted_cny", "track", "pool", "publicise_days", "counts_working_days", "effective_on", "opens_on", "closes_on"),
    *("commitment_zh", "commitment_en"),
)
_TOKENS = re.compile(r"\s+|\w+|.")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `kind` is "same", "gone" or "new"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: what it is, and its text before and after with the words that are gone or new."""

    name: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


def changes(*, before: PolicyVersion, after: PolicyVersion) -> tuple[Change, ...]:
    """All that differs between two versions, in the order of the form; empty when they say the same."""
    old, new = said(before), said(after)
    names = [*new, *(name for name in old if name not in new)]
    return tuple(
        _change(name, old.get(name, ""), new.get(name, "")) for name in names if old.get(name, "") != new.get(name, "")
    )


def said(version: PolicyVersion) -> dict[str, str]:
    """Everything a version says, by what it is called, as text."""
    fields = {str(PolicyVersion._meta.get_field(name).verbose_name): _shown(version, name) for name in FIELDS}  # type: ignore[union-attr]
    return fields | dict(_parts(version))


def _shown(version: PolicyVersion, name: str) -> str:
    if hasattr(version, f"get_{name}_display"):
        return str(getattr(version, f"get_{name}_display")())
    return _text(getattr(version, name))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return number_format(value.normalize(), force_grouping=True)
    return date_format(value) if isinstance(value, dt.date) else str(value)


def _parts(version: PolicyVersion) -> Iterator[tuple[str, str]]:
    for clause in version.clauses.order_by("position"):
        yield _("Condition “%(title)s”") % {"title": clause.title}, clause.feel
    for parameter in version.parameters.order_by("name"):
        values = parameter.values.order_by("district", "valid_from", "pk")
        lines = [" ".join(filter(None, (v.district, _text(v.valid_from), _text(v.value)))) for v in values]
        yield _("Parameter “%(name)s”") % {"name": parameter.name_zh}, "\n".join(lines)
    for table in version.tables.order_by("name"):
        yield _("Table “%(name)s”") % {"name": table.name_zh}, _rows(table.inputs, table.rows)
    for example in version.examples.order_by("position"):
        expected = f"{example.get_expected_verdict_display()} {_text(example.expected_cny)}".strip()
        yield _("Example “%(title)s”") % {"title": example.title}, expected


def _rows(inputs: list[Mapping[str, str]], rows: list[Mapping[str, Any]]) -> str:
    head = " | ".join(column["feel"] for column in inputs)
    return "\n".join([head, *(f"{' | '.join(row['cells'])} → {row['output']}" for row in rows)])


def _change(name: str, before: str, after: str) -> Change:
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    gone, added = [], []
    for kind, start, end, first, last in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        gone.append(Piece("same" if kind == "equal" else "gone", "".join(old[start:end])))
        added.append(Piece("same" if kind == "equal" else "new", "".join(new[first:last])))
    return Change(name, tuple(piece for piece in gone if piece.text), tuple(piece for piece in added if piece.text))
