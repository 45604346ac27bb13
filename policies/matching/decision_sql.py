"""
The statement that decides a set of companies for all versions whose rows come from the same dataset.

It has four parts. `decided` has the rows for which the clauses of some version hold; `eligible` one row for each
version, subject and period; `written` the entitlements that are new or changed; `withdrawn` the open entitlements
without an eligible row.

PostgreSQL cannot know how many rows a rule lets through, and a wrong guess makes it compare every row with every other.
The statement leaves it no choice: the fence has the facts joined before a rule is asked, and NOT IN hashes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import LiteralString, NamedTuple

from psycopg.sql import SQL, Composable, Identifier, Literal
from psycopg.types.json import Jsonb

from policies.matching.version_sql import (
    FENCE,
    CompiledSet,
    CompiledVersion,
    compile_versions,
    district_query,
    json_object,
    named_columns,
)
from policies.models import ClaimedPerson, Entitlement, PolicyVersion
from policies.rules.company_set import CompanyRange, CompanySet, in_company_table
from policies.subjects import known_subjects

_ENTITLEMENTS = Identifier(Entitlement._meta.db_table)
_KEY: tuple[LiteralString, ...] = ("policy_id", "subject_key", "period_key")
# The columns that a decision fills in, beside the day, the moment and the status. A decision changes an entitlement if
# one of the compared columns differs.
_VERDICT: tuple[LiteralString, ...] = (
    *("version_id", "company_id", "employee_id", "persons", "district"),
    *("amount_cny", "base_cny", "limit_cny", "payee_code"),
)
_DECIDED: tuple[LiteralString, ...] = (*_VERDICT, "version_hash", "evidence")
_COMPARED: tuple[LiteralString, ...] = (*_VERDICT, "evidence -> 'facts'", "evidence -> 'list'")
# The places of a statement for the moment and for the range of companies; PostgreSQL fills them in.
_NOW, _FIRST, _LAST = SQL("$1::timestamptz"), SQL("$2::bigint"), SQL("$3::bigint")
# The texts that were composed, by what they were composed of.
_COMPOSED: dict[object, str] = {}
_MOST_COMPOSED = 256


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """What a decision takes for known: the day, the stale datasets, and the day of each dataset's newest delivery."""

    as_of_on: dt.date
    stale: frozenset[str]
    delivered_on: Mapping[str, dt.date]

    @property
    def key(self) -> object:
        """Equal for equal contexts, and hashable."""
        return self.as_of_on, self.stale, tuple(sorted(self.delivered_on.items()))


class DecisionStatement(NamedTuple):
    """A composed statement, and the values for its places `$1`, `$2`, …"""

    text: str
    parameters: tuple[object, ...]


def decision_statement(
    *, versions: Sequence[PolicyVersion], companies: CompanySet, context: DecisionContext, now: dt.datetime
) -> DecisionStatement:
    """
    The statement that decides some companies for versions of the same kind of rows.

    Composing it takes longer than running it for a single firm. So the text is composed once for the versions, a day
    and what was delivered, and kept; the moment and a range of companies are parameters of it.

    It returns a row for each policy with an eligible subject or a changed entitlement: the policy's id, how many
    subjects are eligible, and how many entitlements were written or withdrawn.

    Raises:
        RuleRefused: a rule of a version does not check any more.
    """
    is_range = isinstance(companies, CompanyRange)
    assert is_range or companies is in_company_table, "another condition would be kept in the text"
    key = (tuple((version.pk, version.content_hash) for version in versions), context.key, is_range)
    if key not in _COMPOSED:
        if len(_COMPOSED) >= _MOST_COMPOSED:
            _COMPOSED.clear()
        anywhere = CompanyRange(_FIRST, _LAST) if is_range else in_company_table
        _COMPOSED[key] = _compose_decision(versions, anywhere, context).as_string(None)
    parameters = (now, companies.first_id, companies.last_id) if isinstance(companies, CompanyRange) else (now,)
    return DecisionStatement(_COMPOSED[key], parameters)


def _compose_decision(versions: Sequence[PolicyVersion], companies: CompanySet, context: DecisionContext) -> Composable:
    compiled_set = compile_versions(
        versions=versions, as_of_on=context.as_of_on, stale=context.stale, companies=companies, always_locates=False
    )
    facts = _fact_columns(compiled_set)
    eligible = SQL("\nUNION ALL\n").join(
        _eligible_rows(compiled, number, facts, context, is_located=compiled_set.is_located)
        for number, compiled in enumerate(compiled_set.versions, start=1)
    )
    return SQL(
        "WITH decided AS (\n{decided}\n), eligible AS (\n{eligible}\n), {written},"
        " withdrawn AS (\n{withdrawn}\n)\n"
        "SELECT policy_id, count(*) FILTER (WHERE NOT is_change), count(*) FILTER (WHERE is_change) FROM ("
        # `withdrawn` comes first: after `written` it would walk over all rows that were just written.
        " SELECT policy_id, true AS is_change FROM withdrawn"
        " UNION ALL SELECT policy_id, false FROM eligible UNION ALL SELECT policy_id, true FROM written"
        ") AS outcome GROUP BY policy_id"
    ).format(
        decided=_decided_rows(compiled_set, facts),
        eligible=eligible,
        written=_write_entitlements(versions, companies, context),
        withdrawn=_withdraw_entitlements(versions, companies),
    )


