"""
Nothing an officer types becomes SQL text, wherever she types it: rules, cells, names, values, titles, labels.

Every text contains a word that occurs nowhere else. A statement may contain the word inside a quoted literal and
nowhere else, and the statement has to run: a text that broke out of its literal would cause a syntax error, or worse.
"""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, reset_queries, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.authoring.draft import draft_version
from policies.authoring.parts import ClauseText, ExampleText, ParameterText, TableText, ValueText
from policies.editor.match_estimate import estimate_matches
from policies.feel.messages.errors import FeelError
from policies.matching.decision_sql import DecisionContext, decision_statement
from policies.models import NamedClause, PolicyVersion
from policies.portable.export import export
from policies.portable.import_policy import import_policy
from policies.portable.read_dmn import UnreadablePolicy, read
from policies.preview.exact import estimate
from policies.rules.company_set import CompanyRange
from policies.rules.rules import RuleRefused, definitions_of
from policies.trial.worked_examples import worked_examples
from qinqing.kernel.database.prepared_statements import fetch_rows_by_number
from qinqing.kernel.refusals import Refusal
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.deliveries import make_all_deliveries
from tests.factories.people import make_officer
from tests.factories.policies import make_policy
from tests.profiles import examples

pytestmark = pytest.mark.django_db

MARK = "zzqx"
PIECES = [MARK, "'", "''", '"', "\\", "\\'", ";", "--", "/*", "*/", "$$", "$1", "%s", "%(a)s", "%", "{}", "{0}", "\n",
          "E'", "U&'", "\u2019", "；", " OR 1=1 ", "DROP TABLE policies_policy", " ", "甲", "\u202e"]  # fmt: skip
# The mark comes first, so that no text of a shorter kind cuts it off.
TEXTS = st.lists(st.sampled_from(PIECES), max_size=6).map(lambda pieces: MARK + "".join(pieces))
NAMES = st.one_of(st.sampled_from([f"{MARK}_rate", f"{MARK}率", "select", "user"]), TEXTS)
_LITERALS = re.compile(r"E'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'", re.DOTALL)

REFUSALS = (RuleRefused, FeelError, Refusal, UnreadablePolicy, ValidationError)


def outside_of_literals(statement: str) -> str:
    """The parts of a statement that the database reads as SQL."""
    return _LITERALS.sub("''", statement)


def quoted(text: str) -> str:
    """A text as a rule writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _drafted(texts: list[str], name: str, rule: str) -> PolicyVersion:
    title, cell, label, value = texts
    NamedClause.objects.create(
        name="sound", name_zh="经营正常", title_zh=title, title_en=label, feel=f"company.size != {quoted(value)}"
    )
    return draft_version(
        policy=make_policy(),
        clauses=[
            ClauseText(title[:120], label[:120], f"company.industry != {quoted(cell)} and sound"),
            ClauseText(
                title[:120], "", f'contains({quoted(value)}, company.ownership) or matches({quoted(label)}, "a")'
            ),
            ClauseText(title[:120], "", rule),
        ],
        parameters=[ParameterText(name[:60], "", (ValueText(Decimal(5)),), label[:60], title[:20])],
        tables=[
            TableText(
                "tiers",
                "分档",
                ({"label_zh": label[:60], "label_en": title[:60], "feel": "company.standing"},),
                ({"cells": [quoted(cell)], "output": "7"}, {"cells": [quoted(value) + ", null"], "output": "8"}),
                "F",
                label[:60],
            )
        ],
        examples=[ExampleText(title[:120], {"company": {"industry": value, "size": cell}}, "unknown")],
        actor=make_officer("writer"),
        commitment_zh=title,
        commitment_en=label,
        period_label="",
        amount_feel=f"if company.credit_code = {quoted(label)} then tiers else {len(value)}",
        opens_on=TODAY,
        granted_cny=Decimal(1000),
    )


def _worked_with(version: PolicyVersion) -> None:
    """Call everything that makes SQL of a version."""
    estimate(version=version, now=NOW)
    known = definitions_of(version)
    for clause in version.clauses.all():
        estimate_matches(text=clause.feel, subject="company", is_amount=False, definitions=known, as_of_on=TODAY)
    worked_examples(version=version)
    statement = decision_statement(
        versions=[version], companies=CompanyRange(1, 10**9), context=DecisionContext(TODAY, frozenset(), {}), now=NOW
    )
    # The database refuses entitlements of a draft at the end of the statement; by then it has read the whole statement.
    try:
        with transaction.atomic():
            fetch_rows_by_number(statement.text, statement.parameters)
    except IntegrityError as refused:
        if "names no policy and version" not in str(refused):
            raise
    import_policy(policy=read(export(version=version)), actor=None, code="Z-1")


@settings(max_examples=examples(25))
@given(texts=st.lists(TEXTS, min_size=4, max_size=4), name=NAMES, rule=st.one_of(st.just("true"), TEXTS))
def test_what_an_officer_types_stays_a_text(texts: list[str], name: str, rule: str) -> None:
    # Django's log of statements has a limit, and `CaptureQueriesContext` sees nothing in a full log; empty it for each
    # example.
    reset_queries()
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        make_all_deliveries()
        make_company()
        try:
            with transaction.atomic():
                version = _drafted(texts, name, rule)
        except REFUSALS:
            # An invalid rule or name is never written; the other texts are tested all the same.
            version = _drafted(texts, f"{MARK}_rate", "true")
        _worked_with(PolicyVersion.objects.get(pk=version.pk))
        transaction.set_rollback(True)
    statements = [query["sql"] for query in captured.captured_queries]
    assert any(MARK in statement for statement in statements)
    assert [statement for statement in statements if MARK in outside_of_literals(statement)] == []


def test_the_guard_itself_bites() -> None:
    assert MARK in outside_of_literals(f"SELECT 'a' FROM {MARK}")
    assert MARK in outside_of_literals(f"SELECT 'it''s' || {MARK} || ''")
    assert MARK not in outside_of_literals(f"SELECT 'it''s {MARK}', E'\\'{MARK}'")
