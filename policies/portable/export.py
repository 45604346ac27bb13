"""Exports a version to a file."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from policies.authoring.draft import fields_of
from policies.authoring.parts import clause_texts, example_texts, parameter_texts, table_texts
from policies.models import Policy, PolicyVersion, StackingGroup
from policies.portable.text import GroupText, NamedText, PolicyText
from policies.portable.write_dmn import write
from policies.rules.storage import library_used
from policies.subjects import catalogue_of

HEADER = ("code", "title_zh", "title_en", "summary_zh", "summary_en", "department")
# The fields of the version that the file keeps as decisions.
RULES = frozenset({"amount_feel", "limit_feel"})


def export(*, version: PolicyVersion, edition: str = "1.5") -> bytes:
    """The file of a version in an edition of DMN; importing the file gives a draft of the same meaning."""
    facts = catalogue_of(version.subject)
    return write(text_of(version=version), catalogue=facts, edition=edition)


def text_of(*, version: PolicyVersion) -> PolicyText:
    """The content of a version, with its stacking groups and the clauses of the library that it calls."""
    library = library_used(version=version)
    return PolicyText(
        header={name: getattr(version.policy, name) for name in HEADER},
        fields={name: field_text(name, value) for name, value in fields_of(version).items() if name not in RULES},
        clauses=tuple(clause_texts(version)),
        amount=version.amount_feel,
        limit=version.limit_feel,
        named=tuple(NamedText(**entry) for entry in library),
        parameters=tuple(parameter_texts(version)),
        tables=tuple(table_texts(version)),
        examples=tuple(example_texts(version)),
        groups=tuple(_group(group) for group in _groups(version.policy)),
    )


def _groups(policy: Policy) -> list[StackingGroup]:
    return list(StackingGroup.objects.filter(members__policy=policy).order_by("code"))


def _group(group: StackingGroup) -> GroupText:
    return GroupText(**{field.name: _plain(getattr(group, field.name)) for field in fields(GroupText)})


def _plain(value: Any) -> str:
    """A value as the file has it; "" for None and False."""
    return "" if value in (None, False) else str(value)


def field_text(name: str, value: Any) -> str:
    """The value of a version's field as text."""
    field: Any = PolicyVersion._meta.get_field(name)
    if isinstance(value, list):
        return ",".join(value)
    return "" if value is None else str(field.get_prep_value(value))
