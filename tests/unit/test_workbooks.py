"""A small workbook costs little time, whatever it unpacks to; the refusal is one sentence."""

from __future__ import annotations

import io
import zipfile
from itertools import repeat
from time import thread_time

import pytest

from payouts.formats.replies.answer import UnreadableReply
from payouts.formats.replies.records import records
from policies.white_lists.files import read_list
from qinqing.kernel.tables import markup, workbook
from qinqing.kernel.tables.refusals import UnreadableTable

pytestmark = pytest.mark.usefixtures("in_english")

SHEET, TEXTS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def packed(parts: dict[str, tuple[bytes, bytes, int, bytes]], *, packing: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    """A workbook; each part is a beginning, and a piece so many times, and an end."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", packing, compresslevel=9) as archive:
        for name, (beginning, piece, times, end) in parts.items():
            with archive.open(name, "w") as part:
                part.writelines((beginning, *repeat(piece, times), end))
    return content


def refusal(content: io.BytesIO) -> str:
    with pytest.raises(UnreadableTable) as refused:
        list(workbook.read_rows(content))
    return str(refused.value)


@pytest.mark.parametrize("name", [SHEET, TEXTS])
def test_what_unpacks_to_a_hundred_times_its_size_is_not_unpacked(name: str) -> None:
    sheet = {SHEET: (b"<worksheet>", b"", 0, b"</worksheet>")}
    content = packed({**sheet, name: (b"<sst>", b"<si/>" * 200_000, 250, b"</sst>")})
    assert len(content.getvalue()) < 400_000
    begun = thread_time()
    assert "unpacks to more than a hundred times its size" in refusal(content)
    assert thread_time() - begun < 1


def test_a_small_part_may_shrink_as_far_as_it_does() -> None:
    content = packed({SHEET: (b"<worksheet>", b"<row/>" * 100_000, 10, b"</worksheet>")})
    assert sum(1 for _row in workbook.read_rows(content)) == 1_000_000


@pytest.mark.parametrize("name", [SHEET, TEXTS])
def test_a_part_has_no_more_elements_than_a_table_needs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "MOST_ELEMENTS", 999)
    sheet = {SHEET: (b"<worksheet>", b"", 0, b"</worksheet>")}
    many = {**sheet, name: (b"<sst>", b"<a/>", 999, b"</sst>")}
    assert "more than 999 elements" in refusal(packed(many, packing=zipfile.ZIP_STORED))
    few = {**sheet, name: (b"<sst>", b"<a/>", 998, b"</sst>")}
    assert list(workbook.read_rows(packed(few, packing=zipfile.ZIP_STORED))) == []


def test_reading_ends_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "MOST_SECONDS", 0.05)
    content = packed({SHEET: (b"<worksheet>", b"<a/>" * 1_000, 4_000, b"</worksheet>")}, packing=zipfile.ZIP_STORED)
    assert "takes longer to read" in refusal(content)


def test_the_time_of_whoever_takes_the_rows_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "MOST_SECONDS", 0.5)
    count = 0
    for _row in workbook.read_rows(packed({SHEET: (b"<worksheet>", b"<row/>", 20_000, b"</worksheet>")})):
        count += 1
        if count % 4_000 == 0:
            until = thread_time() + 0.2
            while thread_time() < until:
                continue
    assert count == 20_000


def test_a_message_of_a_bank_is_held_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(markup, "MOST_ELEMENTS", 9)
    with pytest.raises(UnreadableReply, match="more than 9 elements"):
        list(records(io.BytesIO(b"<Document>" + b"<a/>" * 10 + b"</Document>"), names={"a"}))


def test_a_list_is_refused_for_it_in_one_sentence() -> None:
    content = packed({SHEET: (b"<worksheet>", b"<a/>" * 250_000, 60, b"</worksheet>")})
    assert len(content.getvalue()) < 250_000
    with pytest.raises(UnreadableTable, match="hundred times"):
        read_list(content, names_people=False)


def test_an_archive_of_more_parts_than_any_workbook_has_is_not_listed() -> None:
    content = packed({f"{number:080}": (b"", b"", 0, b"") for number in range(10_000)})
    assert len(content.getvalue()) < 4 << 20
    assert "more parts than any table" in refusal(content)


def test_an_archive_that_keeps_its_numbers_elsewhere_is_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    content = packed({SHEET: (b"<worksheet>", b"", 0, b"</worksheet>"), "other": (b"", b"", 0, b"")})
    assert "more parts than any table" in refusal(content)
