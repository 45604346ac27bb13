"""The one refusal of the rule language: a sentence in two languages, and the place in the text that it is about."""

from __future__ import annotations

from typing import NamedTuple

from companies.datasets.catalogue import FactGroup
from policies.feel.messages import definition_sentences, sentences

SENTENCES = sentences.SENTENCES | definition_sentences.SENTENCES


class Span(NamedTuple):
    """A stretch of the rule's text, counted in characters from 0."""

    position: int
    length: int


def names_of(group: FactGroup) -> dict[str, str]:
    """What a sentence calls a group."""
    return {"name": group.name, "name_zh": group.name_zh or group.name}


def example_of(group: FactGroup) -> dict[str, str]:
    """A fact of a group, for a sentence that asks for one."""
    fact = next(iter(group.facts.values()), None)
    english, chinese = (fact.name, fact.name_zh or fact.name) if fact else ("…", "…")
    return {"example": f"{group.name}.{english}", "example_zh": f"{group.name_zh or group.name}.{chinese}"}


class FeelError(ValueError):
    """
    A rule that is not accepted.

    `message` and `message_zh` are whole sentences; `code` and `params` are for callers that word it themselves;
    `position` and `length` say where in the text, in characters.
    """

    def __init__(self, code: str, span: Span, /, **params: object) -> None:
        english, chinese = SENTENCES[code]
        self.code = code
        self.params = params
        self.position, self.length = span
        self.message = english.format(**params)
        self.message_zh = chinese.format(**params)
        super().__init__(self.message)
