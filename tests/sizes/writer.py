"""Writes one file of a batch in this process, and prints its largest memory: `writer LAYOUT LINES FILE`."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from payouts.formats.exports.layout import Heading
    from payouts.formats.exports.lines import Line

NAMED = ("杭州试验有限公司", "6222021234567890", "杭州银行", "313331000014")
BLOCK_BYTES = 1 << 20
PASSWORD = "a password of the tests"


def main() -> None:
    """Write the file and print seconds, bytes and the largest memory in bytes."""
    settings.configure(USE_I18N=False)
    layout, count, file = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    start = time.perf_counter()
    with file.open("wb") as target:
        writers()[layout](target, count)
    seconds = time.perf_counter() - start
    sys.stdout.write(f"{seconds:.1f} {file.stat().st_size} {peak_bytes()}\n")


def writers() -> dict[str, Callable[[IO[bytes], int], None]]:
    """Every layout that we write."""
    from payouts.formats.exports import delimited, pain001, workbook
    from payouts.formats.exports.layout import COMMON_SHEET, COMMON_TABLE, Encoding, Kind, Layout

    wallet = replace(COMMON_TABLE, encoding=Encoding.GB18030, delimiter="|", has_titles=False)

    def plain(write: Callable[..., None], layout: Layout) -> Callable[[IO[bytes], int], None]:
        return lambda target, count: write(target, layout=layout, heading=heading(count), lines=lines(count))

    return {
        "pain.001.001.09": plain(pain001.write, Layout(Kind.PAIN001)),
        "pain.001.001.03": plain(pain001.write, Layout(Kind.PAIN001_03)),
        "xlsx": plain(workbook.write, COMMON_SHEET),
        "csv": plain(delimited.write, COMMON_TABLE),
        "gb18030": plain(delimited.write, wallet),
        "encrypted": lambda target, count: encrypted(target, plain(delimited.write, COMMON_TABLE), count),
    }


def encrypted(target: IO[bytes], write: Callable[[IO[bytes], int], None], count: int) -> None:
    """Write the file as a password download does: from its stored blocks into an encrypted archive."""
    from tempfile import TemporaryFile

    from payouts.formats.exports import archive

    with TemporaryFile() as stored:
        write(stored, count)
        stored.seek(0)
        archive.write(target, [("batch.csv", iter(lambda: stored.read(BLOCK_BYTES), b""))], password=PASSWORD)


def heading(count: int) -> Heading:
    """The header of the file."""
    from payouts.formats.exports.layout import Heading
    from payouts.formats.exports.lines import Payer

    payer = Payer("杭州市财政局", "33010000000000000001", "011331000015")
    return Heading("QQ1", "QQ1", datetime(2026, 3, 2, tzinfo=UTC), payer, count, Decimal(count * 100))


def lines(count: int) -> Iterator[Line]:
    """So many payments of 100 yuan each."""
    from payouts.formats.exports.lines import Line

    for number in range(1, count + 1):
        yield Line(f"Q{number:015d}A01", Decimal("100.00"), *NAMED, f"P-01 {number}")


def peak_bytes() -> int:
    """The largest memory that this process has had; getrusage would also count the memory of its parent."""
    told = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert told
    return int(told[1]) * 1024


if __name__ == "__main__":
    main()
