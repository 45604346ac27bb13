"""
How far a packed file from outside may unpack, at whatever door it comes in.

Real tables shrink to between a tenth and a fiftieth. What shrinks to less than a hundredth was made to fill a disk or
to keep us busy. Small files may: a few equal rows shrink to nearly nothing.
"""

from __future__ import annotations

import zlib
from typing import IO
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext_lazy as _

from qinqing.kernel.tables.refusals import UnreadableTable

MOST_RATIO = 100
RATIO_COUNTS_FROM_BYTES = 8 << 20
# A workbook has some dozens of parts, each with an entry of about a hundred bytes.
LARGEST_DIRECTORY_BYTES = 1 << 20
# What `zipfile`, and code that looks for a part of an archive, raise when the bytes are damaged.
DAMAGES = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError, OSError)
_END, _END_BYTES, _LONGEST_COMMENT_BYTES = b"PK\x05\x06", 22, 1 << 16
_LARGE_ARCHIVE = b"PK\x06\x07"


def is_bomb(*, unpacked_bytes: int, packed_bytes: int) -> bool:
    """Whether this much came, or is said to come, out of too little."""
    return unpacked_bytes > max(RATIO_COUNTS_FROM_BYTES, MOST_RATIO * packed_bytes)


def open_archive(content: IO[bytes]) -> ZipFile:
    """
    Open a zip archive, whose list of parts is read into memory only if it is short.

    Raises:
        UnreadableTable: it lists more parts than any workbook has.
        BadZipFile: it is no archive.
    """
    content.seek(0, 2)
    start = max(content.tell() - _END_BYTES - _LONGEST_COMMENT_BYTES, 0)
    content.seek(start)
    end = content.read()
    place = end.rfind(_END)
    directory_bytes = int.from_bytes(end[place + 12 : place + 16], "little") if place >= 0 else 0
    # An archive of more than 4 GB or 65,535 parts keeps the true numbers elsewhere.
    if _LARGE_ARCHIVE in end or directory_bytes > LARGEST_DIRECTORY_BYTES:
        raise UnreadableTable(_("The workbook has more parts than any table; save only the table that is needed."))
    content.seek(0)
    return ZipFile(content)
