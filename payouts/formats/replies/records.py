"""The records of an ISO 20022 message: each holds the texts below a tag, and is yielded when the tag closes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import IO

from django.utils.translation import gettext_lazy as _

from payouts.formats.replies.answer import UnreadableReply
from qinqing.kernel.tables.markup import Reader, feed

LONGEST_TEXT = 500
MOST_TEXTS = 300
# Together these blocks are a megabyte in which no record ends.
MOST_BLOCKS = 16


@dataclass(slots=True)
class Record:
    """A tag with the first text at each path below it; `above` is the record around it."""

    name: str
    above: Record | None
    texts: dict[str, str] = field(default_factory=dict)
    # The number of records directly inside this one, by name.
    held: dict[str, int] = field(default_factory=dict)

    def text(self, *paths: str) -> str:
        """The text at the first of the paths that has a text."""
        return next((self.texts[path] for path in paths if self.texts.get(path)), "")


def records(content: IO[bytes], *, names: Collection[str]) -> Iterator[Record]:
    """
    Yield the tags of these names with their texts, in the order in which they close.

    Raises:
        UnreadableReply: `markup.feed` refuses the file, or a record is longer than any bank's.
    """
    reader = _Records(names)
    blocks_in_vain = 0
    for _pause in feed(content, reader):
        blocks_in_vain = 0 if reader.closed else blocks_in_vain + 1
        if blocks_in_vain > MOST_BLOCKS:
            raise _too_long()
        yield from reader.closed
        reader.closed.clear()


class _Records(Reader):
    def __init__(self, names: Collection[str]) -> None:
        self.closed: list[Record] = []
        self._names = frozenset(names)
        self._record: Record | None = None
        # The path below each open record.
        self._paths: list[list[str]] = []
        self._text = ""

    def opens(self, name: str, attributes: dict[str, str]) -> None:
        self._text = ""
        if name in self._names:
            if self._record is not None:
                self._record.held[name] = self._record.held.get(name, 0) + 1
            self._record = Record(name, self._record)
            self._paths.append([])
        elif self._record is not None:
            self._paths[-1].append(name)
            if currency := attributes.get("Ccy"):
                self._keep("/".join(self._paths[-1]) + "@Ccy", currency)

    def reads(self, text: str) -> None:
        if self._record is not None and len(self._text) < LONGEST_TEXT:
            self._text += text

    def closes(self, name: str) -> None:
        if self._record is None:
            return
        text, self._text = self._text.strip(), ""
        path = self._paths[-1]
        if path:
            if text:
                self._keep("/".join(path), text[:LONGEST_TEXT])
            path.pop()
            return
        self.closed.append(self._record)
        self._record = self._record.above
        self._paths.pop()

    def _keep(self, path: str, text: str) -> None:
        assert self._record is not None
        if len(self._record.texts) >= MOST_TEXTS:
            raise _too_long()
        self._record.texts.setdefault(path, text)


def _too_long() -> UnreadableReply:
    return UnreadableReply(_("A record of the file is longer than any bank’s; this is no reply of a bank."))
