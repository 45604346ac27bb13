"""The content of a version with its hash, and a state that shows whether somebody has saved a draft meanwhile."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from policies.models import PolicyVersion
from policies.rules.storage import library_used

# The columns that moves of a version write; officers write all others.
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


def content_hash(*, version: PolicyVersion) -> str:
    """SHA-256, in hexadecimal, of a version's content as JSON with sorted keys."""
    canonical = json.dumps(
        content(version=version), cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def saved_state(*, version: PolicyVersion) -> list[Any]:
    """
    The status, the fields and the ids of the parts of a draft; they differ once anybody has saved or submitted it.

    Saving a draft replaces its parts, so that their ids change even where their texts do not.
    """
    parts = (version.clauses, version.parameters, version.tables, version.examples)
    rows = [sorted(part.values_list("pk", flat=True)) for part in parts]
    return [version.status, version.policy_id, _fields(version), rows]


def content(*, version: PolicyVersion) -> dict[str, Any]:
    """Everything that officers wrote in a version, as JSON values, dates and decimals."""
    return {
        "policy": version.policy.code,
        **_fields(version),
        "library": library_used(version=version),
        "clauses": list(version.clauses.order_by("position").values(*_CLAUSE)),
        "parameters": [
            {name: getattr(parameter, name) for name in _PARAMETER}
            | {"values": list(parameter.values.order_by("district", "valid_from", "pk").values(*_VALUE))}
            for parameter in version.parameters.order_by("name")
        ],
        "tables": list(version.tables.order_by("name").values(*_TABLE)),
        "examples": list(version.examples.order_by("position").values(*_EXAMPLE)),
    }


def _fields(version: PolicyVersion) -> dict[str, Any]:
    return {
        field.name: field.value_from_object(version)
        for field in version._meta.concrete_fields
        if field.name not in _NOT_CONTENT
    }
