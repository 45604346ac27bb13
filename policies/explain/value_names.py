"""The names of values of facts: of districts, and of the choices of departments' columns."""

from __future__ import annotations

from django.core.cache import cache
from django.core.exceptions import FieldDoesNotExist

from companies.datasets.facts import dataset_models
from companies.models import Company, District
from qinqing.kernel.text import Bilingual

DISTRICTS, DISTRICTS_SECONDS = "district-names", 600


def choices_of(*, group: str, fact: str) -> dict[str, str]:
    """The codes that a fact may have, with their names in the active language; empty if any text is allowed."""
    if fact == "district":
        names: dict[str, Bilingual] = cache.get_or_set(DISTRICTS, _district_names, DISTRICTS_SECONDS) or {}
        return {code: str(name) for code, name in names.items()}
    models = dataset_models()
    items = {model.dataset.item: model for model in models.values() if model.dataset.item}
    model = Company if group == "company" else models.get(group) or items.get(group)
    try:
        choices = dict(model._meta.get_field(fact).choices or ()) if model else {}  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return {}
    return {str(code): str(name) for code, name in choices.items()}


def _district_names() -> dict[str, Bilingual]:
    return {district.code: Bilingual(district.name_zh, district.name_en) for district in District.objects.all()}
