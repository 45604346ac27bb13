"""Decides the examples of a version by both engines, and takes the facts of an example from a firm."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.contracts.facts import catalogue
from companies.datasets.catalogue import Absence, Fact, FactGroup
from companies.models import Company, CompanyDistrict, Employee
from policies.models import Example, ExpectedVerdict, PolicyVersion
from policies.preview.rows import fetch_rows, plain_json
from policies.rules.rules import RuleRefused, checked_rules_of
from policies.rules.versions import as_of
from policies.subjects import known_subjects
from policies.trial.fact_table import LIMIT_ROWS, rows_from_facts
from policies.trial.questions import groups_of
from policies.trial.trial import Trial, try_version, try_version_in_sql
from policies.trial.trial_facts import LIMIT_RECORDS, BadFacts, name_of

# Facts that identify a firm never enter an example, even if a rule reads them.
IDENTIFYING = frozenset({"credit_code"})


@dataclass(frozen=True, slots=True)
class WorkedExample:
    """
    One example: what its author expects, and the verdict of each engine; `refused` says why it could not be decided.
    """

    title: str
    expected_verdict: ExpectedVerdict
    expected_cny: Decimal | None
    python: Trial | None
    sql: Trial | None
    refused: str

    @property
    def sql_verdict(self) -> str:
        """The verdict of the engine that pays."""
        return str(verdict_of(self.sql).label) if self.sql else ""

    @property
    def python_verdict(self) -> str:
        """The verdict of the engine in Python."""
        return str(verdict_of(self.python).label) if self.python else ""

    @property
    def passes(self) -> bool:
        """Whether both engines decide as the author expects."""
        return all(self._is_expected(trial) for trial in (self.python, self.sql))

    @property
    def sentence(self) -> str:
        """What differs from the expectation; empty if the example passes."""
        if self.refused or self.passes or self.python is None or self.sql is None:
            return self.refused
        if (self.python.verdict, self.python.amount_cny) != (self.sql.verdict, self.sql.amount_cny):
            return _("The two engines do not agree; tell the developers.")
        found = verdict_of(self.sql)
        if found != self.expected_verdict:
            return _("Expected “%(expected)s”, but it is “%(found)s”: %(why)s") % {
                "expected": self.expected_verdict.label,
                "found": found.label,
                "why": _deciding_sentence(self.sql),
            }
        return _("Expected ¥%(expected)s, but it comes to ¥%(found)s.") % {
            "expected": _yuan(self.expected_cny),
            "found": _yuan(self.sql.amount_cny),
        }

    def _is_expected(self, trial: Trial | None) -> bool:
        if trial is None or verdict_of(trial) != self.expected_verdict:
            return False
        return self.expected_cny is None or trial.amount_cny == self.expected_cny


def _deciding_sentence(trial: Trial) -> str:
    """The sentence of the first condition that decides; for an eligible example, of the amount."""
    if trial.verdict:
        return trial.reasons[-1].sentence
    first = next((reason for reason in trial.reasons if reason.verdict is trial.verdict), trial.reasons[0])
    return _("%(title)s: %(sentence)s") % {"title": first.title, "sentence": first.sentence}


def _yuan(amount_cny: Decimal | None) -> str:
    return number_format(amount_cny or Decimal(0), decimal_pos=2, force_grouping=True)


def verdict_of(trial: Trial) -> ExpectedVerdict:
    """The verdict by its name."""
    if trial.verdict is None:
        return ExpectedVerdict.UNKNOWN
    return ExpectedVerdict.ELIGIBLE if trial.verdict else ExpectedVerdict.INELIGIBLE


def worked_examples(*, version: PolicyVersion) -> tuple[WorkedExample, ...]:
    """Every example of a version, in order, decided by both engines."""
    return tuple(_work_example(version, example) for example in version.examples.order_by("position"))


def _work_example(version: PolicyVersion, example: Example) -> WorkedExample:
    python = sql = None
    refused = ""
    try:
        python = try_version(version=version, facts=example.facts)
        sql = try_version_in_sql(version=version, facts=example.facts)
    except (BadFacts, RuleRefused) as refusal:
        refused = str(refusal)
    return WorkedExample(
        example.title, ExpectedVerdict(example.expected_verdict), example.expected_cny, python, sql, refused
    )


def facts_of(*, version: PolicyVersion, company: Company, now: dt.datetime) -> dict[str, Any]:
    """
    What is known about a firm of all that the rules look at, and nothing else: no name, no number.

    For a policy of items it is the firm's first one.

    Raises:
        BadFacts: more is known than an example may hold.
    """
    day = as_of(version=version, now=now)
    groups = groups_of(checked_rules_of(version))
    item, owners = known_subjects()[version.subject].item, _owners(version, company)
    told: dict[str, Any] = {"as_of": day.isoformat()}
    for group, facts, _rows in groups:
        wanted = [fact for fact in facts if fact.name not in IDENTIFYING]
        # The row of an employment and the person in it are two owners, both named "employee".
        owner = owners.get("item" if item and group.name == item else group.subject)
        if not wanted or owner is None:
            continue
        records = _records(group, wanted, owner, day)
        if group.is_list and (records or group.absence is Absence.NONE):
            told[group.name] = records
        elif records:
            told[group.name] = records[0]
    if len(rows_from_facts(facts=told, catalogue=catalogue(item=item))) > LIMIT_ROWS:
        raise BadFacts(_("More is known about this firm than an example may hold; choose a smaller firm."))
    return told


def _owners(version: PolicyVersion, company: Company) -> dict[str, int]:
    rows = known_subjects()[version.subject]
    owners = {"company": company.pk}
    if not rows.item:
        return owners
    person = SQL("employee_id") if rows.is_person else SQL("NULL::bigint")
    relation = catalogue(item=rows.item).groups[rows.item].relation
    first = fetch_rows(
        SQL("SELECT id, {} FROM {} WHERE company_id = {} ORDER BY id LIMIT 1").format(
            person, Identifier(relation), Literal(company.pk)
        )
    )
    if not first:
        return owners
    owners["item"], employee = first[0]
    if employee is not None:
        spouse = Employee.objects.filter(pk=employee).values_list("spouse_id", flat=True).first()
        owners |= {"employee": employee} | ({"spouse": spouse} if spouse else {})
    return owners


def _records(group: FactGroup, facts: list[Fact], owner: int, day: dt.date) -> list[dict[str, Any]]:
    values = SQL(", ").join(SQL("{}, {}").format(Literal(fact.name), _value(group, fact, owner, day)) for fact in facts)
    rows = fetch_rows(
        SQL("SELECT jsonb_build_object({}) FROM {} AS t WHERE t.{} = {} ORDER BY 1 LIMIT {}").format(
            values,
            Identifier(*group.relation.split(".")),
            Identifier(group.owner_column),
            Literal(owner),
            # One record more than an example may hold, to notice that there are too many.
            Literal(LIMIT_RECORDS + 1),
        )
    )
    if len(rows) > LIMIT_RECORDS:
        raise BadFacts(
            _("This firm has more than %(limit)d records of “%(name)s”; choose a smaller firm.")
            % {"limit": LIMIT_RECORDS, "name": name_of(group)}
        )
    return [plain_json(row[0]) for row in rows]


def _value(group: FactGroup, fact: Fact, owner: int, day: dt.date) -> Composable:
    if group.name != "company" or fact.name != "district":
        return Identifier("t", fact.column)
    return SQL(
        "(SELECT district_id FROM {} WHERE company_id = {} AND valid_from <= {} ORDER BY valid_from DESC LIMIT 1)"
    ).format(Identifier(CompanyDistrict._meta.db_table), Literal(owner), Literal(day))
