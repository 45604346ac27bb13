"""The amount that a bank names in a row."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from qinqing.kernel.money import FEN, parse_number

# As many digits as a row of ours holds.
_BEYOND = Decimal(10**14)
_YUAN = ("CNY", "RMB")


class AmountCell(NamedTuple):
    """
    What stands where the amount stands: `cny` if it is whole fen of yuan, `said` if it is anything else.

    Neither when nothing stands there. Nobody guesses what was meant: a row that names an amount is of that amount.
    """

    cny: Decimal | None = None
    said: str = ""


def read_amount(text: str, *, currency: str = "CNY") -> AmountCell:
    """Read what a bank wrote, with or without a sign of yuan and separators of thousands."""
    if not text:
        return AmountCell()
    if currency not in _YUAN:
        return AmountCell(said=f"{currency} {text}")
    plain = text.replace(",", "").removeprefix("¥").removeprefix("￥").removesuffix("元")
    amount = parse_number(plain.strip())
    if amount is None or abs(amount) >= _BEYOND or amount != amount.quantize(FEN):
        return AmountCell(said=text)
    return AmountCell(cny=amount.quantize(FEN))
