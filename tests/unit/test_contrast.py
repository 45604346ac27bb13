"""Every text of the portal can be read: the colours of the sheet keep the contrast of WCAG 2.2 AA, light and dark."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

SHEET = (settings.BASE_DIR / "qinqing" / "static" / "qinqing" / "portal.css").read_text()
TEXT, EDGE = 4.5, 3.0
# Text on ground, by the names of their tokens.
READ = [
    (text, ground)
    for grounds, texts in {
        ("paper", "card", "sunk"): ("ink", "ink-soft", "jade-text"),
        ("jade", "jade-deep", "jade-light"): ("white", "on-jade"),
        ("gold",): ("on-gold",),
        ("jade-tint",): ("jade-text",),
        ("gold-tint",): ("gold-text",),
        ("red-tint", "card"): ("red-text",),
        ("blue-tint",): ("blue-text",),
    }.items()
    for ground in grounds
    for text in texts
]
SEEN = [("focus", "paper"), ("focus", "card"), ("line-strong", "card")]


def tokens(*, dark: bool) -> dict[str, str]:
    """The colours of the sheet; the dark ones replace the light ones."""
    light, _, rest = SHEET.partition("@media (prefers-color-scheme: dark)")
    found = {"white": "#ffffff"} | dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light.partition("/* Ground */")[0]))
    if dark:
        found |= dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", rest.partition("/* Ground */")[0]))
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_twenty_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), READ)
def test_text_can_be_read(text: str, ground: str, dark: bool) -> None:
    colours = tokens(dark=dark)
    assert contrast(colours[text], colours[ground]) >= TEXT


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), SEEN)
def test_edges_can_be_seen(edge: str, ground: str, dark: bool) -> None:
    colours = tokens(dark=dark)
    assert contrast(colours[edge], colours[ground]) >= EDGE
