"""Finds what may come next at the cursor in a rule that an officer is writing, even if the rest is still wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from companies.datasets.catalogue import Catalogue, Fact, FactGroup
from policies.feel.syntax.naming import find_named

_TOKENS = re.compile(
    r'(?P<text>"(?:\\.|[^"\\])*(?P<end>"|\Z))|(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))|(?P<name>[^\W\d]\w*)'
    r"|(?P<number>\d+(?:\.\d+)?)|(?P<compare>!=|<=|>=|=|<|>)|(?P<sign>\.\.|\S)",
    re.DOTALL,
)
_WORD = re.compile(r"[^\W\d]\w*\Z")
_BEGUN = re.compile(r"\w*")
_BINDERS = frozenset({"some", "every", "for", ","})
# After these signs a value of the fact before them is still expected.
_WITHIN_VALUES = frozenset({"(", ",", "[", "in"})
_CLOSERS = {")": "(", "]": "["}
# Words after which a value begins.
_OPERATORS = frozenset({
    "if", "then", "else", "for", "return", "some", "every", "satisfies", "or", "and", "in", "between", "not",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class CursorContext:
    """
    What a cursor in a text stands after.

    The word that is being written begins at `start` and reaches to `end`, beyond the cursor; `prefix` is its part
    before the cursor. After a dot, `owner` is the group whose fact is wanted, or `whole` the fact of which a part is.
    `filtered` are the groups whose records the brackets around choose from, innermost first. `compared` is the fact
    whose value is wanted, `is_in_text` says that its quotation mark is already there. `locals` are the names that
    loops around it give to records. `is_after_value`: a value stands before, so that only an operator can follow.
    """

    start: int
    end: int
    prefix: str
    is_after_dot: bool
    owner: FactGroup | None
    whole: Fact | None
    filtered: tuple[FactGroup, ...]
    compared: tuple[FactGroup, Fact] | None
    is_in_text: bool
    locals: tuple[str, ...]
    is_after_value: bool


def find_cursor_context(text: str, at: int, *, catalogue: Catalogue) -> CursorContext | None:
    """What may be written at a position of a text, None inside a comment or where nothing is known to fit."""
    reader = _Reader(catalogue)
    before = text[:at]
    word = _WORD.search(before)
    rest = _BEGUN.match(text, at)
    start, end = (word.start() if word else at), (rest.end() if rest else at)
    for found in _TOKENS.finditer(before):
        category = found.lastgroup if found.lastgroup != "end" else "text"
        if category == "comment" and found.end() == at and not found[0].endswith("*/"):
            return None
        if category == "text" and not found["end"]:
            end += text.startswith('"', end)
            return reader.describe(found.start(), end, found[0][1:], is_in_text=True) if reader.compared else None
        if category == "name" and found.end() == at:
            break
        reader.read(category or "", found[0])
    return reader.describe(start, end, before[start:], is_in_text=False)


@dataclass(slots=True)
class _Reader:
    """Reads the tokens before the cursor, and remembers what a name there would mean."""

    catalogue: Catalogue
    # Each bracket that is open, with the group whose records it chooses from, if any.
    opened: list[tuple[str, FactGroup | None]] = field(default_factory=list)
    locals: dict[str, FactGroup] = field(default_factory=dict)
    group: FactGroup | None = None
    owner: FactGroup | None = None
    fact: tuple[FactGroup, Fact] | None = None
    compared: tuple[FactGroup, Fact] | None = None
    whole: Fact | None = None
    is_after_dot: bool = False
    is_after_value: bool = False
    binding: str = ""
    last: tuple[str, str] = ("", "")

    def describe(self, start: int, end: int, prefix: str, *, is_in_text: bool) -> CursorContext:
        """The context at the cursor."""
        filtered = tuple(group for _sign, group in reversed(self.opened) if group)
        compared = self.compared if not self.is_after_dot else None
        names = tuple(self.locals)
        return CursorContext(
            start=start,
            end=end,
            prefix=prefix,
            is_after_dot=self.is_after_dot,
            owner=self.owner,
            whole=self.whole,
            filtered=filtered,
            compared=compared,
            is_in_text=is_in_text,
            locals=names,
            is_after_value=self.is_after_value,
        )

    def read(self, category: str, text: str) -> None:
        """Read one more token of a category: “name”, “compare”, “sign” and so on."""
        if category == "comment":
            return
        before, self.last = self.last, (self.last[1], text)
        if category == "name":
            self._read_name(text, before)
        elif category == "compare":
            self.compared, self.fact, self.group = self.fact, None, None
        elif category == "sign":
            self._read_sign(text)
        else:
            self.group = self.fact = None
        self.is_after_dot = text == "."
        self.is_after_value = category in ("text", "number") or text in _CLOSERS
        self.is_after_value |= category == "name" and text not in _OPERATORS

    def _read_name(self, name: str, before: tuple[str, str]) -> None:
        if name == "in" and not self.is_after_dot:
            if before[0] in _BINDERS:
                self.binding = before[1]
            self.compared, self.fact = self.fact, None
            return
        if name in ("satisfies", "return"):
            self.binding = ""
        self.compared = None
        if self.is_after_dot:
            self.fact, self.group = self._fact_of(self.owner, name), None
        else:
            self._read_first(name)
        if self.binding and self.group:
            self.locals[self.binding] = self.group

    def _read_first(self, name: str) -> None:
        filtered = [group for _sign, group in reversed(self.opened) if group]
        inner = filtered[0] if name == "item" and filtered else None
        self.group = self.locals.get(name) or inner
        self.fact = None if self.group else next((f for g in filtered if (f := self._fact_of(g, name))), None)
        if not self.group and not self.fact:
            self.group = find_named(self.catalogue.groups, name)

    def _fact_of(self, group: FactGroup | None, name: str) -> tuple[FactGroup, Fact] | None:
        fact = find_named(group.facts, name) if group else None
        return (group, fact) if group and fact else None

    def _read_sign(self, sign: str) -> None:
        if sign in ("(", "["):
            self.opened.append((sign, self.group if sign == "[" else None))
            self.group = self.fact = None
        elif sign in _CLOSERS:
            self.group = self._close(_CLOSERS[sign])
            self.fact = None
        elif sign == ".":
            self.owner, self.whole = self.group, self.fact[1] if self.fact else None
        else:
            self.group = self.fact = None
        if sign not in _WITHIN_VALUES:
            self.compared = None

    def _close(self, opener: str) -> FactGroup | None:
        while self.opened:
            sign, group = self.opened.pop()
            if sign == opener:
                return group
        return None