def _fact_columns(compiled_set: CompiledSet) -> dict[str, tuple[str, Composable]]:
    """The facts that the versions look at, by their texts: the name and the SQL of one column for each."""
    found = {text: value for compiled in compiled_set.versions for text, value in compiled.facts.items()}
    return {text: (f"fact_{number}", value) for number, (text, value) in enumerate(found.items(), start=1)}


def _decided_rows(compiled_set: CompiledSet, facts: Mapping[str, tuple[str, Composable]]) -> Composable:
    columns: list[tuple[str, Composable]] = [
        ("company_id", SQL("c.id")),
        *([("district", SQL("c.district"))] if compiled_set.is_located else []),
        ("employee_id", compiled_set.employee_id),
        ("starts", compiled_set.starts),
        ("item_id", compiled_set.item_id),
        *facts.values(),
    ]
    for number, compiled in enumerate(compiled_set.versions, start=1):
        columns += [
            (f"holds_{number}", compiled.holds),
            (f"key_{number}", compiled.key),
            (f"period_{number}", compiled.period),
            (f"amount_{number}", compiled.amount),
            (f"base_{number}", compiled.base),
            (f"limit_{number}", compiled.limit),
            (f"payee_{number}", compiled.payee),
        ]
        columns += [(f"list_{number}", compiled.list_join.evidence)] if compiled.list_join else []
        columns += [(f"person_{number}_{place}", SQL(person)) for place, person in enumerate(compiled.rows.persons)]
    some_hold = SQL(" OR ").join(
        SQL("d.{}").format(Identifier(f"holds_{n + 1}")) for n in range(len(compiled_set.versions))
    )
    return SQL("SELECT * FROM (SELECT {}\nFROM {}\nWHERE {}{}) AS d WHERE {}").format(
        named_columns(columns), compiled_set.source, compiled_set.plausible, FENCE, some_hold
    )


def _eligible_rows(
    compiled: CompiledVersion,
    number: int,
    facts: Mapping[str, tuple[str, Composable]],
    context: DecisionContext,
    *,
    is_located: bool,
) -> Composable:
    version = compiled.version
    # Where no rule asks for the district, it is looked up for the entitled rows alone.
    looked_up = SQL("({})").format(district_query(SQL("d.company_id"), context.as_of_on))
    district = SQL("d.district") if is_located else looked_up
    names = ("holds", "key", "period", "amount", "base", "limit", "payee")
    column = {name: Identifier("d", f"{name}_{number}") for name in names}
    rows = SQL("SELECT * FROM decided AS d WHERE {}").format(column["holds"])
    for place in range(len(compiled.rows.persons)):
        rows = SQL("{} AND {} IS NOT TRUE").format(
            rows, _has_claimed(Identifier("d", f"person_{number}_{place}"), version)
        )
    if compiled.rows.shared_column:
        rows = SQL(
            "SELECT DISTINCT ON ({0}, {1}) * FROM ({2}) AS d ORDER BY {0}, {1}, d.company_id, d.starts, d.item_id"
        ).format(column["key"], column["period"], rows)
    return SQL("SELECT {} FROM ({}) AS d").format(
        named_columns(
            (
                ("policy_id", Literal(version.policy_id)),
                ("version_id", Literal(version.pk)),
                ("version_hash", Literal(version.content_hash)),
                ("company_id", SQL("d.company_id")),
                ("employee_id", SQL("d.employee_id")),
                ("persons", _persons(compiled, number)),
                ("district", SQL("coalesce({}, '')").format(district)),
                ("subject_key", column["key"]),
                ("period_key", column["period"]),
                ("amount_cny", column["amount"]),
                ("base_cny", column["base"]),
                ("limit_cny", column["limit"]),
                ("payee_code", column["payee"]),
                ("evidence", _evidence(compiled, number, facts, context)),
            )
        ),
        rows,
    )


def _has_claimed(person: Composable, version: PolicyVersion) -> Composable:
    """Whether the person has claimed in this period, perhaps under another key, as before a wedding."""
    return SQL(
        "({person} IN (SELECT h.person_id FROM {claimed} AS h"
        " WHERE h.policy_id = {policy} AND h.period_key = {period}))"
    ).format(
        person=person,
        claimed=Identifier(ClaimedPerson._meta.db_table),
        policy=Literal(version.policy_id),
        period=Literal(version.period_label),
    )


def _persons(compiled: CompiledVersion, number: int) -> Composable:
    if not compiled.rows.persons:
        return SQL("NULL::bigint[]")
    people = SQL(", ").join(Identifier("d", f"person_{number}_{place}") for place in range(len(compiled.rows.persons)))
    return SQL("array_remove(ARRAY[{}], NULL)").format(people)


