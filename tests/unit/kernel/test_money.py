"""Numbers as people write them, and amounts far beyond any payment."""

from __future__ import annotations

from decimal import Decimal

import pytest

from qinqing.kernel.money import parse_number, round_to_fen


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("20000.00", Decimal("20000.00")),
        ("-1e3", Decimal(-1000)),
        ("0", Decimal(0)),
        ("", None),
        ("much", None),
        ("NaN", None),
        ("Infinity", None),
        # `abs` of these raises, and the last cannot even be read.
        ("9e9999999", None),
        ("1e-2000000", None),
        ("1e99999999999999999999", None),
    ],
)
def test_a_number_is_read_or_is_none(text: str, number: Decimal | None) -> None:
    assert parse_number(text) == number


def test_an_amount_of_any_length_is_rounded() -> None:
    assert round_to_fen(Decimal("2.675")) == Decimal("2.68")
    assert round_to_fen(Decimal("-0.005")) == Decimal("-0.01")
    assert round_to_fen(Decimal(f"{'9' * 200}.995")) == Decimal(10) ** 200
