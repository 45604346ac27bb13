"""Cautions about the rules of a version, for its writer and for the second officer."""

from __future__ import annotations

from django.utils.translation import gettext as _

from policies.editor.unknown_codes import find_unknown_codes
from policies.feel.terms import Expression
from policies.feel.words.cautions import find_cautions
from policies.models import PolicyVersion
from policies.rules.rules import RuleRefused, checked_rules_of
from qinqing.kernel.text import Bilingual


def cautions_about(*, rule: Expression) -> tuple[Bilingual, ...]:
    """The cautions about one rule: unknown records that a filter leaves out, and values that a coded fact never has."""
    return (*(caution.sentence for caution in find_cautions(rule)), *find_unknown_codes(rule))


def cautions_in(*, version: PolicyVersion) -> tuple[str, ...]:
    """
    The cautions about all rules of a version, each with the name of its rule; a rule that does not check has none.
    """
    try:
        rules = checked_rules_of(version)
    except RuleRefused:
        return ()
    clauses = sorted(version.clauses.all(), key=lambda clause: clause.position)
    titles = [
        _("Condition %(number)d “%(title)s”") % {"number": number, "title": clause.title}
        for number, clause in enumerate(clauses, start=1)
    ]
    titled = zip([*titles, _("The amount"), _("The limit")], rules.verdict_rules, strict=False)
    return tuple(f"{title}: {sentence}" for title, rule in titled for sentence in cautions_about(rule=rule))