def _evidence(
    compiled: CompiledVersion, number: int, facts: Mapping[str, tuple[str, Composable]], context: DecisionContext
) -> Composable:
    sources = {
        mention.dataset: {
            "department": mention.department,
            "as_of": str(context.delivered_on.get(mention.dataset, "")),
        }
        for mention in compiled.rules.mentions
        if mention.dataset
    }
    listed = SQL(", 'list', {}").format(Identifier("d", f"list_{number}")) if compiled.list_join else SQL("")
    decided = {text: Identifier("d", facts[text][0]) for text in compiled.facts}
    return SQL("jsonb_build_object('facts', {}, 'sources', {}{})").format(
        json_object(decided), Literal(Jsonb(sources)), listed
    )


def _write_entitlements(
    versions: Sequence[PolicyVersion], companies: CompanySet, context: DecisionContext
) -> Composable:
    """The part `written`: it inserts new entitlements, and updates those that are not claimed and have changed."""
    columns = SQL(", ").join(map(SQL, (*_KEY, *_DECIDED)))
    insert = SQL(
        "INSERT INTO {} AS e ({columns}, as_of_on, decided_at, status)"
        " SELECT {columns}, {as_of_on}, {now}, 'open' FROM eligible"
    ).format(_ENTITLEMENTS, columns=columns, as_of_on=Literal(context.as_of_on), now=_NOW)
    is_shared = any(known_subjects()[version.subject].shared_column for version in versions)
    return (
        _write_shared(insert, companies, context)
        if is_shared
        else _write_unshared(insert, versions, companies, context)
    )


def _write_shared(insert: Composable, companies: CompanySet, context: DecisionContext) -> Composable:
    """
    Write entitlements of subjects that several firms may have.

    An open entitlement stays with another firm that has the lower id and is not decided here. So the choice between
    firms does not depend on who was decided first.
    """
    return SQL("""written AS (
{insert} ON CONFLICT ON CONSTRAINT entitlement_once_per_subject_and_period DO UPDATE SET {changes}
WHERE {is_changed} AND (e.status <> 'open' OR excluded.company_id <= e.company_id OR {other_was_decided})
RETURNING policy_id)""").format(
        insert=insert,
        changes=_new_values("excluded", context),
        is_changed=_is_changed("excluded"),
        other_was_decided=companies(SQL("e.company_id")),
    )


def _write_unshared(
    insert: Composable, versions: Sequence[PolicyVersion], companies: CompanySet, context: DecisionContext
) -> Composable:
    """
    Write entitlements of subjects that only one firm can have.

    No other transaction inserts them meanwhile, so that a SELECT tells which have a row. ON CONFLICT would insert each
    row speculatively, which takes a tenth of the time.
    """
    return SQL("""standing AS (
SELECT e.id, {key} FROM {entitlements} AS e WHERE {are_theirs}
), added AS (
{insert} WHERE ({key}) NOT IN (SELECT {key} FROM standing) RETURNING policy_id
), changed AS (
UPDATE {entitlements} AS e SET {changes} FROM eligible AS n JOIN standing USING ({key})
WHERE e.id = standing.id AND {is_changed} RETURNING e.policy_id
), written AS (SELECT policy_id FROM added UNION ALL SELECT policy_id FROM changed)""").format(
        key=SQL(", ").join(map(SQL, _KEY)),
        entitlements=_ENTITLEMENTS,
        are_theirs=_is_decided_here(versions, companies),
        insert=insert,
        changes=_new_values("n", context),
        is_changed=_is_changed("n"),
    )


def _new_values(source: LiteralString, context: DecisionContext) -> Composable:
    columns = [SQL("{0} = {1}.{0}").format(SQL(column), SQL(source)) for column in _DECIDED]
    columns.append(SQL("as_of_on = {}, decided_at = {}, status = 'open'").format(Literal(context.as_of_on), _NOW))
    return SQL(", ").join(columns)


def _is_changed(source: LiteralString) -> Composable:
    # The evidence's sources, with their days, change with every delivery, and do not change the decision.
    before, after = (
        SQL(", ").join(SQL("{}.{}").format(SQL(row), SQL(column)) for column in _COMPARED) for row in ("e", source)
    )
    return SQL("e.status IN ('open', 'withdrawn', 'lapsed') AND (e.status, {}) IS DISTINCT FROM ('open', {})").format(
        before, after
    )


def _withdraw_entitlements(versions: Sequence[PolicyVersion], companies: CompanySet) -> Composable:
    return SQL("""
UPDATE {entitlements} AS e SET status = 'withdrawn', decided_at = {now}
WHERE {are_theirs} AND e.status = 'open'
AND (e.policy_id, e.subject_key, e.period_key) NOT IN (SELECT policy_id, subject_key, period_key FROM eligible)
RETURNING policy_id""").format(
        entitlements=_ENTITLEMENTS,
        now=_NOW,
        are_theirs=_is_decided_here(versions, companies),
    )


def _is_decided_here(versions: Sequence[PolicyVersion], companies: CompanySet) -> Composable:
    policies = SQL(", ").join(Literal(version.policy_id) for version in versions)
    return SQL("e.policy_id IN ({}) AND {}").format(policies, companies(SQL("e.company_id")))
