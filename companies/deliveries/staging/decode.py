"""Reads a file as text, in pieces, and tells whether it is UTF-8 or GB18030, and CSV or NDJSON."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import BinaryIO, NamedTuple

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.deliveries.staging.read_file import MAX_ROW_CHARACTERS, UnreadableFile, byte_pieces

_CHINESE = re.compile("[\u4e00-\u9fff]")
_MARK = "\ufeff"


class Layout(StrEnum):
    """The layout of the rows in a text."""

    CSV = "CSV"
    NDJSON = "NDJSON"


class Encoding(StrEnum):
    """How the characters of a text are written as bytes."""

    UTF_8 = "UTF-8"
    GB18030 = "GB18030"


class TextFormat(NamedTuple):
    """What kind of text a file is; as a text, such as “CSV, GB18030”."""

    layout: Layout
    encoding: Encoding

    def __str__(self) -> str:
        return f"{self.layout}, {self.encoding}"


class _Undecodable(Exception):
    """The bytes are not of this encoding; `text` is what stands before them in their piece, `line` theirs."""

    def __init__(self, fault: UnicodeDecodeError, text: str, *, offset: int, rows_before: int) -> None:
        self.text = text
        self.row = rows_before + text.count("\n") + 1
        self.byte = offset + fault.start
        held: bytes = fault.object
        self.line = held[held.rfind(b"\n", 0, fault.start) + 1 :].split(b"\n", 1)[0][:400]


def find_encoding(*, content: BinaryIO) -> Encoding:
    """
    UTF-8 if all bytes fit it, else GB18030 if all bytes fit that.

    Almost any bytes fit GB18030, so a damaged UTF-8 file would come out as other characters. What was UTF-8 with
    Chinese characters up to the fault is not tried, nor is a line without a frequent Chinese character.

    Raises:
        UnreadableFile: the bytes fit neither; see also `byte_pieces`.
    """
    try:
        return _check(content, Encoding.UTF_8)
    except _Undecodable as fault:
        if _CHINESE.search(fault.text) or not _has_frequent_character(fault.line):
            raise _encoding_refusal(fault) from None
    try:
        return _check(content, Encoding.GB18030)
    except _Undecodable as fault:
        raise _encoding_refusal(fault) from None


def detect_text(*, content: BinaryIO) -> TextFormat:
    """
    The layout and the encoding of a text.

    Raises:
        UnreadableFile: the bytes are no text, or the text is blank or one JSON list; see also `byte_pieces`.
    """
    encoding = find_encoding(content=content)
    return TextFormat(detect_layout(read_beginning(text_pieces(content=content, encoding=encoding))), encoding)


def text_pieces(*, content: BinaryIO, encoding: Encoding) -> Iterator[str]:
    """
    The file's text from its start in pieces of about a megabyte; the first is never empty.

    Raises:
        UnreadableFile: it is empty, or holds bytes that no text has; see also `byte_pieces`.
        TooLarge: it unpacks to more than a delivery may be.
    """
    is_empty, rows_before = True, 0
    for text in _decode(byte_pieces(content=content), encoding):
        if "\0" in text:
            row = rows_before + text.count("\n", 0, text.index("\0")) + 1
            sentence = _("Row {row} holds a zero byte, so this is no text file; export the table as CSV again.")
            raise UnreadableFile(format_lazy(sentence, row=row))
        rows_before += text.count("\n")
        if text:
            is_empty = False
            yield text
    if is_empty:
        raise UnreadableFile(_("The file is empty; send a header line and rows."))


def read_beginning(pieces: Iterator[str]) -> str:
    """The text up to the end of the first line that is not blank or, if there is none, all of it."""
    begun = ""
    for piece in pieces:
        begun += piece
        if "\n" in begun.lstrip() or len(begun) > MAX_ROW_CHARACTERS:
            break
    return begun


def detect_layout(beginning: str) -> Layout:
    """
    The layout of a file, by the beginning of its text.

    Raises:
        UnreadableFile: it is blank, or one JSON list.
    """
    start = beginning.lstrip()[:1]
    if not start:
        raise UnreadableFile(_("The file is empty; send a header line and rows."))
    if start == "[":
        raise UnreadableFile(_("The file is one JSON list; send NDJSON instead, one object on each line."))
    return Layout.NDJSON if start == "{" else Layout.CSV


def _check(content: BinaryIO, encoding: Encoding) -> Encoding:
    for _text in _decode(byte_pieces(content=content), encoding):
        pass
    return encoding


def _decode(pieces: Iterator[bytes], encoding: Encoding) -> Iterator[str]:
    """Decode; if a piece ends within a character, its bytes wait in the decoder for the next piece."""
    decoder = codecs.getincrementaldecoder(encoding)()
    given, rows_before, is_start = 0, 0, True
    for piece in _mark_end(pieces):
        given += len(piece or b"")
        try:
            text = decoder.decode(piece or b"", final=piece is None)
        except UnicodeDecodeError as fault:
            before = fault.object[: fault.start].decode(encoding)
            offset = given - len(fault.object)
            raise _Undecodable(fault, before, offset=offset, rows_before=rows_before) from None
        rows_before += text.count("\n")
        yield text.removeprefix(_MARK) if is_start else text
        is_start = is_start and not text


def _mark_end(pieces: Iterator[bytes]) -> Iterator[bytes | None]:
    yield from pieces
    yield None


def _encoding_refusal(fault: _Undecodable) -> UnreadableFile:
    sentence = _("Row {row}, byte {byte} is no UTF-8, and no GB18030 either; save the file as UTF-8 and send it again.")
    return UnreadableFile(format_lazy(sentence, row=fault.row, byte=fault.byte))


def _has_frequent_character(line: bytes) -> bool:
    """Whether GB18030 finds a Chinese character there that is frequent: one of the 6,763 that GB 2312 has."""
    found = _CHINESE.findall(line.decode("gb18030", "ignore"))
    return any(character.encode("gb2312", "ignore") for character in found)
