"""People can read every text: the tokens keep the contrast of WCAG 2.2 AA, on portal and desk, light and dark."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

SHEET = (settings.BASE_DIR / "qinqing" / "static" / "qinqing" / "tokens.css").read_text()
TEXT, EDGE = 4.5, 3.0
VALUE = re.compile(r"^\s*--([a-z0-9-]+): (.*);$", re.MULTILINE)
BOTH = re.compile(r"light-dark\((.*), (#[0-9a-f]{6}|transparent)\)")
# The grounds of the admin's theme, on which the desk stands; the theme has its own shades of grey.
THEME = {False: {"theme": "#ffffff", "theme-ink": "#111827"}, True: {"theme": "#111827", "theme-ink": "#d1d5db"}}
PORTAL = {
    ("paper", "card", "sunk"): ("ink", "ink-soft", "jade-text"),
    ("jade", "jade-deep", "jade-light"): ("white", "on-jade"),
    ("gold", "gold-bright"): ("on-gold",),
    ("jade-tint",): ("jade-text",),
    ("gold-tint",): ("gold-text",),
    ("red-tint", "card"): ("red-text",),
    ("blue-tint",): ("blue-text",),
    ("print-paper",): ("print-ink",),
}
DESK = {
    ("theme", "panel", "panel-foot"): ("theme-ink", "jade-text", "red-text", "gold-text"),
    ("button",): ("white",),
    ("amber-wash", "red-wash", "red-mark", "jade-mark", "jade-wash", "button-tint", "wash", "wash-faint"): (
        "theme-ink",
    ),
}
# Text on ground, by the names of their tokens.
READ = [
    (text, ground) for map_ in (PORTAL, DESK) for grounds, texts in map_.items() for ground in grounds for text in texts
]
# What people must see: the focus, the edge of a field, the parts of a chart.
SEEN = [
    *[("focus", ground) for ground in ("paper", "card", "theme", "panel")],
    *[("line-strong", ground) for ground in ("card", "theme", "panel")],
    *[(edge, "theme") for edge in ("amber", "red", "jade")],
]


def tokens(*, dark: bool) -> dict[str, str]:
    """The colours of the sheet in light or in the dark; what lets the ground through, as it is seen on the theme's."""
    ground = THEME[dark]["theme"]
    values = {name: BOTH.sub(r"\2" if dark else r"\1", value) for name, value in VALUE.findall(SHEET)}
    return THEME[dark] | {name: above(value, ground) for name, value in values.items() if value[0] in "#r"}


def above(colour: str, ground: str) -> str:
    """A colour as it is seen on a ground: what of `rgb(16 40 30 / 6%)` is left."""
    found = re.fullmatch(r"rgb\((\d+) (\d+) (\d+) / (\d+)%\)", colour)
    if not found:
        return colour
    *parts, share = map(int, found.groups())
    below = [int(ground[place : place + 2], 16) for place in (1, 3, 5)]
    mixed = (round(part * share / 100 + under * (1 - share / 100)) for part, under in zip(parts, below, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_twenty_one() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_what_lets_half_of_the_ground_through_is_seen_as_half() -> None:
    assert above("rgb(0 0 0 / 50%)", "#ffffff") == "#808080"


def test_a_token_that_differs_in_the_dark_holds_both_colours() -> None:
    assert (tokens(dark=False)["ink"], tokens(dark=True)["ink"]) == ("#15211c", "#e8efeb")
    assert tokens(dark=False)["gold"] == tokens(dark=True)["gold"]


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
