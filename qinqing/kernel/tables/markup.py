"""
XML from outside, as a stream: no document type and so no entities, no depth, no token without an end.

A document may have so many elements and take so much time. Memory holds only what a reader keeps, so it does not grow
with the file; a small document may be read as a tree.
"""

from __future__ import annotations

import codecs
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from time import thread_time
from typing import IO
from xml.parsers import expat

from defusedxml.ElementTree import DefusedXMLParser
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.tables.refusals import UnreadableTable

BLOCK_BYTES = 1 << 16
DEEPEST = 60
# A tag with its attributes.
LONGEST_TOKEN_BYTES = 1 << 20
# A million rows of ten cells have about thirty million.
MOST_ELEMENTS = 40_000_000
# Processor time of the parser alone, without other processes and without the code that takes the rows.
MOST_SECONDS = 120.0
CHINESE_ENCODING = re.compile(rb"""encoding\s*=\s*["'](gb18030|gbk|gb2312)["']""", re.IGNORECASE)


class Reader:
    """Hears of each tag and text; a subclass keeps what it needs."""

    def opens(self, name: str, attributes: dict[str, str]) -> None:
        """A tag opens."""

    def closes(self, name: str) -> None:
        """A tag closes."""

    def reads(self, text: str) -> None:
        """A text, or a piece of one, stands here."""


def feed(content: IO[bytes], reader: Reader) -> Iterator[None]:
    """
    Give the reader the whole document; yield after each block, so that the caller can take what the reader kept.

    Raises:
        UnreadableTable: the document is no XML, is cut off, declares a document type, or is built to exhaust us.
    """
    parser = _make_parser(reader)
    count, spent_seconds = 0, 0.0
    try:
        for block in _read_utf8(content):
            begun = thread_time()
            parser.Parse(block)
            spent_seconds += thread_time() - begun
            if spent_seconds > MOST_SECONDS:
                raise UnreadableTable(_("The file takes longer to read than any table; have it split."))
            count += len(block)
            if count - max(parser.CurrentByteIndex, 0) > LONGEST_TOKEN_BYTES:
                raise UnreadableTable(_("A tag of the file has no end; it was not read."))
            yield
        parser.Parse(b"", True)  # noqa: FBT003 - the parameter has no name
    except expat.ExpatError as fault:
        sentence = _("The file is cut off or damaged at line %(line)s; fetch it again.")
        raise UnreadableTable(sentence, line=fault.lineno) from None
    yield


def read_tree(content: bytes, *, most_elements: int) -> ET.Element:
    """
    Read a small document as a tree, in the encoding that it declares.

    Raises:
        UnreadableTable: it has more elements than it may, or they lie too deep in each other.
        DefusedXmlException: it declares a document type.
        ParseError, ValueError, LookupError: it is no XML.
    """
    parser = DefusedXMLParser(target=_Tree(most_elements), forbid_dtd=True)  # type: ignore[no-untyped-call]
    parser.feed(content)
    root: ET.Element = parser.close()
    return root


class _Tree(ET.TreeBuilder):
    """Builds a tree of so many elements."""

    def __init__(self, most_elements: int) -> None:
        super().__init__()
        self._most, self._depth, self._count = most_elements, 0, 0

    def start(self, tag: str, attributes: dict[str, str], /) -> ET.Element:
        """A tag opens."""
        self._depth, self._count = self._depth + 1, self._count + 1
        if self._count > self._most:
            sentence = _("The file has more than %(count)s elements, which is more than any of its kind.")
            raise UnreadableTable(sentence, count=f"{self._most:,}")
        if self._depth > DEEPEST:
            raise UnreadableTable(_("The tags of the file lie too deep in each other; it was not read."))
        return super().start(tag, attributes)

    def end(self, tag: str, /) -> ET.Element:
        """A tag closes."""
        self._depth -= 1
        return super().end(tag)


def _make_parser(reader: Reader) -> expat.XMLParserType:
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    depth, elements = 0, 0

    def opens(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth, elements = depth + 1, elements + 1
        if elements > MOST_ELEMENTS:
            sentence = _("The file has more than %(count)s elements, which is more than any table; have it split.")
            raise UnreadableTable(sentence, count=f"{MOST_ELEMENTS:,}")
        if depth > DEEPEST:
            raise UnreadableTable(_("The tags of the file lie too deep in each other; it was not read."))
        reader.opens(name.rpartition(" ")[2], attributes)

    def closes(name: str) -> None:
        nonlocal depth
        depth -= 1
        reader.closes(name.rpartition(" ")[2])

    def declares(*_type: object) -> None:
        raise UnreadableTable(_("The file declares a document type, which no sound file does; it was not read."))

    parser.StartElementHandler, parser.EndElementHandler = opens, closes
    parser.CharacterDataHandler = reader.reads
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = declares
    return parser


def _read_utf8(content: IO[bytes]) -> Iterator[bytes]:
    """The document in UTF-8: the parser itself knows no Chinese encoding."""
    content.seek(0)
    start = content.read(200)
    content.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableTable(_("The file is written in UTF-16; ask for it in UTF-8."))
    blocks = iter(lambda: content.read(BLOCK_BYTES), b"")
    if not CHINESE_ENCODING.search(start):
        yield from blocks
        return
    decoder = codecs.getincrementaldecoder("gb18030")()
    try:
        for block in blocks:
            yield decoder.decode(block).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeDecodeError:
        raise UnreadableTable(_("The file says it is GB18030, but is not; fetch it again.")) from None
