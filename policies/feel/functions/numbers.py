"""
Arithmetic: exact decimals, the same digits in both engines.

Sums and products are exact. Division keeps 38 decimals, rounded half away from zero; both engines get there by
the same two integer steps. Powers are multiplied out step by step with 60 decimals.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable
from decimal import Decimal
from typing import LiteralString

from policies.feel.functions.table import Function
from policies.feel.types.types import FeelType
from policies.feel.types.values import EXACT

NUMBER = FeelType.NUMBER
BOOLEAN = FeelType.BOOLEAN

TWO = Decimal(2)
QUOTIENT_DECIMALS = 38
POWER_DECIMALS = 60
POWER_LIMIT = 1_000
LARGEST = Decimal("1e150")
EXPONENTIAL_LIMIT = 300
# The decimals to which the SQL beside them rounds an argument of logarithms and exponentials, of root powers, and of
# square roots.
SMALLEST_DECIMALS, ROOT_DECIMALS, SQUARE_DECIMALS = 100, 200, 80
WIDE = decimal.Context(prec=400, rounding=decimal.ROUND_HALF_UP)
SMALLEST = Decimal("1e-28")
SCALE_LOWEST, SCALE_HIGHEST = -6111, 6176  # Those of decimal128.

DIVIDE: LiteralString = "round(div({a} * 1e40, nullif({b}, 0)) * 1e-40, 38)"


def divide(a: Decimal, b: Decimal) -> Decimal | None:
    """The quotient with 38 decimals, null for a zero divisor."""
    if not b:
        return None
    whole = EXACT.divide_int(EXACT.scaleb(a, 40), b)
    return to_scale(EXACT.scaleb(whole, -40), QUOTIENT_DECIMALS, decimal.ROUND_HALF_UP)


def to_scale(n: Decimal, scale: int, rounding: str) -> Decimal:
    """Round to `scale` decimals; a number that has fewer keeps them."""
    exponent = n.as_tuple().exponent
    assert isinstance(exponent, int), "rules never hold infinities"
    if -exponent <= scale:
        return n
    return n.quantize(Decimal(1).scaleb(-scale, EXACT), rounding=rounding, context=EXACT) if n else Decimal(0)


def modulo(a: Decimal, b: Decimal) -> Decimal | None:
    """The remainder that has the divisor's sign."""
    if not b:
        return None
    rest = EXACT.remainder(a, b)
    return EXACT.add(rest, b) if rest and (rest < 0) != (b < 0) else rest


def power(base: Decimal, exponent: Decimal) -> Decimal | None:
    """
    Base to an exponent from −1,000 to 1,000, null when the result is too large or too small to be sure of.

    A whole exponent multiplies out; another one needs a base that is not negative.
    """
    if abs(exponent) > POWER_LIMIT:
        return None
    if exponent != exponent.to_integral_value():
        return _root_power(base, exponent)
    rest, square, result = abs(int(exponent)), base, Decimal(1)
    while rest:
        if rest % 2:
            result = to_scale(EXACT.multiply(result, square), POWER_DECIMALS, decimal.ROUND_HALF_UP)
        square = to_scale(EXACT.multiply(square, square), POWER_DECIMALS, decimal.ROUND_HALF_UP)
        rest //= 2
        if abs(result) > LARGEST or (rest and abs(square) > LARGEST):
            return None
    if base and abs(result) < SMALLEST:
        return None
    return divide(Decimal(1), result) if exponent < 0 else to_scale(result, QUOTIENT_DECIMALS, decimal.ROUND_HALF_UP)


def _root_power(base: Decimal, exponent: Decimal) -> Decimal | None:
    if not base and exponent > 0:
        return Decimal(0)
    if _to_decimals(base, SMALLEST_DECIMALS) <= 0:
        return None
    logarithm_of_base = WIDE.ln(_to_decimals(base, ROOT_DECIMALS))
    return _exponential(WIDE.multiply(exponent, logarithm_of_base), ROOT_DECIMALS)


def exponential(number: Decimal) -> Decimal | None:
    """e to this power, with 38 decimals; null beyond ±300."""
    return _exponential(number, SMALLEST_DECIMALS)


