"""The library of named clauses: checks a clause, and finds the drafts that would change with it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence

from django.db.models import QuerySet

from policies.feel.definitions import Definitions
from policies.feel.messages.errors import FeelError
from policies.models import NamedClause, PolicyVersion, Subject, VersionStatus
from policies.rules.rules import RuleRefused, check_clause
from policies.rules.storage import clause_text, read_library
from policies.subjects import known_subjects

_WORD = re.compile(r"\w+")


def check_library_clause(*, clause: NamedClause) -> None:
    """
    Check a clause together with the rest of the library; it has to be a condition for at least one kind of subject.

    The clause need not be saved.

    Raises:
        RuleRefused: it is a condition for no kind of subject, or its name is no name; it says why.
    """
    others = [entry for entry in read_library() if entry["name"] != _saved_name(clause)]
    entry = {name: getattr(clause, name) for name in ("name", "name_zh", "title_zh", "title_en", "feel")}
    try:
        definitions = Definitions(clauses=tuple(clause_text(each) for each in [*others, entry]))
    except FeelError as refused:
        raise RuleRefused(1, clause.feel, refused) from refused
    refusals = []
    for subject in known_subjects():
        try:
            check_clause(clause.name, subject=subject, definitions=definitions)
            check_clause(clause.feel, subject=subject, definitions=definitions)
        except RuleRefused as refused:
            refusals.append(refused)
        else:
            return
    raise refusals[0]


def subject_of(*, text: str) -> str:
    """The first kind of subject for which a text is a condition; the company if there is none."""
    definitions = Definitions(clauses=tuple(clause_text(each) for each in read_library()))
    for subject in known_subjects():
        try:
            check_clause(text, subject=subject, definitions=definitions)
        except RuleRefused:
            continue
        return subject
    return Subject.COMPANY


def _saved_name(clause: NamedClause) -> str:
    return NamedClause.objects.filter(pk=clause.pk).values_list("name", flat=True).first() or ""


def drafts_that_mention(*, clause: NamedClause) -> list[PolicyVersion]:
    """The drafts whose rules call the clause, directly or through another clause of the library."""
    return drafts_by_clause(clauses=[clause])[clause.pk]


def drafts_by_clause(*, clauses: Collection[NamedClause]) -> dict[int, list[PolicyVersion]]:
    """The same for several clauses, by their ids; the drafts are read once."""
    texts = list(read_library())
    drafts = [(draft, _words(_rules(draft))) for draft in _drafts()] if clauses else []
    names = {clause.pk: _names_that_lead_to(clause, texts) for clause in clauses}
    return {pk: [draft for draft, words in drafts if known & words] for pk, known in names.items()}


def _names_that_lead_to(clause: NamedClause, texts: Sequence[Mapping[str, str]]) -> set[str]:
    names = {clause.name, clause.name_zh}
    callers = [entry for entry in texts if names & _words(entry["feel"])]
    while callers:
        entry = callers.pop()
        if entry["name"] not in names:
            names |= {entry["name"], entry["name_zh"]}
            callers += [each for each in texts if names & _words(each["feel"])]
    return names


def _drafts() -> QuerySet[PolicyVersion]:
    drafts = PolicyVersion.objects.filter(status=VersionStatus.DRAFT).select_related("policy")
    return drafts.prefetch_related("clauses", "tables").order_by("policy__code", "number")


def _rules(draft: PolicyVersion) -> str:
    tables = [json.dumps([table.inputs, table.rows], ensure_ascii=False) for table in draft.tables.all()]
    clauses = [clause.feel for clause in draft.clauses.all()]
    return "\n".join([draft.amount_feel, draft.limit_feel, draft.payee_feel, *clauses, *tables])


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text))
