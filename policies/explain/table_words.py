"""Puts the columns of a decision table, and the codes in its cells, into plain words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from companies.datasets.catalogue import Catalogue
from policies.explain.rule_words import in_words
from policies.explain.value_names import choices_of
from policies.feel import terms
from policies.feel.checking.check import check
from policies.feel.definitions import Definitions
from policies.feel.messages.errors import FeelError
from policies.feel.terms import Expression
from policies.feel.words.mentions import find_mentions
from policies.models import DecisionTable
from policies.subjects import catalogue_of


def table_words(*, table: DecisionTable, subject: str, definitions: Definitions | None) -> str:
    """Each column in plain words, with the names of the codes in its cells; empty for a column that does not check."""
    known = catalogue_of(subject)
    columns = [
        _column(column["feel"], [row["cells"][place] for row in table.rows], known, definitions)
        for place, column in enumerate(table.inputs)
    ]
    return _("; ").join(filter(None, columns))


def _column(text: str, cells: list[str], known: Catalogue, definitions: Definitions | None) -> str:
    try:
        rule = check(text, catalogue=known, definitions=definitions)
    except FeelError:
        # A table of an old version may mention a fact that has been renamed since.
        return ""
    said = {"column": text, "words": in_words(rule)}
    legend = [f'"{code}" {name}' for code, name in _codes(rule).items() if any(f'"{code}"' in cell for cell in cells)]
    if not legend:
        return _("%(column)s: %(words)s") % said
    return _("%(column)s: %(words)s (%(legend)s)") % (said | {"legend": _(", ").join(legend)})


def _codes(rule: Expression) -> dict[str, str]:
    """The codes of the facts that a column reads, with their names."""
    named: dict[str, str] = {}
    for mention in find_mentions(rule):
        if mention.group and isinstance(mention.term, terms.FactOf):
            named |= choices_of(group=mention.group.name, fact=mention.term.fact.name)
    return named
