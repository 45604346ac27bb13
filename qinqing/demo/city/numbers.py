"""Numbers with valid check digits that belong to nobody."""

from __future__ import annotations

from datetime import date

from stdnum import luhn
from stdnum.cn import ric, uscc
from stdnum.iso7064 import mod_11_10

from qinqing.demo.city.plan import LARGEST_CITY_COMPANIES

_BASE_31 = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BASE_36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
# Six digits of base 31 have room for this many cities of the largest size.
_SEEDS = 887
# Codes of today's registers that were in force when people of these years were born.
_BIRTHPLACES_OF_ANY_YEAR = ("330122", "330127", "360121", "360122", "430121", "510121")
_BIRTHPLACES_SINCE_1985 = (
    *("330102", "330105", "330106", "330302", "330602", "330702", "330326", "330624", "330723", "330825"),
    *("330424", "340102", "360102", "410102", "420102", "430102", "320102", "350102"),
)


def credit_code(*, region: str, seed: int, serial: int) -> str:
    """A unified social credit code whose organisation code starts with XX, which no register hands out."""
    number, digits = seed % _SEEDS * LARGEST_CITY_COMPANIES + serial, ""
    for _ in range(6):
        number, digit = divmod(number, len(_BASE_31))
        digits = _BASE_31[digit] + digits
    body = f"91{region}{_with_organisation_check('XX' + digits)}"
    return body + uscc.calc_check_digit(body)


def _with_organisation_check(organisation: str) -> str:
    total = sum(weight * _BASE_36.index(sign) for weight, sign in zip(_ORGANISATION_WEIGHTS, organisation, strict=True))
    return organisation + "0123456789X"[-total % 11]


def card_number(serial: int) -> str:
    """A bank card of 19 digits that passes the Luhn test."""
    body = f"622999{serial:012d}"
    return body + luhn.calc_check_digit(body)


def bank_number(*, bank: int, branch: int) -> str:
    """A bank number of 12 digits for a branch in Hangzhou (area 3310)."""
    body = f"{bank:03d}3310{branch:04d}"
    return body + mod_11_10.calc_check_digit(body)


class IdNumbers:
    """Hands out citizen ID numbers, each once."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, date], int] = {}

    def take(self, *, born_on: date, luck: float) -> str:
        """The next number of a birthplace that `luck`, from 0 up to 1, picks."""
        places = _BIRTHPLACES_OF_ANY_YEAR + (_BIRTHPLACES_SINCE_1985 if born_on.year >= 1985 else ())
        place = places[int(luck * len(places))]
        serial = self._given.get((place, born_on), 0) + 1
        self._given[place, born_on] = serial
        body = f"{place}{born_on:%Y%m%d}{serial:03d}"
        return body + ric.calc_check_digit(f"{body}0")
