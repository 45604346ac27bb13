"""Sets of characters that patterns match, as ranges of code points."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import chain

Ranges = tuple[tuple[int, int], ...]

# Where Unicode has characters; the rest of it, private planes included, counts as unassigned.
ASSIGNED = (range(1, 0x33480), range(0xE0000, 0xE0200))
EVERYTHING: Ranges = ((1, 0x10FFFF),)
SURROGATES: Ranges = ((0xD800, 0xDFFF),)
SPACES: Ranges = ((0x09, 0x0A), (0x0D, 0x0D), (0x20, 0x20))
LINE_ENDS: Ranges = ((0x0A, 0x0A), (0x0D, 0x0D))
BLOCKS: dict[str, Ranges] = {
    "IsBasicLatin": ((1, 0x7F),),
    "IsLatin-1Supplement": ((0x80, 0xFF),),
    "IsGreek": ((0x370, 0x3FF),),
    "IsCyrillic": ((0x400, 0x4FF),),
    "IsHiragana": ((0x3040, 0x309F),),
    "IsKatakana": ((0x30A0, 0x30FF),),
    "IsCJKUnifiedIdeographs": ((0x4E00, 0x9FFF),),
}


def single_character(character: str) -> Ranges:
    """The set of one character."""
    return ((ord(character), ord(character)),)


def _merge(ranges: Iterable[tuple[int, int]]) -> Ranges:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


def subtract_ranges(ranges: Ranges, taken: Ranges) -> Ranges:
    """What is in a set and not in another."""
    left: list[tuple[int, int]] = []
    for start, end in _merge(ranges):
        at = start
        for first, last in _merge(taken):
            if last < at or first > end:
                continue
            if first > at:
                left.append((at, first - 1))
            at = last + 1
        if at <= end:
            left.append((at, end))
    return tuple(left)


def write_brackets(ranges: Ranges) -> str:
    """The set as both engines read it; what is half a character is in none."""
    pieces = [
        _write_code(start) + (f"-{_write_code(end)}" if end > start else "")
        for start, end in subtract_ranges(ranges, SURROGATES)
    ]
    return f"[{''.join(pieces)}]"


def _write_code(code: int) -> str:
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


@cache
def _ranges_by_category() -> dict[str, Ranges]:
    found: dict[str, list[tuple[int, int]]] = {}
    for code in chain(*ASSIGNED):
        ranges = found.setdefault(unicodedata.category(chr(code)), [])
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1] = ranges[-1][0], code
        else:
            ranges.append((code, code))
    unassigned = subtract_ranges(EVERYTHING, tuple((part.start, part.stop - 1) for part in ASSIGNED))
    found["Cn"].extend(unassigned)
    return {name: _merge(ranges) for name, ranges in found.items()}


def category(name: str) -> Ranges:
    """The characters of a category of Unicode, such as `Lu`, or of a group of them, such as `L`."""
    return _merge(each for key, ranges in _ranges_by_category().items() if key.startswith(name) for each in ranges)


def _word_characters() -> Ranges:
    return subtract_ranges(EVERYTHING, category("P") + category("Z") + category("C"))


CLASSES = {"d": lambda: category("Nd"), "s": lambda: SPACES, "w": _word_characters}


@cache
def other_cases() -> dict[int, tuple[int, ...]]:
    """The other cases of each character that has some, as single characters."""
    pairs: dict[int, set[int]] = {}
    for code in range(1, 0x1E944):
        for other in (chr(code).lower(), chr(code).upper()):
            if len(other) == 1 and ord(other) != code:
                pairs.setdefault(code, set()).add(ord(other))
                pairs.setdefault(ord(other), set()).add(code)
    return {code: tuple(others) for code, others in pairs.items()}
