"""All that a version says: its hash, and what it takes from the library of named clauses."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from policies.models import NamedClause, PolicyVersion, VersionStatus

_NAME = re.compile(r"\w+")
# What the life of a version writes, as against what officers wrote in it.
_NOT_CONTENT = frozenset(
    {
        "id",
        "policy",
        "status",
        "content_hash",
        "datasets",
        "frozen_clauses",
        "drafted_by",
        "writer_ids",
        "submitted_at",
        "submitted_by",
        "published_at",
        "published_by",
        "closed_at",
        "closed_by",
        "sequence",
        "moved_at",
        "moved_by",
        "moved_because",
    }
)
_CLAUSE = ("position", "title_zh", "title_en", "feel")
_PARAMETER = ("name", "name_zh", "name_en", "unit")
_VALUE = ("district", "valid_from", "value")
_TABLE = ("name", "name_zh", "name_en", "hit_policy", "inputs", "rows")
_EXAMPLE = ("position", "title", "facts", "expected_verdict", "expected_cny")
_LIBRARY = ("name", "name_zh", "title_zh", "title_en", "feel")


def content_hash(*, version: PolicyVersion) -> str:
    """SHA-256, in hex, over all that a version says: its fields and parts, as JSON with sorted keys."""
    canonical = json.dumps(
        content(version=version), cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def content(*, version: PolicyVersion) -> dict[str, Any]:
    """All that officers wrote in a version, as JSON's kinds of values and dates and decimals."""
    fields = {
        field.name: field.value_from_object(version)
        for field in version._meta.concrete_fields
        if field.name not in _NOT_CONTENT
    }
    return {
        "policy": version.policy.code,
        **fields,
        "library": library_used(version=version) if version.status == VersionStatus.DRAFT else version.frozen_clauses,
        "clauses": list(version.clauses.order_by("position").values(*_CLAUSE)),
        "parameters": [
            {name: getattr(parameter, name) for name in _PARAMETER}
            | {"values": list(parameter.values.order_by("district", "valid_from", "pk").values(*_VALUE))}
            for parameter in version.parameters.order_by("name")
        ],
        "tables": list(version.tables.order_by("name").values(*_TABLE)),
        "examples": list(version.examples.order_by("position").values(*_EXAMPLE)),
    }


def library_used(*, version: PolicyVersion) -> list[dict[str, str]]:
    """
    The named clauses that the rules of a version mention, and those that these mention in turn, by their names.

    Names are looked for as words; one that merely occurs within a text is kept too, which harms nobody.
    """
    library = list(NamedClause.objects.order_by("name"))
    used: dict[str, NamedClause] = {}
    texts = list(_rules(version))
    while texts:
        words = set(_NAME.findall(texts.pop()))
        for clause in library:
            if clause.name not in used and words & {clause.name, clause.name_zh}:
                used[clause.name] = clause
                texts.append(clause.feel)
    return [{name: getattr(used[key], name) for name in _LIBRARY} for key in sorted(used)]


def _rules(version: PolicyVersion) -> Iterable[str]:
    yield version.amount_feel
    yield version.limit_feel
    yield from version.clauses.values_list("feel", flat=True)
    for table in version.tables.values_list("inputs", "rows"):
        yield json.dumps(table, ensure_ascii=False)
