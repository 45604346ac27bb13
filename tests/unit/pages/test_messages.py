"""The catalogue has the texts of the code, and translates all of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.core.management import CommandError, call_command

from qinqing import messages

collect_messages = cache(messages.collect_messages)


@pytest.fixture(autouse=True)
def _code_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading all files takes seconds, and no test changes them; each test gets a catalogue of its own."""
    monkeypatch.setattr(messages, "collect_messages", lambda: deepcopy(collect_messages()))


def test_everything_is_translated() -> None:
    assert [str(shortcoming) for shortcoming in messages.list_shortcomings()] == []


def test_messages_of_templates_and_python_are_found() -> None:
    said = {message.id for message in messages.collect_messages()}
    assert "You can claim now" in said
    assert ("%(count)s employee", "%(count)s employees") in said
    assert "asking the bank" in said


def within_texts(file: Path) -> Iterator[str]:
    """What a file says within a formatted text, where nobody who collects messages looks."""
    for text in ast.walk(ast.parse(file.read_text())):
        if isinstance(text, ast.JoinedStr):
            calls = [node for node in ast.walk(text) if isinstance(node, ast.Call)]
            yield from (f"{file.name}:{call.lineno}" for call in calls if ast.unparse(call.func) in messages.KEYWORDS)


def test_no_message_hides_within_a_formatted_text() -> None:
    files = [file for file in messages._list_files() if file.suffix == ".py"]
    assert len(files) > 300
    assert [place for file in files for place in within_texts(file)] == []


@pytest.fixture
def other_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "zh_Hans" / "LC_MESSAGES" / "django.po"
    monkeypatch.setattr(messages, "catalogue_file", lambda: file)
    return file


def test_a_message_that_nobody_translated_fails_the_check(other_catalogue: Path) -> None:
    messages.write_catalogue(Catalog(locale=messages.LANGUAGE))
    with pytest.raises(CommandError, match="not translated: 'You can claim now'"):
        call_command("messages", check=True)


def test_a_translation_with_other_placeholders_fails_the_check(other_catalogue: Path) -> None:
    catalogue = messages.collect_messages()
    catalogue["size: %(size)s"].string = "规模：%(width)s"
    messages.write_catalogue(catalogue)
    assert any("placeholder" in str(found) or "width" in str(found) for found in messages.list_shortcomings())


def test_a_translation_without_the_number_of_the_plural_fails_the_check(other_catalogue: Path) -> None:
    catalogue = messages.collect_messages()
    plurals = [message for message in catalogue if isinstance(message.id, tuple)]
    # Babel compares with the singular, which often gives the number as a word.
    numberless = next(message for message in plurals if "%(count)s" in message.id[1] and "%" not in message.id[0])
    numberless.string = ("没有数。",)
    messages.write_catalogue(catalogue)
    found = [str(shortcoming) for shortcoming in messages.list_shortcomings()]
    assert f"without %(count)s of the plural: {numberless.id[0]!r}" in found


def test_what_the_code_no_longer_says_fails_the_check_and_is_dropped(other_catalogue: Path) -> None:
    catalogue = messages.collect_messages()
    catalogue.add("Nobody says this.", "没人说。")
    messages.write_catalogue(catalogue)
    assert "not said any more: 'Nobody says this.'" in [str(found) for found in messages.list_shortcomings()]
    assert "Nobody says this." not in {message.id for message in messages.merge_messages()}


def test_translations_survive_and_are_compiled(other_catalogue: Path) -> None:
    catalogue = messages.collect_messages()
    catalogue["You can claim now"].string = "现在可兑付"
    messages.write_catalogue(catalogue)
    call_command("messages")
    assert messages.read_translations()["You can claim now"].string == "现在可兑付"
    assert "现在可兑付".encode() in other_catalogue.with_suffix(".mo").read_bytes()
