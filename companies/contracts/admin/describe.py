"""Contracts as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from companies.contracts.admin.words import ABSENCES, SUBJECTS, TYPES
from companies.contracts.contract import Contract, Property
from companies.contracts.departments import department_name
from companies.datasets.catalogue import unit_name
from qinqing.kernel.text import Bilingual


@dataclass(frozen=True, slots=True)
class PropertyShown:
    """A column of a contract, as its page shows it."""

    name: str
    title: Bilingual
    type: str
    unit: Bilingual
    is_required: bool
    is_key: bool
    limits: str
    codes: tuple[tuple[str, Bilingual], ...]
    is_sealed: bool


def describe_contract(contract: Contract) -> dict[str, Any]:
    """What a page shows of a contract: its terms in words, and its columns."""
    return {
        "contract": contract,
        "contract_title": Bilingual(contract.word.zh, contract.word.en),
        "contract_department": department_name(contract.department),
        "contract_subject": SUBJECTS[contract.subject],
        "contract_absence": ABSENCES[contract.absence],
        "contract_columns": [describe_property(contract, each) for each in contract.delivered],
    }


def describe_property(contract: Contract, each: Property) -> PropertyShown:
    """A column in words."""
    minimum, maximum = each.range
    limits = [f"≥ {minimum}" if minimum is not None else "", f"≤ {maximum}" if maximum is not None else ""]
    return PropertyShown(
        name=each.name,
        title=Bilingual(each.word.zh, each.word.en),
        type=str(TYPES[each.type]),
        unit=unit_name(each.word.unit),
        is_required=each.is_required,
        is_key=each.name in contract.key,
        limits=" ".join(filter(None, limits)),
        codes=tuple((code.code, Bilingual(code.word.zh, code.word.en)) for code in each.codes),
        is_sealed=each.is_sealed,
    )
