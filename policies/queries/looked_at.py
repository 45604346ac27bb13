"""A rule looked at while it is being written: what it means, or where it goes wrong."""

from __future__ import annotations

from dataclasses import dataclass

from policies.feel import Expression, explained, shown
from policies.models import PolicyVersion, Subject
from policies.wording import RuleRefused, check_amount, check_clause, definitions_of
from qinqing.kernel.text import Bilingual


@dataclass(frozen=True, slots=True)
class Looked:
    """
    A rule that checks has `means` in plain words and `written` with Chinese and English names; one that does not has
    the `refused` sentence with its `excerpt`, and the place, in characters from 0.
    """

    means: Bilingual | None = None
    written: Bilingual | None = None
    refused: str = ""
    excerpt: str = ""
    position: int = 0
    length: int = 0


def looked_at(*, text: str, subject: str, is_amount: bool, version: PolicyVersion | None) -> Looked:
    """Check a clause, or an amount, over the facts of a subject and the names that the version defines."""
    try:
        rule = _checked(text, subject if subject in Subject.values else Subject.COMPANY, is_amount, version)
    except RuleRefused as refused:
        reason = refused.reason
        # The officer sees which field it is; a definition that cannot be is named.
        message = Bilingual(reason.message_zh, reason.message) if refused.excerpt else refused.sentence
        return Looked(refused=str(message), excerpt=refused.excerpt, position=reason.position, length=reason.length)
    return Looked(
        means=Bilingual(explained(rule, language="zh"), explained(rule, language="en")),
        written=Bilingual(shown(rule, language="zh"), shown(rule, language="en")),
    )


def _checked(text: str, subject: str, is_amount: bool, version: PolicyVersion | None) -> Expression:  # noqa: FBT001
    known = definitions_of(version or PolicyVersion())
    check = check_amount if is_amount else check_clause
    return check(text, subject=subject, definitions=known)
