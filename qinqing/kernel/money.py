"""Money is `Decimal` in yuan with two decimals; this is the one place that rounds it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

FEN = Decimal("0.01")
# What numeric(14,2) holds; a larger amount is a mistake in a rule, not a subsidy.
LARGEST_CNY = Decimal("999999999999.99")
MAX_DIGITS = 14
DECIMAL_PLACES = 2


def rounded_to_fen(amount: Decimal) -> Decimal:
    """The amount in yuan, half a fen rounded away from zero, as the officers' texts mean it."""
    return amount.quantize(FEN, rounding=ROUND_HALF_UP)
