"""The benchmark measures the size that its caller asked for."""

from __future__ import annotations

import argparse

import pytest

from tests.benchmarks.__main__ import _size
from tests.benchmarks.parts import Size

USUAL = Size(companies=160_000, employees=597_000)


@pytest.mark.parametrize(
    ("companies", "employees", "expected"),
    [
        (None, None, USUAL),
        (3_000, None, Size(3_000)),
        (3_000, 5_000, Size(3_000, 5_000)),
        (None, 5_000, Size(160_000, 5_000)),
    ],
)
def test_fewer_firms_have_fewer_employees(companies: int | None, employees: int | None, expected: Size) -> None:
    assert _size(USUAL, argparse.Namespace(companies=companies, employees=employees)) == expected
