"""Tries a version on invented facts, in either engine: for examples, the calculator and the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from psycopg.sql import SQL, Composable, Identifier

from companies.contracts.departments import departments
from companies.datasets.catalogue import Catalogue, FactGroup
from policies.explain.evidence import label_of, value_in_words
from policies.explain.rule_words import in_words
from policies.feel.checking.check import check
from policies.feel.python.evaluate import compute, evaluate
from policies.feel.python.terms import Environment
from policies.feel.sql.fact_joins import FactJoins
from policies.feel.sql.literals import answer_from, column_type, typed_literal
from policies.feel.terms import Expression
from policies.feel.types.types import FACT_TYPES, FeelType
from policies.feel.words.mentions import Mention, find_mentions
from policies.matching.version_sql import compile_version
from policies.models import PolicyVersion, Pool
from policies.rules.rules import CheckedRules, checked_rules_of, definitions_of, needed_mentions
from policies.subjects import catalogue_of
from policies.trial.trial_facts import TrialFacts, parse_truth, read_facts
from qinqing.kernel.money import LARGEST_CNY, round_to_fen
from qinqing.kernel.text import Bilingual

_SUBJECT = Identifier("trial subject")


@dataclass(frozen=True, slots=True)
class TriedValue:
    """One value that a rule read: its text in the rule language, the same in words, and the value (None: unknown)."""

    path: str
    label: str
    value: object
    in_words: str
    department: Bilingual


@dataclass(frozen=True, slots=True)
class TriedReason:
    """
    One clause, or the amount if `number` is None: its verdict (None: unknown), the values that it read, and a sentence.

    The `verdict` of the amount says whether it is an amount to pay.
    """

    number: int | None
    title: Bilingual
    feel: str
    in_words: Bilingual
    verdict: bool | None
    values: tuple[TriedValue, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Trial:
    """
    The verdict of a version about invented facts (None: unknown), and the amount in yuan if the verdict is eligible.
    """

    verdict: bool | None
    amount_cny: Decimal | None
    reasons: tuple[TriedReason, ...]


@dataclass(frozen=True, slots=True)
class _Answers:
    clauses: Sequence[bool | None]
    amount: Decimal | None
    pays: bool | None
    values: Mapping[str, Any]
    has_day: bool


def try_version(*, version: PolicyVersion, facts: Mapping[str, object]) -> Trial:
    """
    What a version says about facts, worked out in plain Python.

    `facts` are groups by name with records of facts: `{"company": {"industry": "C26"}, "tax": [{"year": 2019,
    "revenue": 1}], "as_of": "2023-10-01", "district": "330106"}`; a group that is absent was not delivered. A policy
    that pays for each employee, month, … is tried on one of them, the record `employee`, `sale`, …

    Raises:
        BadFacts: the facts are not of that form; one sentence that names the fact.
        RuleRefused: a rule of the version does not check.
    """
    rules, read = checked_rules_of(version), _read_trial_facts(version, facts)
    known = Environment(read.facts, as_of=read.as_of)
    capped, pays = _amount_paid(version, rules, read)
    return _trial(
        version,
        rules,
        _Answers(
            clauses=[parse_truth(evaluate(clause, facts=read.facts, as_of=read.as_of)) for clause in rules.clauses],
            amount=capped,
            pays=pays,
            values={mention.text: compute(mention.term, known) for mention in rules.mentions},
            has_day=read.as_of is not None,
        ),
    )


def try_version_in_sql(*, version: PolicyVersion, facts: Mapping[str, object]) -> Trial:
    """
    Try a version on facts by the engine that pays: its own SQL runs over the facts as typed rows.

    Raises:
        BadFacts: the facts are not of the form that `try_version` describes.
        RuleRefused: a rule of the version does not check.
    """
    read, made = _read_trial_facts(version, facts), _trial_catalogue(catalogue_of(version.subject))
    rules = _rules_over(checked_rules_of(version), made, version)
    owners = {group.subject: SQL("{}.owner").format(_SUBJECT) for group in made.groups.values()}
    joins = FactJoins(made, owners=owners, as_of=read.as_of)
    compiled = compile_version(version=version, rules=rules, joins=joins)
    columns = [*compiled.clauses, compiled.amount, compiled.pays, *compiled.facts.values()]
    row = _fetch_row(
        SQL("WITH {} SELECT {} FROM (SELECT 1 AS owner) AS {} {}").format(
            SQL(", ").join(_relation(group, read) for group in made.groups.values()),
            SQL(", ").join(columns),
            _SUBJECT,
            joins.joins(),
        )
    )
    count = len(compiled.clauses)
    kinds = [mention.type for mention in rules.mentions]
    values = [answer_from(value, kind) for value, kind in zip(row[count + 2 :], kinds, strict=True)]
    looked_at = dict(zip(compiled.facts, values, strict=True))
    answers = _Answers(row[:count], row[count], row[count + 1], looked_at, has_day=read.as_of is not None)
    return _trial(version, rules, answers)


def _read_trial_facts(version: PolicyVersion, facts: Mapping[str, object]) -> TrialFacts:
    read = read_facts(facts=facts, catalogue=catalogue_of(version.subject))
    return replace(read, as_of=read.as_of or version.as_of_on)


def _amount_paid(version: PolicyVersion, rules: CheckedRules, read: TrialFacts) -> tuple[Decimal | None, bool | None]:
    """
    The amount that is paid, and whether it is one to pay; the same as in `policies.matching.version_sql`, but in
    Python.
    """
    whole = _yuan(rules.amount, read)
    limit = _yuan(rules.limit, read) if rules.limit else None
    if whole is None:
        return None, None
    capped = min(most for most in (whole, limit, version.cap_cny) if most is not None)
    is_shared = version.pool == Pool.PROPORTIONAL
    stored = [whole if is_shared else capped, limit or Decimal(0)]
    is_enough = version.minimum_cny is None or is_shared or capped >= version.minimum_cny
    pays = capped > 0 and max(stored) <= LARGEST_CNY and is_enough
    # While the limit is unknown, so is the portion.
    return capped, None if pays and rules.limit and limit is None else pays


def _yuan(rule: Expression, read: TrialFacts) -> Decimal | None:
    answer = evaluate(rule, facts=read.facts, as_of=read.as_of)
    return round_to_fen(answer) if isinstance(answer, Decimal) else None


def _trial_catalogue(known: Catalogue) -> Catalogue:
    """The catalogue, with relations of the statement in place of the departments' tables."""
    groups = {
        name: replace(group, relation=f"trial {name}", owner_column="trial owner")
        for name, group in known.groups.items()
    }
    return Catalogue(groups)


