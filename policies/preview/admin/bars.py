"""Bars for sums of money, each with its number beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

# A drawing is a hundred units wide, so that its numbers are per cent; a sum above zero is always visible.
FULL, LEAST = 100.0, 0.6


@dataclass(frozen=True, slots=True)
class MoneyBar:
    """
    A bar: name, note and sum; `size` is its length in per cent of the largest sum, `colour` a class of the style sheet.
    """

    label: str
    note: str
    total_cny: Decimal
    size: float
    colour: str = ""


def money_bars(rows: Iterable[tuple[str, str, Decimal]], *, colours: Iterable[str] = ()) -> tuple[MoneyBar, ...]:
    """A bar for each name, note and sum; `colours` are those of the first bars."""
    listed = list(rows)
    largest = max((total for _label, _note, total in listed), default=Decimal(0))
    shades = [*colours, *[""] * len(listed)]
    return tuple(
        MoneyBar(label, note, total, _size(total, largest), shade)
        for (label, note, total), shade in zip(listed, shades, strict=False)
    )


def render_bars(bars: Iterable[MoneyBar]) -> SafeString:
    """Render the bars for a page."""
    return mark_safe(render_to_string("admin/policies/_bars.html", {"bars": bars}))  # noqa: S308 - our template


def _size(total: Decimal, largest: Decimal) -> float:
    return max(round(float(total / largest) * FULL, 2), LEAST) if total > 0 else 0.0
