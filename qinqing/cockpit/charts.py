"""The geometry of the cockpit's charts: parts in, places on a drawing out; the template draws, the sheet colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from qinqing.cockpit.queries import Part

WIDTH = 720
ROW_HEIGHT = 34
LABEL_WIDTH, VALUE_WIDTH = 150, 130
COLUMNS_HEIGHT = 180
# As many days as the real platform's first campaign took.
DAYS_SHOWN = 36


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a drawing, in its units; `middle` is where a label stands."""

    part: Part
    x: float
    y: float
    width: float
    height: float
    middle: float
    is_labelled: bool = True


@dataclass(frozen=True, slots=True)
class Drawing:
    """Bars on a ground of `width` × `height`."""

    bars: tuple[Bar, ...]
    width: int
    height: int


def rows(parts: Sequence[Part]) -> Drawing:
    """Lying bars, one under the other, with room for a label before and an amount behind each."""
    longest = _largest(parts)
    room = WIDTH - LABEL_WIDTH - VALUE_WIDTH
    bars = [
        Bar(
            part=part,
            x=LABEL_WIDTH,
            y=number * ROW_HEIGHT + 6,
            width=_share(part, longest) * room,
            height=ROW_HEIGHT - 12,
            middle=number * ROW_HEIGHT + ROW_HEIGHT / 2 + 4,
        )
        for number, part in enumerate(parts)
    ]
    return Drawing(tuple(bars), WIDTH, max(len(parts), 1) * ROW_HEIGHT)


def columns(parts: Sequence[Part]) -> Drawing:
    """Standing bars of the last days, oldest first; about six of them carry their date."""
    parts = parts[-DAYS_SHOWN:]
    highest, step = _largest(parts), WIDTH / max(len(parts), 12)
    every = max(len(parts) // 6, 1)
    bars = [
        Bar(
            part=part,
            x=round(number * step + step * 0.15, 1),
            y=round(COLUMNS_HEIGHT - _share(part, highest) * COLUMNS_HEIGHT, 1),
            width=round(step * 0.7, 1),
            height=round(_share(part, highest) * COLUMNS_HEIGHT, 1),
            middle=round(number * step + step / 2, 1),
            is_labelled=(len(parts) - 1 - number) % every == 0,
        )
        for number, part in enumerate(parts)
    ]
    return Drawing(tuple(bars), WIDTH, COLUMNS_HEIGHT + 24)


def _largest(parts: Sequence[Part]) -> Decimal:
    return max((part.paid_cny for part in parts), default=Decimal(1)) or Decimal(1)


def _share(part: Part, largest: Decimal) -> float:
    # A part that paid anything at all stays visible.
    return max(float(part.paid_cny / largest), 0.006)
