"""Runs the parts of the product as child processes, and lets none of them outlive us or die unnoticed."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import NoReturn, Self

from qinqing.services.state import PROJECT

START_SECONDS = 60
STOP_SECONDS = 20
_LAST_LINES = 15
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class ChildDied(RuntimeError):
    """A part of the product ended by itself; the last lines of its log stand in the message."""


class ChildIsSilent(RuntimeError):
    """A part of the product gave no sign of life in time; the last lines of its log stand in the message."""


@dataclass(frozen=True, slots=True)
class Program:
    """
    A program to run under a name of its own.

    `is_ready` looks at what the program logged so far, or asks it over the network. `told` is what its environment
    alone has.
    """

    name: str
    command: Sequence[str]
    is_ready: Callable[[str], bool]
    told: Mapping[str, str] = field(default_factory=dict)


def log_contains(words: str) -> Callable[[str], bool]:
    """Ready when these words stand in the log."""
    return lambda log: words in log


def responds_at(address: str) -> Callable[[str], bool]:
    """Ready when a GET of the address, on this machine, is answered with success."""
    # A proxy that the environment names is not for this machine's own addresses.
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def is_ready(log: str) -> bool:
        try:
            with direct.open(address, timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False

    return is_ready


class Supervisor:
    """Starts parts, watches them, and stops all of them on the way out of its `with` block."""

    def __init__(self, *, logs: Path, environment: Mapping[str, str], withheld: Collection[str] = ()) -> None:
        self._logs = logs
        # What our own environment has and no part is told.
        kept = {name: value for name, value in os.environ.items() if name not in withheld}
        self._environment = {**kept, **environment, "PYTHONUNBUFFERED": "1"}
        self._stages: list[list[_Child]] = []
        logs.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self, *parts: Program) -> None:
        """
        Start the parts and return at once, so that they get ready beside each other.

        They stop together too, and before those of an earlier call, on which they may depend.
        """
        stage: list[_Child] = []
        self._stages.append(stage)
        for part in parts:
            # Note each part at once: if the next one does not start, those that run already must stop.
            stage.append(_Child(part, self._logs / f"{part.name}.log", {**self._environment, **part.told}))

    def wait_until_ready(self, *, seconds: float = START_SECONDS) -> None:
        """
        Wait until every part is ready.

        Raises:
            ChildDied: a part ended instead.
            ChildIsSilent: a part was not ready in time.
        """
        deadline = time.monotonic() + seconds
        for child in self._children:
            while not child.is_ready():
                self.check()
                if time.monotonic() > deadline:
                    raise ChildIsSilent(f"“{child.name}” was not ready within {seconds:g} seconds.{child.last_words()}")
                time.sleep(0.1)

    def check(self) -> None:
        """
        Look whether all parts are alive.

        Raises:
            ChildDied: one is not.
        """
        for child in self._children:
            code = child.exit_code()
            if code is not None:
                raise ChildDied(f"“{child.name}” ended by itself ({_describe_exit(code)}).{child.last_words()}")

    def pids(self) -> dict[str, int]:
        """The process of each part."""
        return {child.name: child.pid for child in self._children}

    def stop(self) -> None:
        """Ask all parts to stop, those started last first; end what has not stopped in time."""
        with _ignore_interrupts():
            while self._stages:
                _stop(self._stages[-1])
                self._stages.pop()

    @property
    def _children(self) -> list[_Child]:
        return [child for stage in self._stages for child in stage]


def _stop(stage: Sequence[_Child]) -> None:
    for child in stage:
        child.ask_to_stop()
    deadline = time.monotonic() + STOP_SECONDS
    for child in stage:
        child.end(seconds=max(deadline - time.monotonic(), 0))


class _Child:
    """One running part; a process group of its own keeps the terminal's Ctrl-C away from it."""

    def __init__(self, part: Program, log: Path, environment: Mapping[str, str]) -> None:
        self.name, self._is_ready, self._log = part.name, part.is_ready, log
        self._was_ready = False
        with log.open("wb") as out:
            self._running = subprocess.Popen(  # noqa: S603 - a part of the product
                part.command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=PROJECT,
                env=environment,
                start_new_session=True,
                preexec_fn=_stop_with_parent(os.getpid()),
            )

    @property
    def pid(self) -> int:
        return self._running.pid

    def is_ready(self) -> bool:
        self._was_ready = self._was_ready or self._is_ready(self._words())
        return self._was_ready

    def exit_code(self) -> int | None:
        return self._running.poll()

    def last_words(self) -> str:
        lines = self._words().splitlines()[-_LAST_LINES:]
        return "\n".join([f" The end of {self._log}:", *lines]) if lines else f" Its log {self._log} is empty."

    def ask_to_stop(self) -> None:
        self._running.terminate()

    def end(self, *, seconds: float) -> None:
        try:
            self._running.wait(seconds)
        except subprocess.TimeoutExpired:
            self._running.kill()
            self._running.wait()
        # End the processes that the part started and left behind, too.
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def _words(self) -> str:
        return self._log.read_text(errors="replace")


def _describe_exit(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def _stop_with_parent(parent: int) -> Callable[[], None]:
    """Ask the system, in the child before its program starts, to stop it when its parent ends, however that ends."""

    def ask() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        # The parent may have ended before the system was asked.
        if os.getppid() != parent:
            os._exit(1)

    return ask


@contextmanager
def _ignore_interrupts() -> Iterator[None]:
    """A second Ctrl-C while we stop would leave processes behind."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def interruptible() -> Iterator[None]:
    """
    Let SIGTERM and a closed terminal end the block as Ctrl-C does, so that `with` blocks clean up.

    SIGINT is named too: a shell that starts us in the background has it ignored, and we would never hear it.
    """

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, interrupt) for number in signals]
    try:
        yield
    finally:
        for number, action in zip(signals, before, strict=True):
            signal.signal(number, action)
