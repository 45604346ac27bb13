"""A part of the benchmark: a question, its sizes, and a measurement that ends in ratios."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

# The parts in the order in which `make bench` runs them; each is a module of this package.
NAMES = ("match", "campaign", "click", "redecide", "deliver", "growth", "preview")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """The size of the city that a part measures."""

    companies: int
    employees: int | None = None


@dataclass(frozen=True, slots=True)
class Ratio:
    """
    One answer: `value` is ours divided by the other's, or the other way round where the sentence says so.

    `at_most` and `at_least` are what the issue asks for; None where there is no target on that side.
    """

    sentence: str
    value: float
    at_most: float | None = None
    at_least: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the target is met."""
        is_low = self.at_most is None or self.value <= self.at_most
        return is_low and (self.at_least is None or self.value >= self.at_least)


@dataclass(frozen=True, slots=True)
class Measured:
    """
    What a part found.

    `contenders` has for each its numbers by name, units last (`seconds`, `rows_per_second`, `p99_ms`); `agrees` is
    false when two contenders came to different results, which makes their times worthless.
    """

    contenders: Mapping[str, Mapping[str, Any]]
    ratios: tuple[Ratio, ...]
    agrees: bool = True
    remarks: tuple[str, ...] = field(default=())


class Part(Protocol):
    """The interface of a module that measures a part."""

    QUESTION: str
    SMOKE: Size
    FULL: Size

    def run(self, *, size: Size, say: Say) -> Measured:
        """Measure on a database of its own; `say` tells the person at the terminal the progress."""
        ...


def part(name: str) -> Part:
    """The part of this name."""
    return cast(Part, importlib.import_module(f"tests.benchmarks.{name}"))
