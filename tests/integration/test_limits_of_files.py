"""The largest files there are, in a process of their own whose memory is measured."""

from __future__ import annotations

import random
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.factories import replies as written

pytestmark = pytest.mark.slow

LIMIT_BYTES = 300 << 20
LARGE_BYTES = 100 << 20
# What a process needs before it reads anything stays well below the limit.
PEAK = """
def peak_bytes():
    # That of getrusage would count what the test's own process held when this one was made.
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024
"""
READ = """
import re, sys
from django.conf import settings
settings.configure(USE_I18N=False)
from payouts.replies.reading import read
from payouts.replies.said import UnreadableReply
from payouts.replies.table import TableWords
words = TableWords("业务编号", "处理结果", frozenset({"成功"}), frozenset({"失败"}))
count, refusal = 0, "-"
with open(sys.argv[1], "rb") as content:
    try:
        for _row in read(content, words=words)[1]:
            count += 1
    except UnreadableReply as refused:
        refusal = str(refused)
print(count, peak_bytes(), refusal)
"""
WRITE = """
import re, sys
from datetime import datetime, timezone
from decimal import Decimal
from django.conf import settings
settings.configure(USE_I18N=False)
from payouts.exports import delimited, pain001, workbook
from payouts.exports.layout import COMMON_SHEET, COMMON_TABLE, Heading, Kind, Layout
from payouts.exports.lines import Line, Payer
count = int(sys.argv[3])
line = ("杭州试验有限公司", "6222021234567890", "杭州银行", "313331000014", "P-01 1")
lines = (Line(f"Q{number:015d}A01", Decimal("100.00"), *line) for number in range(count))
payer = Payer("杭州市财政局", "33010000000000000001", "011331000015")
heading = Heading("QQ1", "QQ1", datetime(2026, 3, 2, tzinfo=timezone.utc), payer, count, Decimal(count * 100))
writers = {
    "pain001": (pain001.write, Layout(Kind.PAIN001)),
    "delimited": (delimited.write, COMMON_TABLE),
    "workbook": (workbook.write, COMMON_SHEET),
}
write, layout = writers[sys.argv[2]]
with open(sys.argv[1], "wb") as target:
    write(target, layout=layout, heading=heading, lines=lines)
print(0, peak_bytes(), "-")
"""


def measured(program: str, file: Path, *arguments: str) -> tuple[int, int, str]:
    """How many rows were read, the process's largest memory in bytes, and its refusal."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK + program, str(file), *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    count, memory_bytes, refusal = done.stdout.split(maxsplit=2)
    return int(count), int(memory_bytes), refusal.strip()


def status_report(file: Path) -> None:
    head, foot = written.status_report([]).split(b"</OrgnlPmtInfAndSts>")
    block = "".join(written.STATUS.format(id=f"Q{each}A01", status="ACSC", reason="") for each in range(1_000)).encode()
    with file.open("wb") as target:
        target.write(head)
        while target.tell() < LARGE_BYTES:
            target.write(block)
        target.write(b"</OrgnlPmtInfAndSts>" + foot)


def table(file: Path) -> None:
    padding = "x" * 120
    with file.open("w", encoding="gb18030") as target:
        target.write(",".join(written.TITLES) + "\n")
        while target.tell() < LARGE_BYTES:
            target.writelines(f"Q{each}A01,100.00,成功,F1,{padding}\n" for each in range(1_000))


def one_line(file: Path) -> None:
    with file.open("wb") as target:
        for _each in range(100):
            target.write(b"x" * (1 << 20))


def one_tag(file: Path) -> None:
    with file.open("wb") as target:
        target.write(b"<Document a='")
        for _each in range(100):
            target.write(b"x" * (1 << 20))


def one_text(file: Path) -> None:
    with file.open("wb") as target:
        target.write(b"<Document><CstmrPmtStsRpt><GrpHdr><MsgId>")
        for _each in range(100):
            target.write(b"x" * (1 << 20))


def empty_tags(file: Path) -> None:
    with file.open("wb") as target:
        target.write(b"<Document><CstmrPmtStsRpt><GrpHdr>")
        while target.tell() < LARGE_BYTES:
            target.write(b"<a>1</a>" * 10_000)


def noise(file: Path) -> None:
    with file.open("wb") as target:
        for _each in range(100):
            target.write(random.Random(1).randbytes(1 << 20))


def sheet(rows: int, cell: Callable[[int], str], area: str = "") -> Callable[[Path], None]:
    """A workbook's writer: `rows` rows with an id, a result and a cell of one's own."""

    def lines() -> Iterator[str]:
        yield f'<worksheet><dimension ref="{area}"/><sheetData><row r="1"><c r="A1" t="inlineStr"><is>'
        yield '<t>业务编号</t></is></c><c r="B1" t="inlineStr"><is><t>处理结果</t></is></c></row>'
        for row in range(2, rows + 1):
            yield f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>Q{row}A01</t></is></c>{cell(row)}</row>'
        yield "</sheetData></worksheet>"

    def write(file: Path) -> None:
        archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        with archive, archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for line in lines():
                part.write(line.encode())

    return write


RESULT: Callable[[int], str] = '<c r="B{0}" t="inlineStr"><is><t>成功</t></is></c>'.format
FORMULA: Callable[[int], str] = '<c r="B{0}"><f>1+1</f><v>2</v></c>'.format


@pytest.mark.parametrize("make", [status_report, table], ids=lambda make: make.__name__)
def test_a_hundred_megabytes_of_replies_are_streamed(make: Callable[[Path], None], tmp_path: Path) -> None:
    file = tmp_path / "reply"
    make(file)
    assert file.stat().st_size >= LARGE_BYTES
    count, memory_bytes, refusal = measured(READ, file)
    assert (count > 400_000, refusal) == (True, "-")
    assert memory_bytes < LIMIT_BYTES


@pytest.mark.parametrize("make", [one_line, one_tag, one_text, empty_tags, noise], ids=lambda make: make.__name__)
def test_a_hundred_megabytes_of_nonsense_are_refused(make: Callable[[Path], None], tmp_path: Path) -> None:
    file = tmp_path / "reply"
    make(file)
    count, memory_bytes, refusal = measured(READ, file)
    assert count == 0
    assert len(refusal) > 20
    assert memory_bytes < LIMIT_BYTES


@pytest.mark.parametrize(
    ("cell", "area", "told"),
    [(RESULT, "", "1,000,000 rows"), (RESULT, "A1:B1048576", "1,000,000 rows"), (FORMULA, "", "B2")],
    ids=["values", "values of known size", "formulas"],
)
def test_a_workbook_as_long_as_workbooks_get_is_refused(
    cell: Callable[[int], str], area: str, told: str, tmp_path: Path
) -> None:
    file = tmp_path / "reply.xlsx"
    sheet(1_048_576, cell, area)(file)
    _count, memory_bytes, refusal = measured(READ, file)
    assert told in refusal
    assert memory_bytes < LIMIT_BYTES


@pytest.mark.parametrize(("kind", "lines"), [("pain001", 600_000), ("delimited", 200_000), ("workbook", 40_000)])
def test_a_city_is_written_in_bounded_memory(kind: str, lines: int, tmp_path: Path) -> None:
    file = tmp_path / "batch"
    _count, memory_bytes, _refusal = measured(WRITE, file, kind, str(lines))
    assert file.stat().st_size > lines * 20
    assert memory_bytes < 150 << 20
