"""Opens a file as it was sent: tells its kind by its bytes, and unpacks a gzip or a zip, within limits."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO
from zipfile import ZipFile, ZipInfo

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.refusals import Refusal
from qinqing.kernel.tables.refusals import UnreadableTable
from qinqing.kernel.tables.unpacking import DAMAGES, is_bomb, open_archive

PIECE_BYTES = 1 << 20
MAX_PACKED_BYTES = 2 << 30
MAX_UNPACKED_BYTES = 4 << 30
MAX_ROW_CHARACTERS = 1 << 20
SHOWN_CHARACTERS = 60

_GZIP, _ZIP, _PARQUET = b"\x1f\x8b", b"PK\x03\x04", b"PAR1"
_WORKBOOK = "xl/workbook.xml"
_FOREIGN = (
    (b"PK\x05\x06", "zip (empty)"),
    (b"\xd0\xcf\x11\xe0", "xls / xlsx with a password"),
    (b"PARE", "Parquet (encrypted)"),
    (b"%PDF", "PDF"),
    (b"7z\xbc\xaf", "7z"),
    (b"Rar!", "RAR"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
# What else is a zip inside, by a part that each of them has.
_FOREIGN_PARTS = {"xl/workbook.bin": "xlsb", "word/document.xml": "docx", "content.xml": "ods"}
# What the archiver of a Mac adds to a file that it packs.
_ADDED_BY_A_MAC = "__MACOSX/"


class Kind(StrEnum):
    """The kind of a file, without its packing."""

    TEXT = "text"
    WORKBOOK = "xlsx"
    PARQUET = "Parquet"


class UnreadableFile(Refusal):
    """The bytes are no table, the file is cut off, or its rows cannot be told apart."""


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


def detect_kind(*, content: BinaryIO) -> Kind:
    """
    The kind of the file by its first bytes, whatever its name says.

    Raises:
        UnreadableFile: it is of a kind that no delivery may have, packed twice, or damaged where it is packed.
    """
    packing = _beginning(content)
    is_packed = packing.startswith(_GZIP) or (packing.startswith(_ZIP) and not _is_workbook(content))
    start = next(byte_pieces(content=content), b"") if is_packed else packing
    _refuse_foreign(start)
    if is_packed and start.startswith(_GZIP):
        raise _packed_twice()
    if start.startswith(_PARQUET):
        return Kind.PARQUET
    return Kind.WORKBOOK if start.startswith(_ZIP) else Kind.TEXT


def byte_pieces(*, content: BinaryIO) -> Iterator[bytes]:
    """
    The bytes of the file from its start in pieces, out of its gzip or zip.

    Raises:
        UnreadableFile: the gzip or zip is damaged, or the zip holds anything but one file.
        TooLarge: it unpacks to more than a delivery may be.
    """
    start = _beginning(content)
    if start.startswith(_GZIP):
        return _gunzip(content)
    if start.startswith(_ZIP) and not _is_workbook(content):
        return _unzip(content)
    return iter(lambda: content.read(PIECE_BYTES), b"")


@contextmanager
def unpacked_file(*, content: BinaryIO) -> Iterator[Path]:
    """A copy of the file without its packing, for a reader that moves about in it; it is deleted afterwards."""
    with TemporaryDirectory(prefix="qinqing-delivery-") as folder:
        path = Path(folder) / "file"
        with path.open("wb") as copy:
            copy.writelines(byte_pieces(content=content))
        yield path


def refuse_packed_twice(*, file: BinaryIO) -> None:
    """
    Refuse what a gzip or a zip held, if it is a zip again and no workbook.

    Raises:
        UnreadableFile: it is one.
    """
    if not _is_workbook(file):
        raise _packed_twice()


def _beginning(content: BinaryIO) -> bytes:
    content.seek(0)
    start = content.read(4)
    content.seek(0)
    return start


def _refuse_foreign(start: bytes) -> None:
    for magic, name in _FOREIGN:
        if start.startswith(magic):
            raise _foreign(name)


def _foreign(name: str) -> UnreadableFile:
    sentence = _("This is a file of the kind {name}; send the table as CSV, xlsx, NDJSON or Parquet.")
    return UnreadableFile(format_lazy(sentence, name=name))


def _packed_twice() -> UnreadableFile:
    return UnreadableFile(_("The file is packed twice, one archive in another; pack the table once and send it again."))


def _is_workbook(content: BinaryIO) -> bool:
    with _open_zip(content) as archive:
        names = set(archive.namelist())
    content.seek(0)
    for part, kind in _FOREIGN_PARTS.items():
        if part in names:
            raise _foreign(kind)
    return _WORKBOOK in names


@contextmanager
def _open_zip(content: BinaryIO) -> Iterator[ZipFile]:
    try:
        with open_archive(content) as archive:
            yield archive
    except UnreadableTable as refusal:
        raise UnreadableFile(format_lazy("{}", refusal)) from None
    except DAMAGES:
        sentence = _("The zip or xlsx file is cut off or damaged; send it again.")
        raise UnreadableFile(sentence) from None


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


def _unzip(content: BinaryIO) -> Iterator[bytes]:
    with _open_zip(content) as archive:
        part = _only_part(archive)
        # `zipfile` never unpacks more bytes than the archive states, so the stated size can be trusted.
        _refuse_bomb(part.file_size, part.compress_size)
        with archive.open(part) as unpacking:
            while piece := unpacking.read(PIECE_BYTES):
                yield piece


def _only_part(archive: ZipFile) -> ZipInfo:
    parts = [part for part in archive.infolist() if not part.filename.startswith(_ADDED_BY_A_MAC)]
    if len(parts) != 1:
        sentence = _("The zip holds {count} files; pack one table alone and send it again.")
        raise UnreadableFile(format_lazy(sentence, count=len(parts)))
    [part] = parts
    if "/" in part.filename or "\\" in part.filename:
        sentence = _("The zip holds the path “{name}”; pack the file itself, without a folder, and send it again.")
        raise UnreadableFile(format_lazy(sentence, name=_shown(part.filename)))
    if part.flag_bits & 1:
        raise UnreadableFile(_("The zip has a password; pack the table without one and send it again."))
    return part


def _shown(name: str) -> str:
    return "".join(sign for sign in name[:SHOWN_CHARACTERS] if sign.isprintable())


def _refuse_bomb(unpacked_bytes: int, packed_bytes: int) -> None:
    if unpacked_bytes > MAX_UNPACKED_BYTES or is_bomb(unpacked_bytes=unpacked_bytes, packed_bytes=packed_bytes):
        raise _size_refusal(MAX_UNPACKED_BYTES)


def _size_refusal(limit_bytes: int) -> TooLarge:
    sentence = _("The file is larger than a delivery may be ({limit} MiB); send it in several deliveries.")
    return TooLarge(format_lazy(sentence, limit=limit_bytes >> 20))
