"""The names of values of facts: of districts, and of the choices of departments' columns."""

from __future__ import annotations

from django.core.cache import cache

from companies.contracts.facts import company_group, find_item
from companies.contracts.registry import contracts
from companies.models import District
from qinqing.kernel.text import Bilingual

DISTRICTS, DISTRICTS_SECONDS = "district-names", 600


def choices_of(*, group: str, fact: str) -> dict[str, str]:
    """The codes that a fact may have, with their names in the active language; empty if any text is allowed."""
    if fact == "district":
        names: dict[str, Bilingual] = cache.get_or_set(DISTRICTS, _district_names, DISTRICTS_SECONDS) or {}
        return {code: str(name) for code, name in names.items()}
    if group == "company":
        known = company_group().facts.get(fact)
        return {code: str(Bilingual(zh, en)) for code, zh, en in known.values} if known else {}
    contract = contracts().get(group) or find_item(group)
    column = contract.by_name.get(fact) if contract else None
    return {each.code: str(Bilingual(each.word.zh, each.word.en)) for each in column.codes} if column else {}


def _district_names() -> dict[str, Bilingual]:
    return {district.code: Bilingual(district.name_zh, district.name_en) for district in District.objects.all()}
