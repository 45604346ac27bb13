"""Finds the rule of a version that is too slow: each rule runs alone, within a short limit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from time import perf_counter

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from psycopg.errors import QueryCanceled
from psycopg.sql import SQL, Composable

from policies.matching.version_sql import rule_statements
from policies.models import PolicyVersion
from policies.rules.company_set import CompanySet, statement_limits
from qinqing.kernel.text import Bilingual, in_both_languages

RULE_SECONDS = 5
# The search ends after this long, however many rules there are.
ASKING_SECONDS = 30


def slowest_rule(
    *, version: PolicyVersion, as_of_on: dt.date, stale: frozenset[str], companies: CompanySet | None
) -> Bilingual:
    """
    A sentence that names the condition, or the amount, that is too slow alone, or the slowest if none is.

    Needs a transaction in which no statement has failed.

    Raises:
        RuleRefused: a rule of the version does not check any more.
    """
    started, took = perf_counter(), dict[Bilingual, float]()
    for name, statement in _named_statements(version, as_of_on, stale, companies):
        if perf_counter() - started > ASKING_SECONDS:
            break
        seconds = _measure_seconds(statement)
        if seconds is None:
            return in_both_languages(partial(_too_slow_alone, name))
        took[name] = seconds
    name = max(took, key=lambda each: took[each])
    return in_both_languages(partial(_takes_longest, name))


def _too_slow_alone(name: Bilingual) -> str:
    return _("%(rule)s alone takes longer than %(seconds)s seconds.") % {"rule": name, "seconds": RULE_SECONDS}


def _takes_longest(name: Bilingual) -> str:
    return _("No condition alone is too slow; %(rule)s takes longest.") % {"rule": name}


def _named_statements(
    version: PolicyVersion, as_of_on: dt.date, stale: frozenset[str], companies: CompanySet | None
) -> Iterator[tuple[Bilingual, Composable]]:
    titles = [clause.title for clause in sorted(version.clauses.all(), key=lambda clause: clause.position)]
    statements = rule_statements(version=version, as_of_on=as_of_on, stale=stale, companies=companies)
    for number, (title, statement) in enumerate(zip([*titles, None], statements, strict=True), start=1):
        yield in_both_languages(partial(_rule_name, number, title)), statement


def _rule_name(number: int, title: Bilingual | None) -> str:
    return _("Condition %(number)d “%(title)s”") % {"number": number, "title": title} if title else _("The amount")


def _measure_seconds(statement: Composable) -> float | None:
    """How long a statement takes, in seconds; None if the limit stopped it."""
    started, counted = perf_counter(), SQL("SELECT count(r.value) FROM ({}) AS r").format(statement)
    try:
        with (
            transaction.atomic(),
            statement_limits(statement_seconds=RULE_SECONDS, lock_seconds=RULE_SECONDS),
            connection.cursor() as cursor,
        ):
            cursor.execute(counted.as_string(cursor.connection))
    except OperationalError as refused:
        if not isinstance(refused.__cause__, QueryCanceled):
            raise
        return None
    return perf_counter() - started