def _exponential(number: Decimal, decimals: int) -> Decimal | None:
    if EXACT.abs(number) > EXPONENTIAL_LIMIT:
        return None
    return _to_decimals(WIDE.exp(_to_decimals(number, decimals)), QUOTIENT_DECIMALS)


def _to_decimals(number: Decimal, decimals: int) -> Decimal:
    return to_scale(number, decimals, decimal.ROUND_HALF_UP)


def logarithm(number: Decimal) -> Decimal | None:
    """The natural logarithm with 38 decimals, null for what is not above zero."""
    rounded = _to_decimals(number, SMALLEST_DECIMALS)
    return _to_decimals(WIDE.ln(rounded), QUOTIENT_DECIMALS) if rounded > 0 else None


EXPONENTIAL: LiteralString = "CASE WHEN abs({number}) <= 300 THEN round(exp(round({number}, 100)), 38) END"
LOGARITHM: LiteralString = "CASE WHEN round({number}, 100) > 0 THEN round(ln(round({number}, 100)), 38) END"

_WHOLE_POWER: LiteralString = """(
    WITH RECURSIVE step(rest, square, result) AS (
        SELECT least(abs({exponent}), 1001)::int, {base}, 1::numeric
        WHERE {exponent} = trunc({exponent}) AND abs({exponent}) <= 1000
        UNION ALL
        SELECT rest / 2, round(square * square, 60),
               CASE WHEN rest % 2 = 1 THEN round(result * square, 60) ELSE result END
        FROM step
        WHERE rest > 0 AND abs(result) <= 1e150 AND abs(square) <= 1e150
    )
    SELECT CASE
        WHEN abs(result) > 1e150 OR ({base} <> 0 AND abs(result) < 1e-28) THEN NULL
        WHEN {exponent} < 0 THEN round(div(1e40, nullif(result, 0)) * 1e-40, 38)
        ELSE round(result, 38)
    END
    FROM step WHERE rest = 0
)"""
# A base of zero or below is kept from the logarithm by its own CASE: no branch may raise. With 200 decimals, for the
# largest result has 131 digits before the point and 38 behind it.
_LOGARITHM_OF_BASE: LiteralString = "ln(CASE WHEN round({base}, 100) > 0 THEN round({base}, 200) ELSE 1 END)"
_ROOT_POWER: LiteralString = f"""(
    SELECT CASE WHEN {{base}} = 0 AND {{exponent}} > 0 THEN 0
        WHEN round({{base}}, 100) > 0 AND abs(r.power) <= 300 THEN round(exp(round(r.power, 200)), 38) END
    FROM (SELECT {{exponent}} * {_LOGARITHM_OF_BASE} AS power WHERE abs({{exponent}}) <= 1000 OFFSET 0) AS r
)"""
POWER: LiteralString = f"CASE WHEN {{exponent}} = trunc({{exponent}}) THEN {_WHOLE_POWER} ELSE {_ROOT_POWER} END"


