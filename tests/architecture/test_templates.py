"""What every template keeps to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from tests.architecture.project_files import named, templates

SENT_VALUE = re.compile(r'(?<![a-z-])value="([^"]*)"')
WIDE_TABLE = re.compile(r'(<div class="[a-z-]*(?:scroll|wide)"[^>]*>)?<table class="(?:officer-table|folding|labelled)')
LIVE = re.compile(r"<(\w+)[^>]* aria-live=[^>]*>(.*?)</\1>", re.DOTALL)
# These filters write a number as a program reads it; a ticket is a word.
FOR_A_PROGRAM = re.compile(r"unlocalize|stringformat|ticket")


def offences(found_in: Callable[[str], Iterable[str]]) -> list[tuple[str, str]]:
    """What a rule finds, with the template in which it stands."""
    assert templates()
    return [(named(template), found) for template in templates() for found in found_in(template.read_text())]


def test_a_value_that_a_form_sends_back_is_never_written_for_people() -> None:
    """Numbers for people are grouped, so that the fund 1050 would be sent back as 1,050."""

    def written_for_people(text: str) -> Iterable[str]:
        sent = (each for value in SENT_VALUE.findall(text) for each in re.findall(r"\{\{(.*?)\}\}", value))
        return (each for each in sent if not FOR_A_PROGRAM.search(each))

    assert offences(written_for_people) == []


def test_a_wide_table_scrolls_by_keyboard_too() -> None:
    """On a telephone a table without a scroller widens the page, and one that takes no focus scrolls by finger only."""
    assert offences(lambda text: (each for each in WIDE_TABLE.findall(text) if 'tabindex="0"' not in each)) == []


def test_what_is_read_aloud_by_itself_holds_no_running_clock() -> None:
    assert offences(lambda text: (said for _tag, said in LIVE.findall(text) if "elapsed_seconds" in said)) == []
