"""What every template keeps to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.test_sizes import PROJECT

TEMPLATES = sorted((PROJECT / "qinqing" / "templates").rglob("*.html"))
SENT_VALUE = re.compile(r'(?<![a-z-])value="([^"]*)"')
WIDE_TABLE = re.compile(r'(<div class="[a-z-]*(?:scroll|wide)"[^>]*>)?<table class="(?:officer-table|folding|labelled)')
LIVE = re.compile(r"<(\w+)[^>]* aria-live=[^>]*>(.*?)</\1>", re.DOTALL)
# These filters write a number as a program reads it; a ticket is a word.
FOR_A_PROGRAM = re.compile(r"unlocalize|stringformat|ticket")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: str(file.relative_to(PROJECT)))
def test_a_value_that_a_form_sends_back_is_never_written_for_people(template: Path) -> None:
    """Numbers for people are grouped, so that the fund 1050 would be sent back as 1,050."""
    sent = (each for value in SENT_VALUE.findall(template.read_text()) for each in re.findall(r"\{\{(.*?)\}\}", value))
    assert [each for each in sent if not FOR_A_PROGRAM.search(each)] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: str(file.relative_to(PROJECT)))
def test_a_wide_table_scrolls_by_keyboard_too(template: Path) -> None:
    """On a telephone a table without a scroller widens the page, and one that takes no focus scrolls by finger only."""
    around = WIDE_TABLE.findall(template.read_text())
    assert [each for each in around if 'tabindex="0"' not in each] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: str(file.relative_to(PROJECT)))
def test_what_is_read_aloud_by_itself_holds_no_running_clock(template: Path) -> None:
    assert [said for _tag, said in LIVE.findall(template.read_text()) if "elapsed_seconds" in said] == []