def _rules_over(rules: CheckedRules, made: Catalogue, version: PolicyVersion) -> CheckedRules:
    definitions = definitions_of(version)

    def again(rule: Expression) -> Expression:
        expects = rule.type if isinstance(rule.type, FeelType) else None
        return check(rule.text, catalogue=made, expects=expects, definitions=definitions)

    clauses = tuple(again(rule) for rule in rules.clauses)
    limit = again(rules.limit) if rules.limit else None
    return replace(rules, clauses=clauses, amount=again(rules.amount), limit=limit)


def _relation(group: FactGroup, read: TrialFacts) -> Composable:
    value = read.facts.get(group.name)
    rows = value if isinstance(value, list) else [] if value is None else [value]
    facts = group.facts.items()
    names = [Identifier(group.owner_column), *(Identifier(fact.column) for _name, fact in facts)]
    nothing = [SQL("NULL::{}").format(column_type(FACT_TYPES[fact.type])) for _name, fact in facts]
    selects = [_select([SQL("1"), *nothing], SQL(" WHERE false"))]
    for row in rows:
        values = [typed_literal(row.get(name), fact) for name, fact in facts]
        selects.append(_select([SQL("1"), *values], SQL("")))
    return SQL("{} ({}) AS ({})").format(
        Identifier(group.relation), SQL(", ").join(names), SQL(" UNION ALL ").join(selects)
    )


