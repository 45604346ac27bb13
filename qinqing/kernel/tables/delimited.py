"""The rows of a delimited text, in UTF-8 or GB18030, row by row."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from qinqing.kernel.tables.refusals import Row, UnreadableTable

if TYPE_CHECKING:
    from typing_extensions import Buffer

LONGEST_LINE = 100_000
BLOCK_BYTES = 1 << 20


def read_rows(content: IO[bytes], *, delimiter: str) -> Iterator[Row]:
    """
    The number of each row, counted as a spreadsheet does, and its cells.

    Raises:
        UnreadableTable: the file is no text in UTF-8 or GB18030, a line has no end, or a quotation mark is not closed.
    """
    encoding = _detect_encoding(content)
    text = io.TextIOWrapper(io.BufferedReader(_Unclosed(content)), encoding=encoding, newline="")
    try:
        reader = csv.reader(_read_lines(text), delimiter=delimiter, strict=True)
        yield from enumerate(reader, start=1)
    except csv.Error:
        sentence = _("Row %(row)s is damaged or cut off: a quotation mark is not closed. Fetch it again.")
        raise UnreadableTable(sentence, row=reader.line_num) from None


class _Unclosed(io.RawIOBase):
    """The file from its first byte; it stays open when the text wrapper around it closes."""

    def __init__(self, content: IO[bytes]) -> None:
        content.seek(0)
        self._content = content

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer)
        block = self._content.read(len(view))
        view[: len(block)] = block
        return len(block)


def _read_lines(text: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if len(line) >= LONGEST_LINE:
            sentence = _("Line %(line)s has more than %(count)s characters; this is no table.")
            raise UnreadableTable(sentence, line=number, count=LONGEST_LINE)
        if "\0" in line:
            sentence = _("Line %(line)s holds a zero byte, so this is no text file; choose another file.")
            raise UnreadableTable(sentence, line=number)
        yield line


def _detect_encoding(content: IO[bytes]) -> str:
    """UTF-8 if every byte fits it, else GB18030 if every byte fits that."""
    for encoding in ("utf-8", "gb18030"):
        if _can_decode(content, encoding):
            return "utf-8-sig" if encoding == "utf-8" else encoding
    raise UnreadableTable(_("The file is neither UTF-8 nor GB18030 text; save it as CSV in UTF-8 and choose it again."))


def _can_decode(content: IO[bytes], encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    content.seek(0)
    try:
        while block := content.read(BLOCK_BYTES):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
