"""Reads the bytes of a file as text, in pieces, within limits; it unpacks and decodes them."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from enum import StrEnum
from typing import BinaryIO

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.refusals import Refusal
from qinqing.kernel.tables.unpacking import is_bomb

PIECE_BYTES = 1 << 20
MAX_PACKED_BYTES = 2 << 30
MAX_UNPACKED_BYTES = 4 << 30
MAX_ROW_CHARACTERS = 1 << 20

_GZIP = b"\x1f\x8b"
_FOREIGN = (
    (b"PK\x03\x04", "xlsx/zip"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"%PDF", "PDF"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


class Layout(StrEnum):
    """The layout of the rows in a file."""

    CSV = "csv"
    NDJSON = "ndjson"


class UnreadableFile(Refusal):
    """The bytes are no text, the file is cut off, or its rows cannot be told apart."""


class TooLarge(Refusal):
    """The file is larger than a delivery may be."""


def digest(*, content: BinaryIO) -> tuple[str, int]:
    """
    The file's SHA-256 in hexadecimal, and its length in bytes as it was sent.

    Raises:
        TooLarge: it is longer than `MAX_PACKED_BYTES`.
    """
    sha256, length = hashlib.sha256(), 0
    content.seek(0)
    while piece := content.read(PIECE_BYTES):
        sha256.update(piece)
        length += len(piece)
        if length > MAX_PACKED_BYTES:
            raise _size_refusal(MAX_PACKED_BYTES)
    return sha256.hexdigest(), length


def text_pieces(*, content: BinaryIO) -> Iterator[str]:
    """
    The file's text from its start in pieces of about a megabyte; the first is never empty.

    Raises:
        UnreadableFile: it is empty, no UTF-8, a broken gzip, or holds bytes that no text has.
        TooLarge: it unpacks to more than a delivery may be.
    """
    is_empty, rows_before = True, 0
    for text in _decode(_unpack(content)):
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


def _unpack(content: BinaryIO) -> Iterator[bytes]:
    content.seek(0)
    start = content.read(4)
    content.seek(0)
    for magic, name in _FOREIGN:
        if start.startswith(magic):
            sentence = _("This is a file of the kind {name}; save the table as CSV in UTF-8 and send that.")
            raise UnreadableFile(format_lazy(sentence, name=name))
    return _gunzip(content) if start.startswith(_GZIP) else iter(lambda: content.read(PIECE_BYTES), b"")


def _gunzip(content: BinaryIO) -> Iterator[bytes]:
    length = 0
    try:
        with gzip.GzipFile(fileobj=content) as unpacking:
            while piece := unpacking.read(PIECE_BYTES):
                length += len(piece)
                _refuse_bomb(length, content.tell())
                yield piece
    except EOFError:
        raise UnreadableFile(_("The gzip file is cut off before its end; send it again.")) from None
    except (gzip.BadGzipFile, zlib.error):
        raise UnreadableFile(_("The gzip file is damaged: its checksum or its form is wrong; send it again.")) from None


def _refuse_bomb(unpacked_bytes: int, packed_bytes: int) -> None:
    if unpacked_bytes > MAX_UNPACKED_BYTES or is_bomb(unpacked_bytes=unpacked_bytes, packed_bytes=packed_bytes):
        raise _size_refusal(MAX_UNPACKED_BYTES)


def _size_refusal(limit_bytes: int) -> TooLarge:
    sentence = _("The file is larger than a delivery may be ({limit} MiB); send it in several deliveries.")
    return TooLarge(format_lazy(sentence, limit=limit_bytes >> 20))


def _decode(pieces: Iterator[bytes]) -> Iterator[str]:
    """Decode UTF-8; if a piece ends within a character, the bytes of that character wait for the next piece."""
    waiting, offset, rows_before, is_start = b"", 0, 0, True
    for piece in _mark_end(pieces):
        held = waiting + (piece or b"")
        try:
            text, used = codecs.utf_8_decode(held, "strict", piece is None)
        except UnicodeDecodeError as fault:
            raise _encoding_refusal(held, fault, offset, rows_before) from None
        waiting, offset = held[used:], offset + used
        rows_before += text.count("\n")
        yield text.removeprefix("\ufeff") if is_start else text
        is_start = is_start and not text


def _mark_end(pieces: Iterator[bytes]) -> Iterator[bytes | None]:
    yield from pieces
    yield None


def _encoding_refusal(held: bytes, fault: UnicodeDecodeError, offset: int, rows_before: int) -> UnreadableFile:
    row = rows_before + held.count(b"\n", 0, fault.start) + 1
    line = held[held.rfind(b"\n", 0, fault.start) + 1 :].split(b"\n", 1)[0][:400]
    sentence = (
        _("Row {row}, byte {byte} is no UTF-8 but looks like GB18030; save the file as UTF-8 and send it again.")
        if _is_gb18030(line)
        else _("Row {row}, byte {byte} is no UTF-8; save the file as UTF-8 and send it again.")
    )
    return UnreadableFile(format_lazy(sentence, row=row, byte=offset + fault.start))


def _is_gb18030(line: bytes) -> bool:
    try:
        text = line.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return any("\u4e00" <= character <= "\u9fff" for character in text)
