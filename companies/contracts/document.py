"""A YAML document, read name by name: each value knows its line, and what nobody asked for is listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import yaml
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from qinqing.kernel.refusals import Refusal

MOST_CHARACTERS: Final = 200_000
MOST_DIGITS: Final = 40
# A contract is four levels deep; whatever is much deeper was made to exhaust who reads it.
DEEPEST: Final = 12
_TRUE: Final = ("true", "yes", "on")
_YAML: Final = "tag:yaml.org,2002:"


class WrongContract(Refusal):
    """The text is no contract that can be used; the sentence names the line."""


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping of the document: `place` is its way from the top, `asked` the names that were read so far."""

    place: str
    line: int
    values: dict[str, yaml.Node]
    asked: set[str] = field(default_factory=set)
    sections: list[Section] = field(default_factory=list)

    def text(self, name: str, *, default: str | None = None) -> str:
        """
        A single value as it is written, without the white space around it.

        Raises:
            WrongContract: it is missing and has no default, or it is no single value.
        """
        node = self._find(name)
        if node is None or _is_null(node):
            return self._default(name, default)
        if not isinstance(node, yaml.ScalarNode):
            raise self.refusal(name, _("has several values where one is expected"))
        return str(node.value).strip()

    def boolean(self, name: str, *, default: bool = False) -> bool:
        """
        Yes or no.

        Raises:
            WrongContract: it is neither.
        """
        node = self._find(name)
        if node is None or _is_null(node):
            return default
        if node.tag != f"{_YAML}bool":
            raise self.refusal(name, _("is neither true nor false"))
        return str(node.value).lower() in _TRUE

    def number(self, name: str) -> Decimal | None:
        """
        A number, exactly as it is written, or nothing.

        Raises:
            WrongContract: it is no number.
        """
        written = self.text(name, default="")
        if not written:
            return None
        try:
            number = Decimal(written)
        except InvalidOperation:
            raise self.refusal(name, _("is no number")) from None
        # A few characters such as 1e9999999 would fill the memory when the number is written out.
        if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
            raise self.refusal(name, _("is no number"))
        return number

    def whole(self, name: str, *, default: int | None = None) -> int | None:
        """
        A whole number, or the default.

        Raises:
            WrongContract: it is no whole number.
        """
        number = self.number(name)
        if number is None:
            return default
        if number != number.to_integral_value():
            raise self.refusal(name, _("is no whole number"))
        return int(number)

    def choice(self, name: str, options: Sequence[str], *, default: str | None = None) -> str:
        """
        One of some words.

        Raises:
            WrongContract: it is another word, or missing without a default.
        """
        written = self.text(name, default=default)
        if written not in options:
            sentence = format_lazy(
                _("is “{found}”; it must be one of: {options}"), found=written[:60], options=", ".join(options)
            )
            raise self.refusal(name, sentence)
        return written

    def section(self, name: str) -> Section:
        """
        The mapping under a name; an empty one if there is none.

        Raises:
            WrongContract: it is no mapping.
        """
        node = self._find(name)
        if node is None or _is_null(node):
            return Section(f"{self.place}{name}.", self.line, {})
        return self._enter(f"{self.place}{name}.", node)

    def list_of_sections(self, name: str) -> list[Section]:
        """
        The mappings of the list under a name.

        Raises:
            WrongContract: it is no list of mappings.
        """
        node = self._find(name)
        if node is None or _is_null(node):
            return []
        if not isinstance(node, yaml.SequenceNode):
            raise self.refusal(name, _("is no list; begin each of its lines with “- ”"))
        return [self._enter(f"{self.place}{name}[{number}].", each) for number, each in enumerate(node.value)]

    def custom(self) -> Section:
        """
        The pairs under `customProperties`, as if they were the values of a mapping.

        Raises:
            WrongContract: a pair is incomplete, or a property stands there twice.
        """
        pairs = self.list_of_sections("customProperties")
        found = Section(f"{self.place}customProperties.", self.line, {})
        for pair in pairs:
            name = pair.text("property")
            if name in found.values:
                raise pair.refusal("property", format_lazy(_("names “{name}” a second time"), name=name[:60]))
            value = pair._find("value")
            if value is None:
                raise pair.refusal("value", _("is missing"))
            found.values[name] = value
        self.sections.append(found)
        return found

    def refusal(self, name: str, what: Any) -> WrongContract:
        """The refusal of the value under a name, with its line."""
        node = self.values.get(name)
        line = node.start_mark.line + 1 if node is not None else self.line
        return refuse_line(line, f"{self.place}{name}", what)

    def list_unread(self) -> Iterator[str]:
        """The places of all values that nobody asked for, below this one too."""
        yield from (f"{self.place}{name}" for name in self.values if name not in self.asked)
        for section in self.sections:
            yield from section.list_unread()

    def _find(self, name: str) -> yaml.Node | None:
        self.asked.add(name)
        return self.values.get(name)

    def _default(self, name: str, default: str | None) -> str:
        if default is None:
            raise self.refusal(name, _("is missing"))
        return default

    def _enter(self, place: str, node: yaml.Node) -> Section:
        section = _section(place, node)
        self.sections.append(section)
        return section


def read_document(text: str) -> Section:
    """
    The mapping at the top of a YAML document.

    Raises:
        WrongContract: the text is too long, no YAML, more than one document, or no mapping.
    """
    if len(text) > MOST_CHARACTERS:
        sentence = _("The file has more than {limit} characters; a contract is shorter.")
        raise WrongContract(format_lazy(sentence, limit=MOST_CHARACTERS))
    try:
        _refuse_tricks(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as fault:
        raise _not_yaml(fault) from None
    if node is None:
        raise WrongContract(_("The file is empty; it should hold a data contract."))
    return _section("", node)


def refuse_line(line: int, place: str, what: Any) -> WrongContract:
    """The refusal of what stands at a line."""
    return WrongContract(format_lazy(_("Line {line}: “{place}” {what}."), line=line, place=place, what=what))


def _section(place: str, node: yaml.Node) -> Section:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        raise refuse_line(line, place.rstrip(".") or "–", _("is no mapping of names to values"))
    values: dict[str, yaml.Node] = {}
    for key, value in node.value:
        name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
        if name in values:
            raise refuse_line(key.start_mark.line + 1, f"{place}{name}", _("stands there twice"))
        values[name] = value
    return Section(place, line, values)


def _refuse_tricks(text: str) -> None:
    """Refuse what YAML offers beyond values: references that multiply what they name, and endless depth."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise refuse_line(_line_of(event), f"*{event.anchor}", _("is a reference; write the value out"))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise refuse_line(_line_of(event), "…", _("is nested too deeply"))


def _line_of(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _is_null(node: yaml.Node) -> bool:
    return bool(node.tag == f"{_YAML}null")


def _not_yaml(fault: yaml.YAMLError) -> WrongContract:
    mark = getattr(fault, "problem_mark", None)
    if mark is None:
        return WrongContract(_("The file is no YAML; a contract is a text file of names and values."))
    sentence = _("Line {line} is no YAML ({fault}); check its indentation and its quotes.")
    return WrongContract(format_lazy(sentence, line=mark.line + 1, fault=getattr(fault, "problem", "") or ""))
