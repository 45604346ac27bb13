"""Reads a form off a page as a browser would, and fills it in."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit


@dataclass(slots=True)
class Form:
    """A form of a page: where it goes and what it carries; repeated names carry several values."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[tuple[str, str]] = field(default_factory=list)

    def filled_in(self, **answers: str) -> dict[str, list[str]]:
        """The values that a browser would send after somebody ticked every box and typed the answers."""
        sent: dict[str, list[str]] = {}
        for name, value in [*self.fields, *self.boxes]:
            if name not in answers:
                sent.setdefault(name, []).append(value)
        return sent | {name: [value] for name, value in answers.items()}


class NoSuchForm(Exception):
    """The page has no form that goes there."""


def form_to(page: str, *, path: str) -> Form:
    """
    The page's first form whose action has the path; a form without an action goes to the page itself.

    Raises:
        NoSuchForm: there is none.
    """
    reader = _Reader()
    reader.feed(page)
    for form in reader.forms:
        if urlsplit(form.action).path in ("", path):
            return form
    raise NoSuchForm(f"The page has no form to {path}.")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._by_id: dict[str, Form] = {}
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""))
            self._by_id[given.get("id", "")] = self._open
            self.forms.append(self._open)
        elif tag in ("input", "button"):
            # A field may stand outside of its form and name it.
            self._add(given, self._by_id.get(given["form"]) if "form" in given else self._open)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None

    def _add(self, given: dict[str, str], form: Form | None) -> None:
        kind, name = given.get("type", "text"), given.get("name")
        if form is None or not name or "disabled" in given or kind in ("submit", "button", "radio"):
            return
        if kind == "checkbox":
            form.boxes.append((name, given.get("value", "on")))
        else:
            form.fields.append((name, given.get("value", "")))
