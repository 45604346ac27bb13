"""Puts a rule into plain words, with values by their names."""

from __future__ import annotations

from functools import cache

from django.utils import translation

from policies.explain.value_names import choices_of
from policies.feel.terms import Expression
from policies.feel.words.explain import explain_rule
from qinqing.kernel.text import Bilingual


def in_words(rule: Expression) -> Bilingual:
    """What a checked rule says, in both languages."""
    return Bilingual(_in_words(rule, "zh", "zh-hans"), _in_words(rule, "en", "en"))


def _in_words(rule: Expression, language: str, locale: str) -> str:
    # A rule may list hundreds of values of one fact; their names are looked up once.
    @cache
    def names(group: str, fact: str) -> dict[str, str]:
        with translation.override(locale):
            return choices_of(group=group, fact=fact)

    return explain_rule(
        rule, language=language, value_name=lambda group, fact, value: names(group, fact).get(value, "")
    )
