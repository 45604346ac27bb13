"""The largest allowed files, each read or written by a process of its own whose memory the test measures."""

from __future__ import annotations

import random
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.factories import replies as written
from tests.sizes.__main__ import LAYOUTS
from tests.sizes.__main__ import measure as written_in

pytestmark = pytest.mark.slow

LIMIT_BYTES = 300 << 20
LARGE_BYTES = 100 << 20
# The memory of a process that has read nothing stays well below the limit.
PEAK = """
def peak_bytes():
    # That of getrusage would count what the test's own process held when this one was made.
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024
"""
READ = """
import re, sys
from django.conf import settings
settings.configure(USE_I18N=False)
from payouts.formats.replies.read_file import read
from payouts.formats.replies.answer import UnreadableReply
from payouts.formats.replies.table import TableWords
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


def bomb(file: Path) -> None:
    """
    A report whose entities grow tenfold ten times, to ten thousand million letters, and go on for a hundred megabytes.
    """
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 11))
    with file.open("wb") as target:
        target.write(f'<?xml version="1.0"?><!DOCTYPE Document [<!ENTITY e0 "x">{levels}]><Document>&e10;'.encode())
        while target.tell() < LARGE_BYTES:
            target.write(b"<a>&e10;</a>" * 10_000)


def cut_report(file: Path) -> None:
    status_report(file)
    with file.open("rb+") as target:
        target.truncate(LARGE_BYTES - 7)


def cut_workbook(file: Path) -> None:
    """An uncompressed workbook without its end, where an archive keeps its table of contents."""
    archive = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)
    with archive, archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
        for _each in range(180):
            part.write(b"<row/>" * 100_000)
    with file.open("rb+") as target:
        target.truncate(LARGE_BYTES)


def spoilt_table(file: Path) -> None:
    """A table whose last line is in no encoding."""
    table(file)
    with file.open("ab") as target:
        target.write(b"Q1A01,100.00,\xff\xfe\xff\n")


def utf16_table(file: Path) -> None:
    with file.open("w", encoding="utf-16") as target:
        target.write(",".join(written.TITLES) + "\n")
        while target.tell() < LARGE_BYTES:
            target.writelines(f"Q{each}A01,100.00,成功,F1,\n" for each in range(1_000))


def latin_report(file: Path) -> None:
    """A report that declares UTF-8 and contains other bytes."""
    status_report(file)
    with file.open("rb+") as target:
        target.seek(LARGE_BYTES // 2)
        target.write(b"\xff\xfe")


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


@pytest.mark.parametrize(
    "make",
    [one_line, one_tag, one_text, empty_tags, noise, bomb, cut_workbook, utf16_table, spoilt_table],
    ids=lambda make: make.__name__,
)
def test_a_hundred_megabytes_of_nonsense_are_refused(make: Callable[[Path], None], tmp_path: Path) -> None:
    file = tmp_path / "reply"
    make(file)
    count, memory_bytes, refusal = measured(READ, file)
    assert count == 0
    assert len(refusal) > 20
    assert memory_bytes < LIMIT_BYTES


@pytest.mark.parametrize("make", [cut_report, latin_report], ids=lambda make: make.__name__)
def test_a_hundred_megabytes_that_go_wrong_late_are_refused_all_the_same(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    file = tmp_path / "reply"
    make(file)
    assert file.stat().st_size > LARGE_BYTES - 10
    count, memory_bytes, refusal = measured(READ, file)
    assert count > 100_000
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


@pytest.mark.parametrize("layout", LAYOUTS)
def test_memory_does_not_grow_with_the_lines_of_a_file(layout: str, tmp_path: Path) -> None:
    # `python -m tests.sizes` does the same with the 600,000 lines of a city.
    few, many = (written_in(layout, lines, folder=tmp_path) for lines in (3_000, 60_000))
    assert many["peak_mb"] < few["peak_mb"] + 16
    assert many["peak_mb"] < LIMIT_BYTES >> 20
