"""The amount that a bank names in a row."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from qinqing.kernel.money import FEN, parse_number

# A column for amounts holds 14 digits before the point, so it takes no amount from this one on.
_BEYOND = Decimal(10**14)
_YUAN = ("CNY", "RMB")


class AmountCell(NamedTuple):
    """
    The cell of an amount: `cny` if it holds yuan and whole fen, `said` if it holds any other text.

    An empty cell has neither. The platform does not guess what a bank meant by any other text.
    """

    cny: Decimal | None = None
    said: str = ""


def read_amount(text: str, *, currency: str = "CNY") -> AmountCell:
    """Read an amount that a bank wrote, with or without a sign of yuan and separators of thousands."""
    if not text:
        return AmountCell()
    if currency not in _YUAN:
        return AmountCell(said=f"{currency} {text}")
    plain = text.replace(",", "").removeprefix("¥").removeprefix("￥").removesuffix("元")
    amount = parse_number(plain.strip())
    if amount is None or abs(amount) >= _BEYOND or amount != amount.quantize(FEN):
        return AmountCell(said=text)
    return AmountCell(cny=amount.quantize(FEN))
