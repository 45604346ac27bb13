"""The departments' files: one gzip-packed CSV for each dataset, the same bytes for the same city."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

_LINES_AT_ONCE = 20_000


class DatasetFile:
    """One file, written as the rows come."""

    def __init__(self, path: Path, columns: str) -> None:
        self.path = path
        self.rows = -1
        self._raw = path.open("wb")
        # The gzip header has no name and no time, so that the bytes depend on the rows alone.
        self._packed = gzip.GzipFile(filename="", mode="wb", fileobj=self._raw, compresslevel=1, mtime=0)
        self._lines: list[str] = []
        self.add([columns])

    def add(self, lines: Iterable[str]) -> None:
        """Write lines; they reach the disk some thousands at a time."""
        self._lines.extend(lines)
        if len(self._lines) >= _LINES_AT_ONCE:
            self._flush()

    def close(self) -> None:
        """Write the rest."""
        self._flush()
        self._packed.close()
        self._raw.close()

    def _flush(self) -> None:
        self._lines.append("")
        self._packed.write("\n".join(self._lines).encode())
        self.rows += len(self._lines) - 1
        self._lines.clear()


class DatasetFiles:
    """All files of the city, open at the same time."""

    def __init__(self, folder: Path, columns: Mapping[str, str]) -> None:
        self._files = {name: DatasetFile(folder / f"{name}.csv.gz", line) for name, line in columns.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with ExitStack() as closing:
            for file in self._files.values():
                closing.callback(file.close)

    def __getitem__(self, name: str) -> DatasetFile:
        return self._files[name]
