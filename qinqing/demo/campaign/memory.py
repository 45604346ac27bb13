"""Measures the most memory that each part ever held, as the Linux kernel counts it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

_KIB = 1024
_MB = 1_000_000


class PeakMemory:
    """
    The largest resident set of any process of each part, in megabytes.

    A worker's pool may replace its processes, so somebody has to look now and then: `look`.
    """

    def __init__(self) -> None:
        self.mb: dict[str, int] = {}

    def look(self, parts: Mapping[str, int]) -> None:
        """Note the peaks of all processes of the parts, given by the session that each part leads."""
        peaks = _peaks_by_session()
        for name, session in parts.items():
            self.mb[name] = max([self.mb.get(name, 0), *peaks.get(session, [])])


def _peaks_by_session() -> dict[int, list[int]]:
    peaks: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        # Processes may end while we look.
        with suppress(OSError, KeyError):
            session = int((folder / "stat").read_text().rpartition(")")[2].split()[3])
            lines = (folder / "status").read_text().splitlines()
            status = {key: value for key, _, value in (line.partition(":") for line in lines)}
            # A process that has ended, and whose parent has not collected it yet, has no memory any more.
            peak = int(status["VmHWM"].split()[0]) * _KIB // _MB
            peaks.setdefault(session, []).append(peak)
    return peaks
