"""The message catalogue: collects messages from Python and templates, merges and compiles the translations.

Babel does what GNU gettext would, so that a fresh machine needs nothing besides Python.
"""

from __future__ import annotations

import io
import os
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

APPS = ("qinqing", "policies", "companies", "payouts")
LANGUAGE = "zh_Hans"
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "translated": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
_PLACEHOLDER = re.compile(r"%\((\w+)\)")


@dataclass(frozen=True, slots=True)
class CatalogueFault:
    """A fault that a reader of the translation would see."""

    message: str
    reason: str

    def __str__(self) -> str:
        return f"{self.reason}: {self.message!r}"


def catalogue_file() -> Path:
    """The file of the translations."""
    return Path(settings.LOCALE_PATHS[0]) / LANGUAGE / "LC_MESSAGES" / "django.po"


def collect_messages() -> Catalog:
    """All messages of the code as it is, without translations."""
    catalogue = Catalog(locale=LANGUAGE, project="Qinqing", charset="utf-8", fuzzy=False)
    for file in _list_files():
        place = file.relative_to(settings.BASE_DIR).as_posix()
        for message, context in _extract_messages(file):
            catalogue.add(message, locations=[(place, 0)], context=context)
    return catalogue


def merge_messages() -> Catalog:
    """The translations, with the code's messages as they are now and without those that the code lost."""
    catalogue, template = read_translations(), collect_messages()
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    return catalogue


def read_translations() -> Catalog:
    """The translations from the file; empty if there is no file."""
    file = catalogue_file()
    if not file.exists():
        return Catalog(locale=LANGUAGE, charset="utf-8", fuzzy=False)
    with file.open("rb") as lines:
        return read_po(lines, locale=LANGUAGE)


def write_catalogue(catalogue: Catalog) -> None:
    """Write the translations, the same file for the same messages."""
    lines, file = io.BytesIO(), catalogue_file()
    write_po(lines, catalogue, width=120, include_lineno=False, omit_header=True, sort_by_file=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(HEADER.encode() + lines.getvalue())


def compile_translations() -> Path:
    """Write the compiled translations that Django reads, unless they are newer; returns their file."""
    source = catalogue_file()
    file = source.with_suffix(".mo")
    if file.exists() and file.stat().st_mtime > source.stat().st_mtime:
        return file
    compiled = io.BytesIO()
    write_mo(compiled, read_translations())
    # A process that reads or compiles at the same time gets the old file or the new one, never a half.
    unfinished = file.with_suffix(f".{os.getpid()}")
    unfinished.write_bytes(compiled.getvalue())
    unfinished.replace(file)
    return file


def list_shortcomings() -> list[CatalogueFault]:
    """Messages without a translation, translations without a message, and those whose placeholders differ."""
    wanted = merge_messages()
    said = {message.id for message in wanted}
    found = [
        CatalogueFault(_text(message), "not said any more") for message in read_translations() if message.id not in said
    ]
    for message in wanted:
        if not message.id:
            continue
        if not _strings(message) or not all(_strings(message)):
            found.append(CatalogueFault(_text(message), "not translated"))
        else:
            found += [CatalogueFault(_text(message), str(error)) for error in message.check(wanted)]
            found += [
                CatalogueFault(_text(message), f"without %({name})s of the plural")
                for name in _lost_placeholders(message)
            ]
    return found


def _lost_placeholders(message: Message) -> list[str]:
    """The plural's placeholders that a translation lacks: Chinese has one form, and Babel only checks the singular."""
    if isinstance(message.id, str):
        return []
    named = set(_PLACEHOLDER.findall(message.id[1]))
    return sorted(set().union(*(named - set(_PLACEHOLDER.findall(each or "")) for each in _strings(message))))


def _strings(message: Message) -> Sequence[str | None]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def _text(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple) else str(message.id)


def _list_files() -> Iterator[Path]:
    for app in APPS:
        for file in sorted((Path(settings.BASE_DIR) / app).rglob("*")):
            is_template = file.suffix == ".html" or (file.suffix == ".txt" and "templates" in file.parts)
            if is_template or (file.suffix == ".py" and "migrations" not in file.parts):
                yield file


def _extract_messages(file: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        # Django blanks out all text but the messages; without their indentation these parse as Python.
        text = "\n".join(line.strip() for line in templatize(text).splitlines())
    try:
        for _line, message, _comments, context in extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS):
            yield message, context
    except (tokenize.TokenError, SyntaxError) as refused:
        raise UnreadableSource(f"{file} cannot be read for its messages: {refused}") from refused


class UnreadableSource(Exception):
    """A file of ours is neither Python nor a template."""


HEADER = """\
# The Chinese of Qinqing. Made by `manage.py messages`; only the msgstr lines are written by hand.
msgid ""
msgstr ""
"Language: zh_Hans\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
