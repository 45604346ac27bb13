"""One sheet names the colours; everything else names the tokens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qinqing.settings import JADE
from tests.architecture.test_sizes import PROJECT

STATIC = PROJECT / "qinqing" / "static" / "qinqing"
TOKENS = (STATIC / "tokens.css").read_text()
# A browser's frame and an image do not read our sheets, so their files name colours themselves.
OUTSIDE = re.compile(r'<meta name="theme-color" content="([^"]*)">')
HEX = re.compile(r"(?<![&\w-])#[0-9a-f]{3,8}\b(?!-|\s*\{)", re.IGNORECASE)
FUNCTION = re.compile(r"\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color|color-mix|light-dark)a?\(", re.IGNORECASE)
# The colours that HTML has names for, as far as anybody would write them; `transparent` and `currentcolor` name none.
WORDS = (
    "aqua|black|blue|brown|coral|crimson|cyan|fuchsia|gold|gray|green|grey|indigo|ivory|khaki|lavender|lime|magenta|"
    "maroon|navy|olive|orange|orchid|pink|plum|purple|red|salmon|sienna|silver|tan|teal|tomato|turquoise|violet|wheat|"
    "white|yellow"
)
NAMED = re.compile(rf"(?<![\w-])(?:(?:dark|light|medium|deep|pale)?(?:{WORDS}))(?![\w-])", re.IGNORECASE)
# Where a style may name a colour: the value of a declaration, of an attribute, of a property in a script.
VALUES = re.compile(
    r"(?:color|background|border[a-z-]*|outline|fill|stroke|shadow|decoration[a-z-]*|accent[a-z-]*)"
    r"""['"]?\s*[:=]\s*([^;{}\n]*)""",
    re.IGNORECASE,
)


def colours_in(text: str) -> list[str]:
    """The colours that a text names."""
    named = [word for value in VALUES.findall(text) for word in NAMED.findall(value)]
    return HEX.findall(text) + FUNCTION.findall(text) + named


def used_in(text: str) -> set[str]:
    """The tokens that a text uses."""
    return set(re.findall(r"var\(--([a-z0-9-]+)", text))


def files(*patterns: str) -> dict[str, str]:
    """Files of the front end, apart from the sheet of tokens."""
    found = sorted({file for pattern in patterns for file in (PROJECT / "qinqing").rglob(pattern)})
    return {file.relative_to(PROJECT).as_posix(): file.read_text() for file in found if file.name != "tokens.css"}


@pytest.mark.parametrize(
    "text",
    [
        "a { color: #0b6b4f; }",
        "a { border: 1px solid #fff }",
        "a { background: rgb(0 0 0 / 22%); }",
        "a { color: White; }",
        "a { box-shadow: 0 0 2px darkgray; }",
        'bar.style.background = "tomato";',
        '<rect fill="red"/>',
        '<meta name="msapplication-TileColor" content="#123456">',
    ],
)
def test_a_colour_is_found(text: str) -> None:
    assert colours_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "a { color: var(--red-text); background: transparent; border-color: currentcolor; }",
        "#content-main fieldset { min-width: 0; }",
        "#add { white-space: pre; color: inherit; }",
        '<a href="#policies">&#8203;</a>',
        ".pill-waiting, .gold { background: var(--gold-tint); }",
    ],
)
def test_what_only_looks_like_a_colour_is_let_through(text: str) -> None:
    assert colours_in(text) == []


def test_nothing_else_names_a_colour() -> None:
    checked = files("*.css", "*.js", "*.html")
    assert len(checked) > 80
    named = {name: colours_in(OUTSIDE.sub("", text)) for name, text in checked.items()}
    assert {name: found for name, found in named.items() if found} == {}


def test_every_token_that_is_used_is_there_and_the_other_way_round() -> None:
    defined = set(re.findall(r"^\s*--([a-z0-9-]+):", TOKENS, re.MULTILINE))
    sheets = files("*.css")
    own = {name for text in sheets.values() for name in re.findall(r"^\s*--([a-z0-9-]+):", text, re.MULTILINE)}
    used = set().union(*map(used_in, sheets.values())) | used_in(" ".join(JADE.values()))
    assert used - own - defined == set()
    assert defined - used == set()


@pytest.mark.parametrize("file", [STATIC / "logo.svg", PROJECT / "qinqing" / "templates" / "base.html"], ids=str)
def test_who_cannot_read_the_tokens_has_colours_of_theirs(file: Path) -> None:
    named = {colour.lower().ljust(7, colour[-1]) for colour in HEX.findall(file.read_text())}
    assert named
    assert named - {colour.lower() for colour in HEX.findall(TOKENS)} == set()
