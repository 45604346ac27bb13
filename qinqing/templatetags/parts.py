"""The parts that pages are made of. Each has a partial of its own, which holds the markup."""

from __future__ import annotations

import re
from typing import cast
from urllib.parse import quote, urlencode

from django import template
from django.template import Context, Node, NodeList
from django.template.base import Parser, TextNode, Token
from django.utils.safestring import SafeString

register = template.Library()

# A line break beside a tag of HTML, or at the edge of a text between template tags, with the indentation around it.
_BREAK = re.compile(r"(?<=>)\s*\n\s*|\s*\n\s*(?=<)|\A\s*\n\s*|\s*\n\s*\Z")
_VERDICTS = {True: ("yes", "check"), False: ("no", "cross"), None: ("unknown", "unknown")}


def _filled(context: Context, partial: str, **values: object) -> SafeString:
    engine = context.template.engine  # type: ignore[union-attr]
    return engine.get_template(partial).render(context.new(values))


@register.inclusion_tag("_icon.html")
def icon(name: str) -> dict[str, str]:
    """A drawing from `icons.svg`, which screen readers skip."""
    return {"name": name}


@register.inclusion_tag("_mark.html")
def mark(verdict: bool | None) -> dict[str, str]:  # noqa: FBT001 - a verdict has three values
    """The sign of a verdict: yes, no or unknown."""
    name, drawing = _VERDICTS[verdict]
    return {"name": name, "icon": drawing}


@register.simple_tag
def query(**wanted: object) -> str:
    """The query string of a link within the same page, without empty values."""
    return "?" + urlencode({name: str(value) for name, value in wanted.items() if value}, safe="/", quote_via=quote)


@register.simple_block_tag(takes_context=True)
def note(
    context: Context, content: str, kind: str, icon: str = "warning", role: str = "", about: str = ""
) -> SafeString:
    """A note above other things: `kind` is error, warning, info or success; `about` names it for scripts."""
    return _filled(context, "_note.html", content=content, kind=kind, icon=icon, role=role, about=about)


@register.simple_block_tag(takes_context=True)
def card(
    context: Context, content: str, title: str, code: str, about: str = "", link: str = "", level: int = 3
) -> SafeString:
    """A policy in a grid: its title, its code with a remark, and the content between the tags."""
    return _filled(context, "_card.html", content=content, title=title, code=code, about=about, link=link, level=level)


@register.simple_block_tag(takes_context=True)
def section(context: Context, content: str, id: str, title: str, level: int = 2) -> SafeString:  # noqa: A002 - as in HTML
    """A part of a page under a heading, which names it."""
    return _filled(context, "_section.html", content=content, id=id, title=title, level=level)


@register.simple_block_tag(takes_context=True)
def nothing(context: Context, content: str, icon: str) -> SafeString:
    """The text in place of a list or an answer that is empty."""
    return _filled(context, "_nothing.html", content=content, icon=icon)


@register.simple_block_tag(takes_context=True)
def verdict(context: Context, content: str, verdict: bool | None) -> SafeString:  # noqa: FBT001 - as above
    """A sentence behind the sign of a verdict."""
    return _filled(context, "_verdict.html", content=content, verdict=verdict)


class JoinedLines(Node):
    """The content between `joinlines` and `endjoinlines`."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        """The content as it is: `joinlines` removed the line breaks when Django read the template."""
        return self.nodelist.render(context)


@register.tag
def joinlines(parser: Parser, _token: Token) -> JoinedLines:
    """
    Let one line of text be written in several lines of the template.

    A line break beside a tag vanishes with its indentation; one between two words or two attributes stays, and HTML
    shows a space. Values keep their breaks.
    """
    nodelist = parser.parse(("endjoinlines",))
    parser.delete_first_token()
    for text in cast(list[TextNode], nodelist.get_nodes_by_type(TextNode)):
        text.s = _BREAK.sub("", text.s)
    return JoinedLines(nodelist)
