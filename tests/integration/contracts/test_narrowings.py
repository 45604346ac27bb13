"""What a higher version of a contract takes away, or means otherwise, is named; whatever only adds is not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from companies.contracts.contract import Contract, Derived, Level, Part, Property, Shift, Type
from companies.contracts.declare import find_narrowings
from companies.contracts.shape import shape_of
from companies.datasets.catalogue import Absence
from tests.factories.contracts import FIRM, MONTH, make_column, make_contract
from tests.shipped import SHIPPED

pytestmark = pytest.mark.django_db

FEE = make_column("fee", Type.YUAN)
WHOLE = make_column("count", minimum=Decimal(1), maximum=Decimal(9))
ROAD = make_column("road", Type.TEXT)
SHARE = make_column("share", Type.NUMBER)
LANE = make_column("lane", Type.CODE, codes="fast slow")
MUST = make_column("fee", Type.YUAN, is_required=True)
OF_YEAR = make_column("part", derived=Derived("month", Part.YEAR))
OF_MONTH = make_column("part", derived=Derived("month", Part.MONTH_OF_YEAR))
COLUMNS: list[tuple[Property | None, Property | None, list[str]]] = [
    # the earlier column, the later one, what is narrowed
    (FEE, FEE, []),
    (None, FEE, []),
    (None, MUST, ["required:fee"]),
    (FEE, None, ["dropped:fee"]),
    (MUST, None, ["dropped:fee"]),
    (FEE, MUST, ["required:fee"]),
    (MUST, FEE, []),
    (FEE, replace(FEE, name="paid", formerly="fee"), ["renamed:fee"]),
    (FEE, replace(MUST, name="paid", formerly="fee"), ["renamed:fee", "required:paid"]),
    (FEE, replace(FEE, name="paid"), ["dropped:fee"]),
    # A later version repeats what a column was called; nothing is renamed again.
    (FEE, replace(FEE, formerly="fee"), []),
    (FEE, make_column("fee", unit="元"), ["type:fee"]),
    (FEE, replace(FEE, word=replace(FEE.word, en="Paid")), []),
    (WHOLE, replace(WHOLE, word=replace(WHOLE.word, unit="辆")), ["unit:count"]),
    (ROAD, replace(ROAD, length=21), []),
    (ROAD, replace(ROAD, length=19), ["size:road"]),
    (SHARE, replace(SHARE, digits=6), []),
    (SHARE, replace(SHARE, digits=6, places=3), []),
    # One place more behind the point is one before it fewer.
    (SHARE, replace(SHARE, places=3), ["size:share"]),
    (SHARE, replace(SHARE, digits=4, places=1), ["size:share"]),
    (SHARE, replace(SHARE, digits=4), ["size:share"]),
    (WHOLE, replace(WHOLE, minimum=Decimal(0), maximum=Decimal(10)), []),
    (WHOLE, replace(WHOLE, minimum=None, maximum=None), []),
    (WHOLE, replace(WHOLE, minimum=Decimal(2)), ["range:count"]),
    (WHOLE, replace(WHOLE, maximum=Decimal(8)), ["range:count"]),
    (make_column("count"), replace(WHOLE, maximum=None), ["range:count"]),
    (make_column("count"), replace(WHOLE, minimum=None), ["range:count"]),
    # As numbers 10 is more than 9, as texts it is less.
    (WHOLE, replace(WHOLE, minimum=Decimal("1.0"), maximum=Decimal(10)), []),
    (LANE, make_column("lane", Type.CODE, codes="slow fast"), []),
    (LANE, make_column("lane", Type.CODE, codes="slow middle fast"), []),
    (LANE, make_column("lane", Type.CODE, codes="slow middle"), ["codes:lane"]),
    (LANE, replace(ROAD, name="lane", length=40), ["codes:lane", "type:lane"]),
    (OF_YEAR, OF_YEAR, []),
    (OF_YEAR, OF_MONTH, ["type:part"]),
    (OF_YEAR, make_column("part"), ["type:part"]),
]  # fmt: skip
TERMS: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    ({}, {"purpose": "过路费", "owner": "收费处", "every_days": 31}, []),
    ({}, {"absence": Absence.NONE}, ["terms:absence"]),
    ({}, {"department": "utilities"}, ["terms:department"]),
    ({}, {"freshness_days": 62}, ["terms:freshness_days"]),
    ({"freshness_days": 31}, {"freshness_days": 62}, ["terms:freshness_days"]),
    ({}, {"item": "toll"}, ["terms:item"]),
    ({}, {"level": Level.DISTRICT}, ["terms:level"]),
    ({"shift": Shift(rows=Decimal(5))}, {"shift": Shift(rows=Decimal(6))}, ["terms:shift"]),
    ({"shift": Shift(rows=Decimal(5))}, {}, ["terms:shift"]),
    ({}, {"key": ("credit_code",)}, ["key"]),
    ({"key": ("credit_code",)}, {}, ["key"]),
]


def narrowings(earlier: Contract, later: Contract) -> list[str]:
    return list(find_narrowings(shape_of(earlier), shape_of(later)))


def with_column(column: Property | None) -> Contract:
    return make_contract(*([] if column is None else [column]))


@pytest.mark.parametrize(("earlier", "later", "lines"), COLUMNS)
def test_what_becomes_of_a_column(earlier: Property | None, later: Property | None, lines: list[str]) -> None:
    assert narrowings(with_column(earlier), with_column(later)) == lines


@pytest.mark.parametrize(("earlier", "later", "lines"), TERMS)
def test_what_becomes_of_the_terms(earlier: dict[str, Any], later: dict[str, Any], lines: list[str]) -> None:
    assert narrowings(make_contract(**earlier), make_contract(**later)) == lines


def test_two_columns_that_exchange_their_names_are_both_renamed() -> None:
    one, other = make_column("one"), make_column("other")
    exchanged = [replace(one, formerly="other"), replace(other, formerly="one")]
    assert narrowings(make_contract(one, other), make_contract(*exchanged)) == ["renamed:one", "renamed:other"]


def test_the_order_of_the_columns_means_nothing() -> None:
    assert narrowings(make_contract(FEE, ROAD), make_contract(properties=(ROAD, MONTH, FEE, FIRM))) == []


@pytest.mark.parametrize("contract", SHIPPED.contracts.values(), ids=SHIPPED.contracts)
def test_a_contract_takes_nothing_from_itself(contract: Contract) -> None:
    assert narrowings(contract, replace(contract, version="2.0.0")) == []
