"""The catalogue of facts that a rule may mention; it is derived from the dataset models."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from django.apps import apps
from django.db import models
from django.db.models.functions import Cast, Substr
from django.utils import translation

from companies.classifications.districts import DISTRICTS
from companies.datasets import tables
from companies.datasets.base import Dataset, DatasetRow, EngagementRow, PersonRow, Word
from companies.datasets.catalogue import Absence, Catalogue, Fact, FactGroup, FactType

TYPES: tuple[tuple[type[models.Field[object, object]], FactType], ...] = (
    (models.BooleanField, FactType.BOOLEAN),
    (models.DateField, FactType.DATE),
    (models.CharField, FactType.STRING),
    (models.DecimalField, FactType.NUMBER),
    (models.IntegerField, FactType.NUMBER),
)

REGISTRATION = Dataset(
    name="registration",
    zh="市场主体登记",
    en="Registration",
    department="market",
    words={
        "credit_code": Word("统一社会信用代码", "Credit code"),
        "industry": Word("行业代码", "Industry code"),
        "district": Word("所属区县", "District"),
        "size": Word("企业规模", "Size class"),
        "founded_on": Word("成立日期", "Founded on"),
        "standing": Word("登记状态", "Standing"),
        "ownership": Word("所有制", "Ownership"),
        "is_government_unit": Word("是否机关事业单位", "Is a government unit"),
    },
)
# What the platform itself has paid. The rows come from a view of payouts, an app that companies does not import.
RECEIVED = Dataset(
    name="received",
    zh="已兑付",
    en="Received",
    department="treasury",
    absence=Absence.NONE,
    words={
        "policy": Word("政策编号", "Policy code"),
        "period": Word("周期", "Period"),
        "amount": Word("金额", "Amount", "元"),
        "paid_on": Word("到账日期", "Paid on"),
    },
)
RECEIVED_RELATION = "payouts_received"
# The firms that broke a commitment by fraud and cannot claim for some years; also a view of payouts.
BLACKLIST = Dataset(
    name="blacklist",
    zh="平台失信名单",
    en="Blacklist of the platform",
    department="platform",
    absence=Absence.NONE,
    words={"begins_on": Word("起始日", "From"), "ends_on": Word("截止日", "Until")},
)
BLACKLIST_RELATION = "payouts_blacklisted"
# A function of a day that returns the rows which keep a firm from claiming on that day.
BLACKLISTED_ON = "payouts_blacklisted_on"
# The datasets that the platform itself knows about firms; no department delivers them.
OWN_DATASETS = (RECEIVED, BLACKLIST)
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


@lru_cache(maxsize=1)
def dataset_models() -> dict[str, type[DatasetRow]]:
    """The dataset models by the name of their dataset."""
    models_here = (getattr(tables, name) for name in tables.__all__)
    return {model.dataset.name: model for model in models_here}


def engagement_models() -> tuple[type[EngagementRow], ...]:
    """The models whose rows name a company and a person."""
    return tuple(model for model in dataset_models().values() if issubclass(model, EngagementRow))


@lru_cache(maxsize=64)
def catalogue(*, item: str = "") -> Catalogue:
    """
    The groups a rule may mention.

    With an `item` ("employee", "sale", "compound", …) the policy pays once per row of that dataset: the row
    itself is a record under that name. Where the row names a person, as for employees, the person's own datasets come
    along, and those of the spouse under `spouse_…`.
    """
    names_person = any(model.dataset.item == item for model in engagement_models())
    groups = [company_group()]
    for model in dataset_models().values():
        if issubclass(model, PersonRow):
            groups += [_group(model), _spouse_group(model)] if names_person else []
            continue
        groups.append(_group(model))
        if item and model.dataset.item == item:
            groups.append(_item_group(model))
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


def _own_group(dataset: Dataset, relation: str) -> FactGroup:
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
    # The model is found by its name, because this module must not import the models.
    fields = {field.name: field for field in apps.get_model("companies", "Company")._meta.concrete_fields}
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


def _group(model: type[DatasetRow]) -> FactGroup:
    dataset, is_person = model.dataset, issubclass(model, PersonRow)
    return FactGroup(
        name=dataset.name,
        name_zh=dataset.zh,
        name_en=dataset.en,
        dataset=dataset.name,
        department=dataset.department,
        relation=model._meta.db_table,
        owner_column="employee_id" if is_person else "company_id",
        is_list=dataset.is_list,
        facts={name: _fact(model, name, word) for name, word in dataset.words.items()},
        absence=dataset.absence,
        freshness_days=dataset.freshness_days,
        key=_key(model),
        subject="employee" if is_person else "company",
    )


def _key(model: type[DatasetRow]) -> frozenset[str]:
    """The facts that pick at most one row of a subject; a unique constraint of the table promises it."""
    owner = "employee" if issubclass(model, PersonRow) else "company"
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.condition is None:
            facts = frozenset(constraint.fields) - {owner}
            if owner in constraint.fields and facts <= set(model.dataset.words):
                return facts
    return frozenset()


def _spouse_group(model: type[DatasetRow]) -> FactGroup:
    group = _group(model)
    return replace(
        group,
        name=f"spouse_{group.name}",
        name_zh=f"配偶{group.name_zh}",
        name_en=f"Spouse's {group.name_en.lower()}",
        subject="spouse",
    )


def _item_group(model: type[DatasetRow]) -> FactGroup:
    group, item = _group(model), model.dataset.item
    return replace(
        group,
        name=item,
        name_zh=f"本条{group.name_zh}",
        name_en=f"This {item}",
        owner_column="id",
        is_list=False,
        subject=item,
    )


def _fact(model: type[DatasetRow], name: str, word: Word) -> Fact:
    columns = {field.name.removesuffix("_cny"): field for field in model._meta.concrete_fields}
    field = columns[name]
    is_required = _is_never_null(model, field)
    kind, column = _type_of(field), field.column or name
    return Fact(name, word.zh, word.en, kind, column, word.unit, is_required=is_required, values=_values(field))


def _is_never_null(model: type[DatasetRow], field: models.Field[object, object]) -> bool:
    """
    Whether a column always has a value. A generated column has one if it is a cast or a part of columns that have one.
    """
    if isinstance(field, models.GeneratedField):
        return _has_no_null_part(model, field.expression)  # type: ignore[attr-defined]
    return not field.null


def _has_no_null_part(model: type[DatasetRow], expression: object) -> bool:
    if isinstance(expression, models.F):
        return not model._meta.get_field(expression.name).null  # type: ignore[attr-defined]
    if isinstance(expression, Cast | Substr):
        return all(_has_no_null_part(model, part) for part in expression.get_source_expressions())
    return isinstance(expression, models.Value)


def _type_of(field: models.Field[object, object]) -> FactType:
    kept_as = field.output_field if isinstance(field, models.GeneratedField) else field
    return next(fact_type for kind, fact_type in TYPES if isinstance(kept_as, kind))
