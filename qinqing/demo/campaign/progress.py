"""What a campaign shows while it runs: bars on a terminal, plain lines anywhere else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

_WIDTH_ELSEWHERE = 110

# A phase calls it with how much it has done by now.
Advance = Callable[[int], None]


def screen() -> Console:
    """The console for people: the terminal, or a file that is wide enough for the tables."""
    here = Console(soft_wrap=True)
    return here if here.is_terminal else Console(soft_wrap=True, width=_WIDTH_ELSEWHERE)


class Phases:
    """The phases of a campaign, shown and timed; `seconds` tells how long each took."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str, words: str, *, total: int | None = None) -> Iterator[Advance]:
        """Show one phase and time it; `total` is how much there is to do, None if nobody knows beforehand."""
        start, done = time.perf_counter(), [0]
        show = self._bar if self.console.is_terminal else self._line
        with show(words, total) as advance:

            def reach(amount: int) -> None:
                done[0] = amount
                advance(amount)

            yield reach
        self.seconds[name] = round(time.perf_counter() - start, 2)
        count = f": {done[0]:,}" if done[0] else ""
        self.console.print(f"{words}{count} in {self.seconds[name]:.1f} s", highlight=False)

    @contextmanager
    def _bar(self, words: str, total: int | None) -> Iterator[Advance]:
        columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
        with Progress(*columns, TimeElapsedColumn(), console=self.console, transient=True) as bars:
            task = bars.add_task(words, total=total)
            yield lambda amount: bars.update(task, completed=amount)

    @contextmanager
    def _line(self, words: str, total: int | None) -> Iterator[Advance]:
        self.console.print(f"{words} …", highlight=False)
        yield lambda amount: None
