"""Checks the parts of a file as the forms of a draft would, before anything of the file is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict
from itertools import chain
from typing import NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

from policies.authoring.parts import ClauseText, ExampleText, ParameterText, TableText
from policies.models import Clause, DecisionTable, Example, Parameter, ParameterValue, Subject
from policies.portable.read_dmn import UnreadablePolicy
from policies.portable.text import PolicyText
from policies.subjects import catalogue_of
from policies.trial.fact_table import LIMIT_ROWS, rows_from_facts
from policies.trial.trial_facts import BadFacts, read_facts


class _Part(NamedTuple):
    """A part of a file as the row that it would become; `said` names the part, `unset` are the fields not known yet."""

    said: str
    row: Model
    unset: frozenset[str]


def check_parts(policy: PolicyText) -> None:
    """
    Check that each part of a policy can be stored, and edited by an officer later; the rules are not checked.

    Raises:
        UnreadablePolicy: a part cannot be; the sentence names it and what is wrong with it.
    """
    for part in chain(_clauses(policy.clauses), _parameters(policy.parameters), _tables(policy.tables)):
        clean_row(part.row, said=part.said, exclude=part.unset)
    subject = policy.fields.get("subject") or Subject.COMPANY
    for example in policy.examples:
        _check_example(example, subject)


def clean_row(row: Model, *, said: str, exclude: Collection[str] = ()) -> None:
    """
    Check that a row that is not saved yet can be saved.

    Raises:
        UnreadablePolicy: it could not; the sentence begins with what it is `said` to be.
    """
    try:
        row.full_clean(exclude=exclude)
    except ValidationError as refused:
        reason = " ".join(_reasons(row, refused))
        raise UnreadablePolicy(_("%(part)s: %(reason)s") % {"part": said, "reason": reason}) from refused


def _reasons(row: Model, refused: ValidationError) -> Iterator[str]:
    for name, sentences in refused.message_dict.items():
        for sentence in sentences:
            if name == NON_FIELD_ERRORS:
                yield sentence
            else:
                field = getattr(row._meta.get_field(name), "verbose_name", name)
                yield _("“%(field)s”: %(sentence)s") % {"field": field, "sentence": sentence}


_OF_VERSION = frozenset({"version", "position"})


def _clauses(clauses: Iterable[ClauseText]) -> Iterator[_Part]:
    for number, clause in enumerate(clauses, start=1):
        said = _("Condition %(number)d “%(title)s”") % {"number": number, "title": clause.title_zh[:60]}
        yield _Part(said, Clause(**asdict(clause)), _OF_VERSION)


def _parameters(parameters: Iterable[ParameterText]) -> Iterator[_Part]:
    for parameter in parameters:
        said = _("The parameter “%(name)s”") % {"name": parameter.name[:60]}
        texts = asdict(parameter)
        values = texts.pop("values")
        yield _Part(said, Parameter(**texts), _OF_VERSION)
        for number, value in enumerate(values, start=1):
            of = _("Row %(row)d of the parameter “%(name)s”") % {"row": number, "name": parameter.name[:60]}
            yield _Part(of, ParameterValue(**value), frozenset({"parameter"}))


def _tables(tables: Iterable[TableText]) -> Iterator[_Part]:
    for table in tables:
        said = _("The table “%(name)s”") % {"name": table.name[:60]}
        row = DecisionTable(**asdict(table) | {"inputs": list(table.inputs), "rows": list(table.rows)})
        yield _Part(said, row, _OF_VERSION)


def _check_example(example: ExampleText, subject: str) -> None:
    said = _("The example “%(title)s”") % {"title": example.title[:60]}
    # Facts may be empty: then everything is unknown. What the facts say is checked below.
    clean_row(Example(**asdict(example)), said=said, exclude=_OF_VERSION | {"facts"})
    known = catalogue_of(subject)
    try:
        read_facts(facts=example.facts, catalogue=known)
    except BadFacts as refused:
        raise UnreadablePolicy(_("%(part)s: %(reason)s") % {"part": said, "reason": refused}) from refused
    count = len(rows_from_facts(facts=example.facts, catalogue=known))
    if count > LIMIT_ROWS:
        reason = _("There are %(count)d rows; %(limit)d is the most.") % {"count": count, "limit": LIMIT_ROWS}
        raise UnreadablePolicy(_("%(part)s: %(reason)s") % {"part": said, "reason": reason})