def square_root(number: Decimal) -> Decimal | None:
    """The root with 38 decimals, null for a negative number."""
    if number < 0:
        return None
    rounded = _to_decimals(number, SQUARE_DECIMALS)
    # A root has half as many digits before the point.
    wide = decimal.Context(prec=max(rounded.adjusted(), 0) // 2 + 200)
    return _to_decimals(wide.sqrt(rounded), QUOTIENT_DECIMALS)


def _rounding(mode: str) -> Callable[[Decimal, Decimal], Decimal | None]:
    def rounded(n: Decimal, scale: Decimal) -> Decimal | None:
        places = int(scale)
        return to_scale(n, places, mode) if SCALE_LOWEST <= places <= SCALE_HIGHEST else None

    return rounded


def _to_integer(mode: str) -> Callable[[Decimal], Decimal]:
    return lambda n: n.to_integral_value(mode)


# Cut the number at `places`, then add one unit of the last place, away from zero, where <step> says so.
_SCALED: LiteralString = """(
    SELECT CASE WHEN scale(f.n) <= f.places THEN f.n ELSE (
        SELECT CASE WHEN <step> THEN g.cut + sign(g.n) * g.unit ELSE g.cut END
        FROM (SELECT f.n, trunc(f.n, f.places) AS cut, ('1e' || -f.places)::numeric AS unit OFFSET 0) AS g
    ) END
    FROM (SELECT {n} AS n, trunc(least(greatest({scale}, -7000), 7000))::int AS places OFFSET 0) AS f
    WHERE f.places BETWEEN -6111 AND 6176
)"""
_UP: LiteralString = "g.n <> g.cut"
_FLOOR: LiteralString = "g.n < g.cut"
_CEILING: LiteralString = "g.n > g.cut"
_DOWN: LiteralString = "false"
_HALF_UP: LiteralString = "abs(g.n - g.cut) * 2 >= g.unit"
_HALF_DOWN: LiteralString = "abs(g.n - g.cut) * 2 > g.unit"
_HALF_EVEN: LiteralString = (
    "abs(g.n - g.cut) * 2 > g.unit OR (abs(g.n - g.cut) * 2 = g.unit AND mod(g.cut / g.unit, 2) <> 0)"
)

_N = (("n", NUMBER),)
_N_SCALE = (("n", NUMBER), ("scale", NUMBER))
_NUMBER = (("number", NUMBER),)


def _roundings() -> list[Function]:
    with_scale: tuple[tuple[str, str, LiteralString], ...] = (
        ("floor", decimal.ROUND_FLOOR, _FLOOR),
        ("ceiling", decimal.ROUND_CEILING, _CEILING),
        ("round up", decimal.ROUND_UP, _UP),
        ("round down", decimal.ROUND_DOWN, _DOWN),
        ("round half up", decimal.ROUND_HALF_UP, _HALF_UP),
        ("round half down", decimal.ROUND_HALF_DOWN, _HALF_DOWN),
        ("decimal", decimal.ROUND_HALF_EVEN, _HALF_EVEN),
    )
    return [
        Function(name, _N_SCALE, NUMBER, _rounding(mode), _SCALED.replace("<step>", step))
        for name, mode, step in with_scale
    ]


_AB = (("a", NUMBER), ("b", NUMBER))

ROUNDINGS: list[Function] = _roundings()

FUNCTIONS: list[Function] = [
    Function("+", _AB, NUMBER, EXACT.add, "({a} + {b})"),
    Function("-", _AB, NUMBER, EXACT.subtract, "({a} - {b})"),
    Function("*", _AB, NUMBER, EXACT.multiply, "({a} * {b})"),
    Function("/", _AB, NUMBER, divide, DIVIDE),
    Function("**", (("base", NUMBER), ("exponent", NUMBER)), NUMBER, power, POWER),
    Function("-", _N, NUMBER, EXACT.minus, "(- {n})"),
    Function("floor", _N, NUMBER, _to_integer(decimal.ROUND_FLOOR), "floor({n})"),
    Function("ceiling", _N, NUMBER, _to_integer(decimal.ROUND_CEILING), "ceil({n})"),
    *ROUNDINGS,
    Function("abs", _N, NUMBER, EXACT.abs, "abs({n})"),
    Function("modulo", (("dividend", NUMBER), ("divisor", NUMBER)), NUMBER, modulo,
             "mod(mod({dividend}, nullif({divisor}, 0)) + {divisor}, nullif({divisor}, 0))"),
    Function("sqrt", _NUMBER, NUMBER, square_root,
             "CASE WHEN {number} >= 0 THEN round(sqrt(round({number}, 80)), 38) END"),
    Function("exp", _NUMBER, NUMBER, exponential, EXPONENTIAL),
    Function("log", _NUMBER, NUMBER, logarithm, LOGARITHM),
    Function("even", _NUMBER, BOOLEAN, lambda number: abs(EXACT.remainder(number, TWO)) == 0, "(mod({number}, 2) = 0)"),
    Function("odd", _NUMBER, BOOLEAN, lambda number: abs(EXACT.remainder(number, TWO)) == 1,
             "(abs(mod({number}, 2)) = 1)"),
]  # fmt: skip
