"""Reading of a reply file, whose kind its first bytes tell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from django.utils.translation import gettext_lazy as _

from payouts.formats.replies import iso20022
from payouts.formats.replies.answer import LARGEST_FILE_BYTES, Header, ReplyKind, ReplyRow, UnreadableReply
from payouts.formats.replies.table import TableWords, read_replies
from qinqing.kernel.tables import delimited, workbook

_ZIP, _OLE, _PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"


def read(content: IO[bytes], *, words: TableWords | None) -> tuple[Header, Iterator[ReplyRow]]:
    """
    Tell the kind of the file from its first bytes; return its header and its rows, which are read as they are taken.

    `words` are the words of the bank's table; without them only the messages of ISO 20022 can be read.

    Raises:
        UnreadableReply: the file cannot be read; a later row may raise it while the rows are taken.
    """
    start = _start(content)
    if start.startswith((_OLE, _PDF)):
        sentence = _("The file is an old or protected workbook, or a PDF; save it as xlsx or CSV without a password.")
        raise UnreadableReply(sentence)
    if b"\0" in start[:16] and not start.startswith(_ZIP):
        # Pictures and programs begin with zero bytes; the reader of a table names the line of a zero byte further down.
        sentence = _(
            "This is no reply file: it is neither XML (pain.002, camt.053, camt.054), nor an xlsx workbook, nor CSV"
            " text in UTF-8 or GB18030. Choose the file that the bank sent."
        )
        raise UnreadableReply(sentence)
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<"):
        return iso20022.read(content)
    if words is None:
        sentence = _("This is a table; choose the bank that sent it, and give that bank a layout of replies.")
        raise UnreadableReply(sentence)
    if start.startswith(_ZIP):
        return Header(ReplyKind.WORKBOOK), read_replies(workbook.read_rows(content), words)
    return Header(ReplyKind.DELIMITED), read_replies(delimited.read_rows(content, delimiter=words.delimiter), words)


def _start(content: IO[bytes]) -> bytes:
    content.seek(0, 2)
    if content.tell() > LARGEST_FILE_BYTES:
        sentence = _("The file is larger than %(count)s MB; ask the bank to split it.")
        raise UnreadableReply(sentence, count=LARGEST_FILE_BYTES >> 20)
    content.seek(0)
    start = content.read(400)
    if not start.strip():
        raise UnreadableReply(_("The file is empty; fetch it from the bank again."))
    return start
