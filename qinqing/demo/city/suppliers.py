"""Who delivers power and water to the city's firms, and who lends to them."""

from __future__ import annotations

from dataclasses import dataclass

from qinqing.demo.city.numbers import credit_code

# No district has this code, so no firm of the city has a credit code of it.
_CITY = "330100"


@dataclass(frozen=True, slots=True)
class Supplier:
    """A third party that firms have bills or loans of; `kind` is a word of the register of payees."""

    name: str
    kind: str
    serial: int

    @property
    def code(self) -> str:
        """Its credit code."""
        return credit_code(region=_CITY, seed=0, serial=self.serial)


POWER = Supplier("杭州市供电公司", "utility", 1)
WATER = Supplier("杭州市水务公司", "utility", 2)
LENDER = Supplier("钱江银行", "bank", 3)
SUPPLIERS = (POWER, WATER, LENDER)
