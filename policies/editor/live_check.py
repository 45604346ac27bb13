"""Checks a rule while an officer writes it, and says what it means or where it is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from policies.editor.cautions import cautions_about
from policies.explain.rule_words import in_words
from policies.feel.definitions import Definitions
from policies.feel.words.explain import show_rule
from policies.models import PolicyVersion, Subject
from policies.rules.rules import RuleRefused, check_amount, check_clause, check_payee, definitions_of
from policies.subjects import known_subjects
from qinqing.kernel.text import Bilingual


@dataclass(frozen=True, slots=True)
class RuleFeedback:
    """
    A rule that checks has `means` in plain words, `written` with Chinese and English names, and `cautions` about what
    it passes over in silence; one that does not has
    the `refused` sentence with its `excerpt`, and the place, in characters from 0.
    """

    means: Bilingual | None = None
    written: Bilingual | None = None
    cautions: tuple[Bilingual, ...] = ()
    refused: str = ""
    excerpt: str = ""
    position: int = 0
    length: int = 0


def check_live(
    *,
    text: str,
    subject: str,
    is_amount: bool,
    version: PolicyVersion | None,
    definitions: Definitions | None = None,
    is_payee: bool = False,
) -> RuleFeedback:
    """
    Check a rule over the facts of a subject. Without `definitions` the saved ones of the version count.

    `is_amount` and `is_payee` say that the rule is an amount, or names a third party.
    """
    try:
        known = definitions or definitions_of(version or PolicyVersion())
        check = check_amount if is_amount else check_payee if is_payee else check_clause
        rule = check(text, subject=subject if subject in known_subjects() else Subject.COMPANY, definitions=known)
    except RuleRefused as refused:
        reason = refused.reason
        # The officer sees which field it is, so the sentence need not name the rule; only a malformed definition is
        # named.
        message = Bilingual(reason.message_zh, reason.message) if refused.excerpt else refused.sentence
        return RuleFeedback(
            refused=str(message), excerpt=refused.excerpt, position=reason.position, length=reason.length
        )
    if rule is None:
        return RuleFeedback()
    return RuleFeedback(
        means=in_words(rule),
        written=Bilingual(show_rule(rule, language="zh"), show_rule(rule, language="en")),
        cautions=cautions_about(rule=rule),
    )
