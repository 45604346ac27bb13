"""Proposes the columns of a dataset from a sample of its rows; a person confirms each."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from companies.contracts.contract import MOST_CODES, NAME, Role, Type
from qinqing.kernel.identifiers import is_credit_code, is_id_number
from qinqing.kernel.text import mask

SHOWN = 3
# Personal and account numbers have this many digits; a sample is shown and sent to and fro.
LONGEST_PLAIN_NUMBER = 11
_DIGITS = re.compile(r"[0-9]{12,}[0-9Xx]?")
_MOST_CODES_SEEN = 8
_YES_NO: Final = {"true", "false", "是", "否", "1", "0"}
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DAY = re.compile(r"(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]")
_MONTH = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"(19|20)[0-9]{2}Q[1-4]")
_YEAR = re.compile(r"(19|20)[0-9]{2}")
_MONEY_TITLES = ("元", "金额", "amount", "revenue", "收入", "费", "款", "投资", "cny", "yuan")
_YEAR_TITLES = ("年度", "年份", "year", "年")


@dataclass(frozen=True, slots=True)
class ProposedColumn:
    """What a column of the sample may be; `examples` are values of it, personal numbers masked."""

    title: str
    name: str
    type: Type
    role: Role
    is_required: bool
    length: int
    digits: int
    places: int
    codes: tuple[str, ...]
    examples: tuple[str, ...]


def propose_columns(*, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[ProposedColumn]:
    """
    A proposal for each column: the narrowest type that fits all values of the sample.

    The name is the title where it can be one, and empty otherwise: a person has to find one.
    """
    return [
        _propose(title.strip(), [row[place].strip() if place < len(row) else "" for row in rows])
        for place, title in enumerate(titles)
        if title.strip()
    ]


def _propose(title: str, cells: Sequence[str]) -> ProposedColumn:
    values = [cell for cell in cells if cell]
    kind = _find_type(title, values)
    whole = max((len(value.lstrip("-").partition(".")[0]) for value in values), default=1)
    places = max((len(value.partition(".")[2]) for value in values), default=0)
    is_number = kind is Type.NUMBER
    return ProposedColumn(
        title=title,
        name=_find_name(title, kind),
        type=kind,
        role={Type.CREDIT_CODE: Role.CREDIT_CODE, Type.ID_NUMBER: Role.ID_NUMBER}.get(kind, Role.NONE),
        is_required=bool(values) and len(values) == len(cells),
        # Room for values that the sample does not have.
        length=_round_up(2 * max(map(len, values), default=1)) if kind is Type.TEXT else 0,
        digits=min(whole + 3, 12) + places if is_number else 0,
        places=places if is_number else 0,
        codes=tuple(sorted(set(values))) if kind is Type.CODE else (),
        examples=tuple(_show(value) for value in dict.fromkeys(values))[:SHOWN],
    )


def _find_type(title: str, values: Sequence[str]) -> Type:
    """The first of the types, from the narrowest on, that fits all values; a column without values is a text."""
    lowered = title.lower()
    fits: tuple[tuple[Type, Callable[[str], object]], ...] = (
        (Type.ID_NUMBER, is_id_number),
        (Type.CREDIT_CODE, is_credit_code),
        (Type.DAY, _DAY.fullmatch),
        (Type.MONTH, _MONTH.fullmatch),
        (Type.QUARTER, _QUARTER.fullmatch),
        (Type.YEAR, lambda value: _YEAR.fullmatch(value) and any(word in lowered for word in _YEAR_TITLES)),
        (Type.YES_NO, lambda value: value.lower() in _YES_NO),
        (Type.YUAN, lambda value: _NUMBER.fullmatch(value) and any(word in lowered for word in _MONEY_TITLES)),
        (Type.WHOLE, lambda value: value.isascii() and value.isdigit() and len(value) <= 9),
        (Type.NUMBER, _NUMBER.fullmatch),
    )
    if not values:
        return Type.TEXT
    found = next((kind for kind, is_fit in fits if all(is_fit(value) for value in values)), None)
    return found or (Type.CODE if _looks_like_codes(values) else Type.TEXT)


def _looks_like_codes(values: Sequence[str]) -> bool:
    """Whether few short words come again and again."""
    words = set(values)
    few = len(words) <= min(_MOST_CODES_SEEN, MOST_CODES) and len(values) >= 4 * len(words)
    return few and all(word.isascii() and len(word) <= 20 for word in words)


def _find_name(title: str, kind: Type) -> str:
    fixed = {Type.CREDIT_CODE: Role.CREDIT_CODE.value, Type.ID_NUMBER: Role.ID_NUMBER.value}
    name = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    return fixed.get(kind) or (name if NAME.fullmatch(name) else "")


def _show(value: str) -> str:
    return _DIGITS.sub(lambda found: mask(found[0]), value)[:40]


def _round_up(length: int) -> int:
    return next((limit for limit in (10, 20, 40, 60, 120) if limit >= length), 200)