def _select(columns: Sequence[Composable], where: Composable) -> Composable:
    return SQL("SELECT {}{}").format(SQL(", ").join(columns), where)


def _fetch_row(statement: Composable) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))
        row: tuple[Any, ...] = cursor.fetchone()
        return row


def _trial(version: PolicyVersion, rules: CheckedRules, answers: _Answers) -> Trial:
    verdicts = [*answers.clauses, answers.pays]
    verdict = False if False in verdicts else None if None in verdicts else True
    return Trial(
        verdict=verdict,
        amount_cny=answers.amount if verdict else None,
        reasons=_reasons(version, rules, answers),
    )


def _reasons(version: PolicyVersion, rules: CheckedRules, answers: _Answers) -> tuple[TriedReason, ...]:
    titles = [clause.title for clause in sorted(version.clauses.all(), key=lambda clause: clause.position)]
    titled = zip(titles, rules.clauses, answers.clauses, strict=True)
    clauses = [
        _reason(rule, version, answers, number=number, title=title, verdict=verdict)
        for number, (title, rule, verdict) in enumerate(titled, start=1)
    ]
    title = Bilingual("金额", "Amount")
    amount = _reason(rules.amount, version, answers, number=None, title=title, verdict=answers.pays)
    missing = _missing(rules.amount, amount.values, answers)
    return (*clauses, replace(amount, sentence=_amount_sentence(answers, missing)))


def _reason(
    rule: Expression,
    version: PolicyVersion,
    answers: _Answers,
    *,
    number: int | None,
    title: Bilingual,
    verdict: bool | None,
) -> TriedReason:
    values = tuple(_value(mention, answers.values[mention.text], version) for mention in find_mentions(rule))
    return TriedReason(
        number=number,
        title=title,
        feel=rule.text,
        in_words=in_words(rule),
        verdict=verdict,
        values=values,
        sentence=_sentence(values, _missing(rule, values, answers), verdict=verdict),
    )


def _value(mention: Mention, value: object, version: PolicyVersion) -> TriedValue:
    return TriedValue(
        path=mention.text,
        label=label_of(path=mention.text, subject=version.subject),
        value=value,
        in_words=_("unknown") if value is None else value_in_words(path=mention.text, value=value),
        department=departments().get(mention.department or "", Bilingual("", "")),
    )


def _missing(rule: Expression, values: Sequence[TriedValue], answers: _Answers) -> str:
    wanted = {mention.text for mention in needed_mentions(rule)}
    missing = [
        _("%(label)s (%(department)s)") % {"label": each.label, "department": each.department}
        for each in values
        if each.value is None and each.path in wanted
    ]
    # A parameter or a rule may need the day; if no fact is missing, the day is.
    no_day = [] if missing or answers.has_day else [_("the day they are about (as_of)")]
    return _("; ").join(missing + no_day)


def _sentence(values: Sequence[TriedValue], missing: str, *, verdict: bool | None) -> str:
    if verdict is None and missing:
        return _("Unknown, because this is missing: %(missing)s.") % {"missing": missing}
    said = {True: _("It holds"), False: _("It does not hold"), None: _("It is unknown whether it holds")}[verdict]
    if not values:
        return _("%(said)s.") % {"said": said}
    listed = _("; ").join(_("%(label)s: %(value)s") % {"label": each.label, "value": each.in_words} for each in values)
    return _("%(said)s (%(values)s).") % {"said": said, "values": listed}


def _amount_sentence(answers: _Answers, missing: str) -> str:
    if answers.pays is None:
        known = _("The amount is unknown, because this is missing: %(missing)s.") % {"missing": missing}
        return known if missing else _("The amount is unknown.")
    amount = {"amount": f"{answers.amount:,.2f}"}
    return (
        _("It comes to ¥%(amount)s.") if answers.pays else _("It comes to ¥%(amount)s, which is not an amount to pay.")
    ) % amount
