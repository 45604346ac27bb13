"""Rules that every template keeps."""

from __future__ import annotations

import re

from django.template.loader import get_template

from tests.architecture.project_files import PROJECT

FOLDER = PROJECT / "qinqing" / "templates"
TEMPLATES = {file.relative_to(FOLDER).as_posix(): file.read_text() for file in sorted(FOLDER.rglob("*.html"))}
LINE_CHARACTERS = 160
SENT_VALUE = re.compile(r'(?<![a-z-])value="([^"]*)"')
WIDE_TABLE = re.compile(
    r'(<div class="[a-z -]*(?:scroll|wide)[^"]*"[^>]*>)?\s*<table class="(?:officer-table|folding|labelled)'
)
LIVE = re.compile(r"<(\w+)[^>]* aria-live=[^>]*>(.*?)</\1>", re.DOTALL)
# These filters write a number as a program reads it; a ticket is a word.
FOR_A_PROGRAM = re.compile(r"unlocalize|stringformat|ticket")


def sent_for_people(text: str) -> list[str]:
    """Values that a form sends back, though they are formatted for people."""
    sent = (each for value in SENT_VALUE.findall(text) for each in re.findall(r"\{\{(.*?)\}\}", value))
    return [each for each in sent if not FOR_A_PROGRAM.search(each)]


def tables_without_scroller(text: str) -> list[str]:
    """The wrappers of wide tables that are no scroller with focus."""
    return [around for around in WIDE_TABLE.findall(text) if 'tabindex="0"' not in around]


def long_lines(text: str) -> list[str]:
    """Lines that nobody can review."""
    return [line for line in text.splitlines() if len(line) > LINE_CHARACTERS]


def test_every_template_can_be_read() -> None:
    for name in TEMPLATES:
        get_template(name)


def test_a_value_that_a_form_sends_back_is_never_written_for_people() -> None:
    """Numbers for people are grouped: a form would send the fund 1050 back as 1,050."""
    assert sent_for_people('<input value="{{ fund.pk }}">') == [" fund.pk "]
    assert {name: found for name, text in TEMPLATES.items() if (found := sent_for_people(text))} == {}


def test_a_wide_table_scrolls_by_keyboard_too() -> None:
    """On a telephone, a table without a scroller widens the page; a scroller without focus moves only by finger."""
    assert tables_without_scroller('<table class="folding">') == [""]
    assert tables_without_scroller('<div class="scroll">\n<table class="folding">') == ['<div class="scroll">']
    assert {name: found for name, text in TEMPLATES.items() if (found := tables_without_scroller(text))} == {}


def test_what_is_read_aloud_by_itself_holds_no_running_clock() -> None:
    aloud = {name: said for name, text in TEMPLATES.items() for _tag, said in LIVE.findall(text)}
    assert aloud
    assert [name for name, said in aloud.items() if "elapsed_seconds" in said] == []


def test_no_line_is_too_long_to_review() -> None:
    assert long_lines("short\n" + "x" * (LINE_CHARACTERS + 1)) == ["x" * (LINE_CHARACTERS + 1)]
    assert {name: found for name, text in TEMPLATES.items() if (found := long_lines(text))} == {}
