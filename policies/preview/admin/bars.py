"""Sums of money as lying bars, each with its number beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

# A drawing is as wide as a hundred units, so that its numbers are per cent; what is not nothing stays visible.
FULL, LEAST = 100.0, 0.6


@dataclass(frozen=True, slots=True)
class MoneyBar:
    """A sum with its name and a note; `size` its length in per cent of the largest; `colour` a class of the sheet."""

    label: str
    note: str
    total_cny: Decimal
    size: float
    colour: str = ""


def money_bars(rows: Iterable[tuple[str, str, Decimal]], *, colours: Iterable[str] = ()) -> tuple[MoneyBar, ...]:
    """A bar for each name, note and sum; `colours` are those of the first ones."""
    listed = list(rows)
    largest = max((total for _label, _note, total in listed), default=Decimal(0))
    shades = [*colours, *[""] * len(listed)]
    return tuple(
        MoneyBar(label, note, total, _size(total, largest), shade)
        for (label, note, total), shade in zip(listed, shades, strict=False)
    )


def render_bars(bars: Iterable[MoneyBar]) -> SafeString:
    """The bars as a page has them."""
    return mark_safe(render_to_string("admin/policies/_bars.html", {"bars": bars}))  # noqa: S308 - our template


def _size(total: Decimal, largest: Decimal) -> float:
    return max(round(float(total / largest) * FULL, 2), LEAST) if total > 0 else 0.0
