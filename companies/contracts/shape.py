"""What the database reads of a contract: the columns to build, and the terms that others rely on."""

from __future__ import annotations

from typing import Any

from companies.contracts.contract import Contract, Property


def shape_of(contract: Contract) -> dict[str, Any]:
    """The contract as its trigger in the database reads it (`companies/models/contracts/sql`)."""
    return {
        "owners": list(contract.owners),
        "key": list(contract.key_columns),
        "columns": [_column(each) for each in contract.facts],
        "terms": {
            "absence": contract.absence.value,
            "department": contract.department,
            "freshness_days": contract.freshness_days,
            "item": contract.item,
            "level": contract.level.value,
            "shift": {
                name: None if limit is None else str(limit)
                for name, limit in (
                    ("rows", contract.shift.rows),
                    ("losing_firms", contract.shift.losing_firms),
                    ("new_nulls", contract.shift.new_nulls),
                    ("wrong_rows", contract.shift.wrong_rows),
                )
            },
        },
    }


def _column(each: Property) -> dict[str, Any]:
    minimum, maximum = each.range
    shape = {
        "name": each.name,
        "formerly": each.formerly or None,
        "type": each.type.value,
        "unit": each.word.unit,
        "is_required": each.is_required,
        "length": each.length or None,
        "digits": each.digits or None,
        "places": each.places if each.digits else None,
        "minimum": None if minimum is None else str(minimum),
        "maximum": None if maximum is None else str(maximum),
        "codes": sorted(code.code for code in each.codes),
        "derived": {"source": each.derived.source, "part": each.derived.part.value} if each.derived else None,
    }
    return {name: value for name, value in shape.items() if value is not None}
