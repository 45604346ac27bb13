"""The catalogue of facts that a rule may mention; it is derived from the contracts in force."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from django.db import models
from django.utils import translation

from companies.classifications.districts import DISTRICTS
from companies.contracts.contract import Contract, Property, Subject, Type
from companies.contracts.own import BLACKLIST, BLACKLIST_RELATION, RECEIVED, RECEIVED_RELATION, REGISTRATION, OwnDataset
from companies.contracts.registry import contracts, kept_by_revision
from companies.datasets.catalogue import Catalogue, Fact, FactGroup, FactType
from companies.models.company import Company

FACT_TYPES: Final = {
    Type.TEXT: FactType.STRING,
    Type.CODE: FactType.STRING,
    Type.CREDIT_CODE: FactType.STRING,
    Type.MONTH: FactType.STRING,
    Type.QUARTER: FactType.STRING,
    Type.WHOLE: FactType.NUMBER,
    Type.NUMBER: FactType.NUMBER,
    Type.YUAN: FactType.NUMBER,
    Type.YEAR: FactType.NUMBER,
    Type.YES_NO: FactType.BOOLEAN,
    Type.DAY: FactType.DATE,
}
_OWN_TYPES = {
    "policy": FactType.STRING,
    "period": FactType.STRING,
    "amount": FactType.NUMBER,
    "paid_on": FactType.DATE,
    "begins_on": FactType.DATE,
    "ends_on": FactType.DATE,
}
# The district is that of the policy's as-of date, so matching supplies it beside the table's columns.
_COMPANY_COLUMNS = {"industry": "industry_code", "district": "district"}
_BOOLEANS = {"is_government_unit"}
_DATES = {"founded_on"}


def find_item(item: str) -> Contract | None:
    """The contract of the dataset whose rows are called so one by one."""
    return next((each for each in contracts().values() if each.item == item), None) if item else None


@kept_by_revision
def catalogue(*, item: str = "") -> Catalogue:
    """
    The groups a rule may mention.

    With an `item` ("employee", "sale", "compound", …) the policy pays once per row of that dataset: the row
    itself is a record under that name. Where the row names a person, as for employees, the person's own datasets come
    along, and those of the spouse under `spouse_…`.
    """
    chosen = find_item(item)
    names_person = chosen is not None and chosen.subject is Subject.COMPANY_PERSON
    groups = [company_group()]
    for contract in contracts().values():
        if contract.subject is Subject.PERSON:
            groups += [_group(contract), _spouse_group(contract)] if names_person else []
            continue
        groups.append(_group(contract))
        if contract is chosen:
            groups.append(_item_group(contract))
    groups += [_received_group(), _own_group(BLACKLIST, BLACKLIST_RELATION)]
    groups += [_received_by_person()] if names_person else []
    return Catalogue(groups={group.name: group for group in groups})


def company_group() -> FactGroup:
    """The group of facts about the company itself."""
    facts = {
        name: Fact(
            name,
            word.zh,
            word.en,
            _company_fact_type(name),
            _COMPANY_COLUMNS.get(name, name),
            word.unit,
            is_required=name == "credit_code",
            values=_company_values(name),
        )
        for name, word in REGISTRATION.words.items()
    }
    return FactGroup(
        name="company",
        name_zh="企业",
        name_en="Company",
        dataset=REGISTRATION.name,
        department=REGISTRATION.department,
        relation="companies_company",
        owner_column="id",
        is_list=False,
        facts=facts,
    )


def _received_group() -> FactGroup:
    """What a company has received, with the awards to its employees."""
    return _own_group(RECEIVED, RECEIVED_RELATION)


def _own_group(dataset: OwnDataset, relation: str) -> FactGroup:
    """A group of facts that the platform itself knows; it is complete, so no row means that there is nothing."""
    facts = {
        name: Fact(name, word.zh, word.en, _OWN_TYPES[name], name, word.unit, is_required=True)
        for name, word in dataset.words.items()
    }
    return FactGroup(
        name=dataset.name,
        name_zh=dataset.zh,
        name_en=dataset.en,
        dataset=dataset.name,
        department=dataset.department,
        relation=relation,
        owner_column="company_id",
        is_list=True,
        facts=facts,
        absence=dataset.absence,
    )


def _received_by_person() -> FactGroup:
    return replace(
        _received_group(),
        name="person_received",
        name_zh="本人已兑付",
        name_en="Received by the person",
        owner_column="employee_id",
        subject="employee",
    )


def _company_fact_type(name: str) -> FactType:
    if name in _BOOLEANS:
        return FactType.BOOLEAN
    return FactType.DATE if name in _DATES else FactType.STRING


def _company_values(name: str) -> tuple[tuple[str, str, str], ...]:
    if name == "district":
        return tuple((code, zh, en) for code, zh, en, _from, _until in DISTRICTS)
    fields = {field.name: field for field in Company._meta.concrete_fields}
    return _values(fields[name]) if name in fields else ()


def _values(field: models.Field[object, object]) -> tuple[tuple[str, str, str], ...]:
    """The choices of a column, with their names in both languages."""
    named = []
    for code, name in field.choices or ():
        with translation.override("zh-hans"):
            chinese = str(name)
        with translation.override("en"):
            named.append((str(code), chinese, str(name)))
    return tuple(named)


def _group(contract: Contract) -> FactGroup:
    is_person = contract.subject is Subject.PERSON
    return FactGroup(
        name=contract.name,
        name_zh=contract.word.zh,
        name_en=contract.word.en,
        dataset=contract.name,
        department=contract.department,
        relation=contract.table,
        owner_column="employee_id" if is_person else "company_id",
        is_list=contract.is_list,
        facts={each.name: _fact(contract, each) for each in contract.facts},
        absence=contract.absence,
        freshness_days=contract.freshness_days,
        key=_key(contract),
        subject="employee" if is_person else "company",
    )


def _key(contract: Contract) -> frozenset[str]:
    """The facts that pick at most one row of a subject; the table's unique constraint promises it."""
    beside_subject = [contract.by_name[name] for name in contract.key[1:]]
    is_of_facts = all(each.is_stored for each in beside_subject)
    return frozenset(each.name for each in beside_subject) if is_of_facts else frozenset()


def _spouse_group(contract: Contract) -> FactGroup:
    group = _group(contract)
    return replace(
        group,
        name=f"spouse_{group.name}",
        name_zh=f"配偶{group.name_zh}",
        name_en=f"Spouse's {group.name_en.lower()}",
        subject="spouse",
    )


def _item_group(contract: Contract) -> FactGroup:
    group, item = _group(contract), contract.item
    return replace(
        group,
        name=item,
        name_zh=f"本条{group.name_zh}",
        name_en=f"This {item}",
        owner_column="id",
        is_list=False,
        subject=item,
    )


def _fact(contract: Contract, each: Property) -> Fact:
    # A part of a month is known where the month is.
    source = contract.by_name[each.derived.source] if each.derived else each
    return Fact(
        each.name,
        each.word.zh,
        each.word.en,
        FACT_TYPES[each.type],
        each.name,
        each.word.unit,
        is_required=source.is_required,
        values=tuple((code.code, code.word.zh, code.word.en) for code in each.codes),
    )
