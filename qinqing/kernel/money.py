"""Money is `Decimal` in yuan with two decimals; this is the one place that rounds it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

from django.utils.formats import number_format

FEN = Decimal("0.01")
# What numeric(14,2) holds; a larger amount is a mistake in a rule, not a subsidy.
LARGEST_CNY = Decimal("999999999999.99")
MAX_DIGITS = 14
DECIMAL_PLACES = 2
# A rule's answer may have more than Python's default of 28 digits; it is then too large an amount, not an error.
_LONG = Context(prec=200_000, rounding=ROUND_HALF_UP)
# A person writes no number with more digits before or behind the point.
_LONGEST_WRITTEN = 100


def parse_number(text: str) -> Decimal | None:
    """The number that a text holds; None if it holds none, or one so large or small that arithmetic would fail."""
    try:
        number = Decimal(text)
    except ArithmeticError:
        return None
    # Only the exponent is compared, without arithmetic: even `abs` of 1e2000000 raises.
    is_near = number.is_finite() and abs(number.adjusted()) <= _LONGEST_WRITTEN
    return number if is_near else None


def round_to_fen(amount: Decimal) -> Decimal:
    """The amount in yuan, half a fen rounded away from zero, as the officers' texts mean it."""
    return amount.quantize(FEN, context=_LONG)


def yuan(amount: Decimal) -> str:
    """An amount as pages and sentences show it: ¥1,234.56."""
    return f"¥{number_format(amount, decimal_pos=2, force_grouping=True)}"
