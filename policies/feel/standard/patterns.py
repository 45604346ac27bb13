"""
Regular expressions: the part of XPath's that Python and PostgreSQL match alike, translated into what both can read.

Every set of characters is written out by code points, so that neither engine's own idea of letters, digits or case
counts. A pattern is always a written text: it is read when the rule is saved. What could take a machine very long, or
what the two engines would match differently, is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from policies.feel.standard.characters import (
    BLOCKS,
    CLASSES,
    EVERYTHING,
    LINE_ENDS,
    Ranges,
    category,
    other_cases,
    single_character,
    subtract_ranges,
    write_brackets,
)

LIMIT_PATTERN = 200
LIMIT_REPEATS = 100
LIMIT_WEIGHT = 1_000
LIMIT_OPEN_ENDED = 2  # With more, Python may look at a text in too many ways.

CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
CATEGORIES = re.compile(r"[LMNPZSC][a-z]?")
COUNT = re.compile(r"\{(\d{1,3})(?:(,)(\d{1,3})?)?\}", re.ASCII)


class BadPattern(ValueError):
    """A pattern that is not accepted; the argument is a code of the sentences."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """
    A translated piece of a pattern.

    `shortest` is the least number of characters it matches. `open_ended` counts the pieces in it whose length is not
    fixed; `weight` is about how large a machine for it is.
    """

    text: str
    shortest: int = 0
    open_ended: int = 0
    is_character: bool = False
    has_branches: bool = False
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Pattern:
    """A translated pattern: its text for both engines, and what is known about its matches."""

    text: str
    groups: int
    shortest: int
    is_one_way: bool  # A match at a place can only be one, so that both engines find the same.


def translate_pattern(written: str, flags: str, *, capturing: bool = True) -> Pattern:
    """
    Read a pattern with XPath's flags s, m, i and x.

    Raises:
        BadPattern: it is none, too large, or not matched alike.
    """
    if set(flags) - set("smix"):
        raise BadPattern("bad_flags")
    if len(written) > LIMIT_PATTERN:
        raise BadPattern("pattern_too_large")
    reader = _Reader(_remove_white_space(written) if "x" in flags else written, frozenset(flags), capturing=capturing)
    part = reader.read()
    if part.weight > LIMIT_WEIGHT or part.open_ended > LIMIT_OPEN_ENDED:
        raise BadPattern("pattern_too_large")
    return Pattern(part.text, reader.groups, part.shortest, part.open_ended <= 1 and not part.has_branches)


def _remove_white_space(written: str) -> str:
    """
    The pattern as the flag x has it: without white space, but for that inside [ ].

    White space goes before anything is read, so that in `\\ s` the backslash stands before the s.
    """
    kept, depth, is_escaped = "", 0, False
    for character in written:
        if not depth and character in " \t\r\n":
            continue
        kept += character
        if is_escaped:
            is_escaped = False
        elif character == "\\":
            is_escaped = True
        elif character == "[":
            depth += 1
        elif character == "]" and depth:
            depth -= 1
    return kept


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, written: str, flags: frozenset[str], *, capturing: bool) -> None:
        self._rest = list(written)
        self._flags = flags
        self._capturing = capturing
        self._depth = 0
        self.groups = 0

    def read(self) -> Fragment:
        part = self._read_branches()
        if self._rest:
            raise BadPattern("bad_pattern")
        return part

    def _peek(self) -> str:
        return self._rest[0] if self._rest else ""

    def _take(self, expected: str = "") -> str:
        found = self._peek()
        if not found or (expected and found != expected):
            raise BadPattern("bad_pattern")
        return self._rest.pop(0)

    def _read_branches(self) -> Fragment:
        branches = [self._read_branch()]
        while self._peek() == "|":
            self._take()
            branches.append(self._read_branch())
        if len(branches) == 1:
            return branches[0]
        return Fragment(
            "(?:" + "|".join(branch.text for branch in branches) + ")",
            min(branch.shortest for branch in branches),
            sum(branch.open_ended for branch in branches),
            has_branches=True,
            weight=sum(branch.weight for branch in branches),
        )

    def _read_branch(self) -> Fragment:
        parts = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._read_repeat(self._read_atom()))
        return Fragment(
            "".join(part.text for part in parts),
            sum(part.shortest for part in parts),
            sum(part.open_ended for part in parts),
            has_branches=any(part.has_branches for part in parts),
            weight=sum(part.weight for part in parts) + 1,
        )

    def _read_repeat(self, atom: Fragment) -> Fragment:
        mark = self._peek()
        if mark in ("*", "+", "?") and mark:
            self._take()
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[mark]
        elif mark == "{":
            least, most = self._read_count()
        else:
            return atom
        lazy = "?" if self._peek() == "?" else ""
        if lazy:
            self._take()
        return self._repeat(atom, least, most, lazy)

    def _read_count(self) -> tuple[int, int | None]:
        match = COUNT.match("".join(self._rest))
        if match is None:
            raise BadPattern("bad_pattern")
        del self._rest[: match.end()]
        least = int(match[1])
        most = least if not match[2] else int(match[3]) if match[3] else None
        if max(least, most or 0) > LIMIT_REPEATS:
            raise BadPattern("pattern_too_large")
        if most is not None and most < least:
            raise BadPattern("bad_pattern")
        return least, most

    def _repeat(self, atom: Fragment, least: int, most: int | None, lazy: str) -> Fragment:
        if not atom.is_character and (atom.open_ended or atom.has_branches or not atom.shortest):
            # Python would try every way to share a text among nested repetitions.
            raise BadPattern("pattern_repeats")
        is_fixed = least == most
        bounds = f"{{{least}}}" if is_fixed else f"{{{least},{'' if most is None else most}}}"
        repeats = max(least, most or 0, 1)
        return Fragment(
            f"{atom.text}{bounds}{'' if is_fixed else lazy}",
            atom.shortest * least,
            atom.open_ended * repeats + (not is_fixed),
            weight=atom.weight * repeats,
        )

    def _read_atom(self) -> Fragment:
        found = self._take()
        if found == "(":
            return self._read_group()
        if found == "[":
            return _match_one_of(self._read_set())
        if found == ".":
            return _match_one_of(EVERYTHING if "s" in self._flags else subtract_ranges(EVERYTHING, LINE_ENDS))
        if found == "^":
            return Fragment(r"(?:\A|(?<=\u000a)(?!\Z))" if "m" in self._flags else r"\A")
        if found == "$":
            return Fragment(r"(?=\u000a|\Z)" if "m" in self._flags else r"\Z")
        if found == "\\":
            return _match_one_of(self._fold_case(self._read_escape()))
        if found in "*+?{}])":
            raise BadPattern("bad_pattern")
        return _match_one_of(self._fold_case(single_character(found)))

    def _read_group(self) -> Fragment:
        self._depth += 1
        if self._depth > 20:
            raise BadPattern("pattern_too_large")
        opening = "(" if self._capturing else "(?:"
        if self._peek() == "?":
            self._take()
            self._take(":")
            opening = "(?:"
        elif self._capturing:
            self.groups += 1
        inner = self._read_branches()
        self._take(")")
        self._depth -= 1
        text = f"{opening}{inner.text})"
        return Fragment(text, inner.shortest, inner.open_ended, has_branches=inner.has_branches, weight=inner.weight)

    def _read_escape(self) -> Ranges:
        letter = self._rest.pop(0) if self._rest else ""
        if letter in CONTROLS and letter:
            return single_character(CONTROLS[letter])
        if letter in ("p", "P") and letter:
            return self._read_property(is_negated=letter == "P")
        if letter.lower() in CLASSES and letter:
            found = CLASSES[letter.lower()]()
            return subtract_ranges(EVERYTHING, found) if letter.isupper() else found
        if letter.isdigit():
            raise BadPattern("pattern_reference")
        if letter.isalnum() or not letter:
            raise BadPattern("bad_pattern")
        return single_character(letter)

    def _read_property(self, *, is_negated: bool) -> Ranges:
        self._take("{")
        name = ""
        while self._peek() not in ("}", ""):
            name += self._take()
        self._take("}")
        if name not in BLOCKS and not CATEGORIES.fullmatch(name):
            raise BadPattern("bad_pattern")
        found = BLOCKS.get(name) or category(name)
        return subtract_ranges(EVERYTHING, found) if is_negated else found

    def _read_set(self) -> Ranges:
        """What stands in [ ], with its opening bracket read; whitespace counts here whatever the flags say."""
        is_negated = bool(self._rest) and self._rest[0] == "^"
        if is_negated:
            self._rest.pop(0)
        found: Ranges = ()
        minus: Ranges = ()
        while self._rest and self._rest[0] != "]":
            if self._rest[:2] == ["-", "["]:
                del self._rest[:2]
                minus = self._read_set()
                break
            found += self._read_member()
        if not self._rest or self._rest.pop(0) != "]" or not found:
            raise BadPattern("bad_pattern")
        folded = self._fold_case(found)
        kept = subtract_ranges(subtract_ranges(EVERYTHING, folded) if is_negated else folded, minus)
        if not kept:
            raise BadPattern("bad_pattern")
        return kept

    def _read_member(self) -> Ranges:
        first = self._read_character()
        is_range = self._rest[:1] == ["-"] and self._rest[1:2] not in (["]"], ["["])
        if not is_range:
            return first
        self._rest.pop(0)
        ends = first + self._read_character()
        codes = {code for end in ends for code in end}
        if len(ends) != 2 or len(codes) > 2 or ends[0][0] > ends[1][0] or any(start != end for start, end in ends):
            raise BadPattern("bad_pattern")
        return ((ends[0][0], ends[1][0]),)

    def _read_character(self) -> Ranges:
        found = self._rest.pop(0) if self._rest else ""
        if found == "\\":
            return self._read_escape()
        if found in ("", "["):
            raise BadPattern("bad_pattern")
        return single_character(found)

    def _fold_case(self, ranges: Ranges) -> Ranges:
        """Both cases of every character, under the flag i."""
        if "i" not in self._flags:
            return ranges
        pairs = other_cases()
        more = [pairs[code] for start, end in ranges for code in pairs if start <= code <= end]
        return ranges + tuple((other, other) for others in more for other in others)


def _match_one_of(ranges: Ranges) -> Fragment:
    return Fragment(write_brackets(ranges), 1, is_character=True)
