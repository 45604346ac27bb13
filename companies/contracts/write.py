"""Writes a contract in the form of the Open Data Contract Standard 3.1."""

from __future__ import annotations

from typing import Any, Final

import yaml

from companies.contracts.contract import Contract, Level, Property, Role, Type
from companies.contracts.read import API_VERSIONS, DATE_FORMATS, ENGINE, LIMITS, TEXT_FORMATS
from companies.datasets.catalogue import Absence

_LOGICAL: Final = {
    Type.TEXT: "string",
    Type.CODE: "string",
    Type.CREDIT_CODE: "string",
    Type.ID_NUMBER: "string",
    Type.WHOLE: "integer",
    Type.NUMBER: "number",
    Type.YUAN: "number",
    Type.YES_NO: "boolean",
}
_FORMATS: Final = {kind: written for written, kind in (DATE_FORMATS | TEXT_FORMATS).items()}


def write_contract(contract: Contract) -> str:
    """The contract as YAML; `read_contract` reads an equal one from it, but for what it left unread."""
    return yaml.safe_dump(_document(contract), allow_unicode=True, sort_keys=False, width=120)


def _document(contract: Contract) -> dict[str, Any]:
    return _without_nothing(
        {
            "apiVersion": API_VERSIONS[0],
            "kind": "DataContract",
            "id": f"qinqing-{contract.name}",
            "name": contract.name,
            "version": contract.version,
            "status": "active",
            "description": {"purpose": contract.purpose} if contract.purpose else None,
            "team": {"name": contract.owner} if contract.owner else None,
            "schema": [_table(contract)],
            "slaProperties": _agreed(contract),
        }
    )


def _table(contract: Contract) -> dict[str, Any]:
    return _without_nothing(
        {
            "name": contract.name,
            "physicalType": "table",
            "businessName": contract.word.zh,
            "customProperties": _custom(
                subject=contract.subject.value,
                department=contract.department,
                zh=contract.word.zh,
                en=contract.word.en,
                item=contract.item,
                absence=contract.absence.value if contract.absence is not Absence.UNKNOWN else "",
                level=contract.level.value if contract.level is not Level.CITY else "",
            ),
            "quality": _quality(contract),
            "properties": [_property(contract, each) for each in contract.properties],
        }
    )


def _property(contract: Contract, each: Property) -> dict[str, Any]:
    return _without_nothing(
        {
            "name": each.name,
            "businessName": each.word.zh,
            "logicalType": _LOGICAL.get(each.type, "date"),
            "physicalType": f"numeric({each.digits}, {each.places})" if each.type is Type.NUMBER else None,
            "logicalTypeOptions": _options(each),
            "required": each.is_required or None,
            "primaryKey": (each.name in contract.key) or None,
            "primaryKeyPosition": contract.key.index(each.name) + 1 if each.name in contract.key else None,
            "transformLogic": f"{each.derived.part.value}({each.derived.source})" if each.derived else None,
            "customProperties": _custom(
                zh=each.word.zh,
                en=each.word.en,
                unit=each.word.unit,
                role=each.role.value if each.role is not Role.NONE else "",
                formerly=each.formerly,
                sealed=each.is_sealed,
                values=[{"code": code.code, "zh": code.word.zh, "en": code.word.en} for code in each.codes],
            ),
        }
    )


def _options(each: Property) -> dict[str, Any]:
    limits = {"minimum": each.minimum, "maximum": each.maximum}
    numbers = {name: _plain(limit) for name, limit in limits.items() if limit is not None}
    return _without_nothing({"format": _FORMATS.get(each.type), "maxLength": each.length or None} | numbers)


def _plain(number: Any) -> int | float:
    """The number as YAML writes it; a limit has few digits, so none is lost."""
    return int(number) if number == number.to_integral_value() else float(number)


def _agreed(contract: Contract) -> list[dict[str, Any]]:
    days = {"frequency": contract.every_days, "latency": contract.freshness_days}
    return [{"property": name, "value": value, "unit": "d"} for name, value in days.items() if value is not None]


def _quality(contract: Contract) -> list[dict[str, Any]]:
    limits = {name: getattr(contract.shift, field) for name, field in LIMITS.items()}
    return [
        {
            "type": "custom",
            "engine": ENGINE,
            "implementation": name,
            "mustBeLessOrEqualTo": _plain(limit),
            "unit": "percent",
        }
        for name, limit in limits.items()
        if limit is not None
    ]


def _custom(**values: Any) -> list[dict[str, Any]]:
    return [{"property": name, "value": value} for name, value in values.items() if value]


def _without_nothing(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and value not in ({}, [])}
