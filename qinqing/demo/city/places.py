"""Hangzhou's districts, as they were and as they became in April 2021."""

from __future__ import annotations

from bisect import bisect
from datetime import date
from itertools import accumulate

REFORMED_ON = date(2021, 4, 9)
# How many of a thousand firms sit where, by the map until the reform.
_SHARES = {
    "330102": 70,  # Shangcheng
    "330103": 65,  # Xiacheng, gone since
    "330104": 110,  # Jianggan, gone since
    "330105": 75,  # Gongshu
    "330106": 120,  # Xihu
    "330108": 95,  # Binjiang
    "330109": 150,  # Xiaoshan
    "330110": 150,  # Yuhang
    "330111": 55,  # Fuyang
    "330112": 40,  # Lin'an
    "330122": 25,  # Tonglu
    "330127": 20,  # Chun'an
    "330182": 25,  # Jiande
}
# Where a district's firms found themselves after the reform, in parts of ten.
_AFTER = {
    "330103": ("330105",) * 10,
    "330104": ("330102",) * 7 + ("330114",) * 3,
    "330109": ("330109",) * 9 + ("330114",),
    "330110": ("330110",) * 6 + ("330113",) * 4,
}
_CODES = tuple(_SHARES)
_BOUNDS = tuple(accumulate(_SHARES.values()))


def district_of_old(luck: float) -> str:
    """A district of the map until April 2021, picked by `luck` from 0 up to 1."""
    return _CODES[bisect(_BOUNDS, int(luck * _BOUNDS[-1]))]


def district_today(old: str, luck: float) -> str:
    """Where the reform put a firm of the old district."""
    parts = _AFTER.get(old, (old,))
    return parts[int(luck * len(parts))]
