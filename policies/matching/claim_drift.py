"""
Claim drift: whether claimed entitlements would still be decided as they were, by the facts of today.

A claimed entitlement is never rewritten. If a delivery changed a fact that it rests on, and the same rules for the same
day would decide otherwise now, a `FactChange` records it; officers then look at the payouts that were paid.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import structlog
from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled
from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.contracts.own import OWN_DATASETS
from policies.matching.version_sql import CompiledVersion, compile_versions, json_object, named_columns
from policies.models import Entitlement, EntitlementStatus, FactChange, PolicyVersion
from policies.rules.company_set import CompanySet, company_table, statement_limits
from policies.rules.rules import TEXTS, RuleRefused

_SECONDS, _GIVE_WAY_SECONDS = 60, 0.5
_TABLES = {
    "entitlements": Identifier(Entitlement._meta.db_table),
    "changes": Identifier(FactChange._meta.db_table),
}
_NO_STALENESS: frozenset[str] = frozenset()

log = structlog.get_logger()


def note_fact_changes(*, company_ids: Sequence[int], datasets: Collection[str], now: dt.datetime) -> int:
    """
    Compare the claimed entitlements of companies, as far as they rest on these datasets, with the facts of today.

    Each is decided again by the version under which it was claimed, for the same day. Needs a transaction; returns how
    many would be decided otherwise.
    """
    claimed = Entitlement.objects.filter(
        company__in=company_ids, status=EntitlementStatus.CLAIMED, version__datasets__overlap=list(datasets)
    )
    kinds = sorted(set(claimed.order_by().values_list("version", "as_of_on")))
    if not kinds:
        return 0
    versions = PolicyVersion.objects.prefetch_related(*TEXTS).in_bulk([version for version, _day in kinds])
    companies = sorted(set(claimed.order_by().values_list("company", flat=True)))
    with company_table(companies) as chosen:
        return sum(_note_changes_of(versions[version], as_of_on, chosen, now) for version, as_of_on in kinds)


def _note_changes_of(version: PolicyVersion, as_of_on: dt.date, companies: CompanySet, now: dt.datetime) -> int:
    """Compare the claims under one version; if its rules fail, the log says so, and other versions go on."""
    try:
        with transaction.atomic(), statement_limits(statement_seconds=_SECONDS, lock_seconds=_GIVE_WAY_SECONDS):
            return _compare_claims(version, as_of_on, companies, now)
    except RuleRefused as refused:
        log.warning("claims_not_compared", version=str(version), reason=str(refused))
    except OperationalError as refused:
        if not isinstance(refused.__cause__, QueryCanceled):
            raise
        log.warning("claims_not_compared", version=str(version), reason="it took too long")
    return 0


def _compare_claims(version: PolicyVersion, as_of_on: dt.date, companies: CompanySet, now: dt.datetime) -> int:
    compiled_set = compile_versions(versions=[version], as_of_on=as_of_on, stale=_NO_STALENESS, companies=companies)
    (compiled,) = compiled_set.versions
    today = SQL("SELECT {} FROM {}").format(
        named_columns(_columns(compiled, compiled_set.employee_id)), compiled_set.source
    )
    statement = SQL(_STATEMENT).format(
        today=today,
        version=Literal(version.pk),
        as_of_on=Literal(as_of_on),
        companies=companies(SQL("e.company_id")),
        own=_own_facts(compiled),
        now=Literal(now),
        **_TABLES,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))
        noted: int = cursor.fetchone()[0]
    return noted


def _columns(compiled: CompiledVersion, employee_id: Composable) -> tuple[tuple[str, Composable], ...]:
    return (
        ("company_id", SQL("c.id")),
        ("employee_id", employee_id),
        ("subject_key", compiled.key),
        ("period_key", compiled.period),
        ("holds", compiled.holds),
        ("amount_cny", SQL("coalesce({}, {})").format(compiled.base, compiled.amount)),
        ("facts", json_object(compiled.facts)),
    )


def _own_facts(compiled: CompiledVersion) -> Composable:
    """The mentioned facts that the platform itself records, as its payments: the claim changes them, no delivery."""
    names = {dataset.name for dataset in OWN_DATASETS}
    own = [mention.text for mention in compiled.rules.mentions if mention.dataset in names]
    return SQL("{}::text[]").format(Literal(own))


# If a subject has several rows, as a person with two contracts, the row counts that supports the claim best.
_STATEMENT = """
WITH claimed AS (
    SELECT e.id, e.company_id, e.subject_key, e.period_key, e.employee_id,
        coalesce(e.base_cny, e.amount_cny) AS amount_cny, e.evidence -> 'facts' AS facts
    FROM {entitlements} AS e
    WHERE e.version_id = {version} AND e.as_of_on = {as_of_on} AND e.status = 'claimed' AND {companies}
), today AS ({today}), upheld AS (
    SELECT DISTINCT ON (c.id) c.id, t.holds, t.amount_cny, t.facts
    FROM claimed AS c JOIN today AS t ON t.company_id = c.company_id
        AND (t.subject_key, t.period_key) = (c.subject_key, c.period_key)
        AND t.employee_id IS NOT DISTINCT FROM c.employee_id
    ORDER BY c.id, t.holds DESC NULLS LAST, (t.amount_cny = c.amount_cny) DESC NULLS LAST
), compared AS (
    SELECT c.id, CASE WHEN u.holds THEN u.amount_cny END AS amount_cny, changed.facts,
        changed.facts IS NOT NULL AND (u.holds IS NOT TRUE OR u.amount_cny IS DISTINCT FROM c.amount_cny) AS is_other
    FROM claimed AS c LEFT JOIN upheld AS u ON u.id = c.id
    CROSS JOIN LATERAL (
        SELECT jsonb_object_agg(f.key, jsonb_build_array(f.value, u.facts -> f.key)) AS facts
        FROM jsonb_each(c.facts) AS f
        WHERE f.value IS DISTINCT FROM coalesce(u.facts -> f.key, 'null') AND f.key <> ALL ({own})
    ) AS changed
), gone AS (
    DELETE FROM {changes} AS x USING compared AS j WHERE x.entitlement_id = j.id AND NOT j.is_other
), noted AS (
    INSERT INTO {changes} AS x (entitlement_id, amount_cny, facts, found_at)
    SELECT id, amount_cny, facts, {now} FROM compared WHERE is_other ORDER BY id
    ON CONFLICT (entitlement_id) DO UPDATE SET amount_cny = excluded.amount_cny, facts = excluded.facts
    WHERE (x.amount_cny, x.facts) IS DISTINCT FROM (excluded.amount_cny, excluded.facts)
)
SELECT count(*) FROM compared WHERE is_other
"""
