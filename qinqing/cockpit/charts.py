"""The geometry of the cockpit's charts: parts go in, places come out; the template draws, the style sheet colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from qinqing.cockpit.queries import FigurePart

# A drawing is as wide as a hundred units, so that its numbers are per cent.
FULL = 100
# As many days as the real platform's first campaign took; fewer than `LEAST_DAYS` keep their bars slim.
DAYS_SHOWN, LEAST_DAYS, DAYS_LABELLED = 36, 12, 6


@dataclass(frozen=True, slots=True)
class Bar:
    """One part's bar: `size` is its length, in per cent of the longest; `start` where it stands among the others."""

    part: FigurePart
    size: float
    start: float = 0
    width: float = FULL
    is_labelled: bool = True

    @property
    def top(self) -> float:
        """How far a standing bar stays below the top."""
        return round(FULL - self.size, 2)


def horizontal_bars(parts: Sequence[FigurePart]) -> tuple[Bar, ...]:
    """Lying bars, each on a line of its own."""
    longest = _largest_amount(parts)
    return tuple(Bar(part, _bar_length(part, longest)) for part in parts)


def vertical_bars(parts: Sequence[FigurePart]) -> tuple[Bar, ...]:
    """Standing bars of the last days, oldest first; about six of them carry their date."""
    parts = parts[-DAYS_SHOWN:]
    highest, step = _largest_amount(parts), FULL / max(len(parts), LEAST_DAYS)
    every = max(len(parts) // DAYS_LABELLED, 1)
    return tuple(
        Bar(
            part=part,
            size=_bar_length(part, highest),
            start=round((number + 0.15) * step, 2),
            width=round(step * 0.7, 2),
            is_labelled=(len(parts) - 1 - number) % every == 0,
        )
        for number, part in enumerate(parts)
    )


def _largest_amount(parts: Sequence[FigurePart]) -> Decimal:
    return max((part.paid_cny for part in parts), default=Decimal(1)) or Decimal(1)


def _bar_length(part: FigurePart, largest: Decimal) -> float:
    # A part that paid anything at all stays visible.
    return max(round(float(part.paid_cny / largest) * FULL, 2), 0.6)
