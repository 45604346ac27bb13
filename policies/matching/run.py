"""
Matching finds who is entitled: a worker takes the next due companies and decides them by one statement.

Due are the shards of a `MatchRun` (a version over the whole city), the companies that a landed delivery touched, and
the companies of which the platform itself knows something new. Two decisions about one company by one policy never
overlap: a worker locks the versions' rows before the statement takes its snapshot, so the last decision about a company
has seen everything that was delivered before it. Shards of a run are about different companies. Their workers share the
lock and decide at the same time, unless a delivery waits for the lock.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled
from psycopg.sql import SQL, Literal

from companies.contracts.own import OWN_DATASETS
from companies.firms.queries import datasets_changed_by, freshness, stale_datasets
from companies.models import Delivery, DeliveryStatus, TouchedCompany
from policies.matching.claim_drift import note_fact_changes
from policies.matching.decision_sql import DecisionContext, DecisionStatement, decision_statement
from policies.matching.payout_dependencies import versions_reading
from policies.matching.shards import decision_key, divide_due_runs, finish_shard, lock_next_shard, runs_to_decide
from policies.matching.slow_rule import slowest_rule
from policies.matching.time_triggers import may_decide_otherwise
from policies.models import MatchedDelivery, MatchRun, PolicyVersion, PoolDivision, ReceivedChange
from policies.rules.company_set import (
    CompanyRange,
    CompanySet,
    add_companies_sharing_subjects,
    company_table,
    statement_limits,
)
from policies.rules.rules import TEXTS, RuleRefused
from policies.rules.versions import entitling_versions, stale_for
from policies.stacking.seat_keys import has_stacked_claims, reopen_unsuperseded, supersede_decided
from policies.subjects import known_subjects
from qinqing.kernel.database.prepared_statements import fetch_rows_by_number
from qinqing.kernel.database.statements import execute_statement
from qinqing.kernel.nudges import nudge
from qinqing.kernel.text import Bilingual, in_both_languages

SHARD_COMPANIES = 20_000
# A rule that takes longer for one shard would delay the rules of all other policies.
STATEMENT_SECONDS = 60
# A claim goes first: matching gives up waiting for its locks before PostgreSQL looks for a deadlock (after 1 s).
GIVE_WAY_SECONDS = 0.5
# Somebody who presses a button waits for matching this long at most.
WAIT_SECONDS = 10

log = structlog.get_logger()

_IS_DIVIDED = Exists(PoolDivision.objects.filter(version=OuterRef("pk")))

# By policy: how many subjects are eligible, and how many entitlements were written or withdrawn.
Counts = dict[int, tuple[int, int]]


def match_due(*, now: dt.datetime, limit_companies: int = SHARD_COMPANIES) -> int | None:
    """
    Decide the next due shard of at most `limit_companies` companies.

    Returns how many entitlements were written or withdrawn, None when nothing was due. When a claim holds the rows,
    the shard stays due and 0 is returned. Several workers may call this at once.
    """
    _ask_for_runs_changed_by_time(now)
    try:
        divide_due_runs(limit_companies=limit_companies, now=now)
        for take in (_decide_delivery, _decide_received, _decide_run):
            with transaction.atomic():
                decided = take(limit_companies, now)
            if decided is not None:
                return decided
    except OperationalError as refused:
        if not isinstance(refused.__cause__, LockNotAvailable | DeadlockDetected):
            raise
        log.info("matching_gave_way")
        return 0
    return None


@transaction.atomic
def ask_for_runs(*, versions: Collection[PolicyVersion], now: dt.datetime, holds_claims: bool = False) -> None:
    """
    Ask for a run of each version over the whole city; it replaces a run that has begun or was stopped.

    No worker begins with the new run before the transaction ends, so the run sees what the transaction changed. With
    `holds_claims` nobody claims under the version before the run is done; so it is, too, if the replaced run held
    claims.
    """
    held = {version.pk for version in versions} if holds_claims else set()
    delivered = freshness()
    while True:
        runs = _end_begun_runs(versions, now)
        held |= {run.version_id for run in runs if run.holds_claims}
        undivided = {run.version_id for run in runs if run.finished_at is None}
        missing = [version for version in versions if version.pk not in undivided]
        if not missing:
            break
        # If another transaction asks for the same run, this waits for it, and the loop reads the runs again.
        MatchRun.objects.bulk_create((_new_run(version, delivered, now) for version in missing), ignore_conflicts=True)
    MatchRun.objects.filter(version__in=held, finished_at=None).update(holds_claims=True)
    nudge("policies.tasks.match_due")


def _new_run(version: PolicyVersion, delivered: Mapping[str, dt.date], now: dt.datetime, **stopped: Any) -> MatchRun:
    # The run keeps which datasets were stale; a later comparison takes every other stale dataset for news.
    stale = stale_for(version=version, delivered=delivered, now=now)
    return MatchRun(version=version, asked_at=now, stale_datasets=sorted(stale), **stopped)


def _end_begun_runs(versions: Collection[PolicyVersion], now: dt.datetime) -> list[MatchRun]:
    """Lock the unfinished runs of the versions, and finish those that have begun or were stopped; returns all."""
    due = MatchRun.objects.select_for_update(no_key=True).filter(version__in=versions, finished_at=None)
    runs = list(due.order_by("pk"))
    begun = [run for run in runs if run.leader_id is not None or run.refusal]
    for run in begun:
        run.finished_at = now
    MatchRun.objects.bulk_update(begun, ["finished_at"])
    return runs


def _ask_for_runs_changed_by_time(now: dt.datetime) -> None:
    """
    Ask for runs of the versions that would decide otherwise today than when their last run was asked for.

    A new day changes decisions about firms that no delivery touched. So does a dataset that goes stale or arrives.
    """
    runs, today = MatchRun.objects.filter(version=OuterRef("pk")).order_by("-pk"), localdate(now)
    # A version without a run has nothing to compare with: its entitlements were brought in from another system.
    asked = entitling_versions(now=now).filter(Exists(runs)).exclude(_IS_DIVIDED)
    settled = asked.exclude(Exists(runs.filter(finished_at=None)))
    known = settled.annotate(
        stale_then=Subquery(runs.values("stale_datasets")[:1]), ran_at=Subquery(runs.values("asked_at")[:1])
    )
    delivered = freshness()
    changed = [
        version
        for version in known
        if stale_for(version=version, delivered=delivered, now=now) != frozenset(version.stale_then)
        or may_decide_otherwise(version=version, since=localdate(version.ran_at), until=today)
    ]
    if changed:
        ask_for_runs(versions=changed, now=now)


def _decide_run(limit: int, now: dt.datetime) -> int | None:
    shard = lock_next_shard()
    if shard is None:
        return None
    wanted = entitling_versions(now=now).filter(pk__in=[run.version_id for run in runs_to_decide(shard)])
    versions = _lock_versions(wanted, beside_others=not _is_delivery_due())
    companies, counts = CompanyRange(shard.first_id, shard.last_id), Counts()
    if versions:
        counts = _decide(versions, companies, now)
    changed = sum(changed for _eligible, changed in counts.values())
    changed += _decide_companies_that_lost_subjects(versions, companies, now)
    finish_shard(shard, counts={policy: eligible for policy, (eligible, _changed) in counts.items()}, now=now)
    return changed


def _is_delivery_due() -> bool:
    return ReceivedChange.objects.exists() or _due_deliveries().exists()


def _due_deliveries() -> QuerySet[Delivery]:
    is_matched = Exists(MatchedDelivery.objects.filter(delivery=OuterRef("pk")))
    return Delivery.objects.filter(~is_matched, status=DeliveryStatus.LANDED)


def _decide_companies_that_lost_subjects(
    versions: Sequence[PolicyVersion], companies: CompanySet, now: dt.datetime
) -> int:
    """
    Decide again the other firms of the subjects that a firm of this shard has just lost.

    Their shard may have been decided before this one, and have left the subject to the firm with the lower id.
    """
    shared = [version for version in versions if known_subjects()[version.subject].shared_column]
    losers = _companies_that_lost_subjects(shared, companies, now) if shared else []
    return _decide_companies(losers, shared, now) if losers else 0


def _decide_delivery(limit: int, now: dt.datetime) -> int | None:
    delivery = _lock_due_delivery()
    if delivery is None:
        return None
    changed_datasets = sorted(datasets_changed_by(dataset=delivery.dataset))
    versions = _lock_versions(entitling_versions(now=now).filter(~_is_set_aside(), datasets__overlap=changed_datasets))
    touched = TouchedCompany.objects.filter(delivery=delivery).order_by("company_id")
    shard = list(touched.values_list("company_id", flat=True)[:limit])
    changed = _decide_companies(shard, versions, now) if shard and versions else 0
    if shard:
        note_fact_changes(company_ids=shard, datasets=changed_datasets, now=now)
        touched.filter(company_id__lte=shard[-1]).delete()
    if len(shard) < limit:
        MatchedDelivery.objects.create(delivery=delivery, matched_at=now)
    return changed


def _lock_due_delivery() -> Delivery | None:
    """Lock the next due delivery that no other worker has locked, until the transaction ends."""
    due = _due_deliveries().select_for_update(skip_locked=True, no_key=True).order_by("pk")
    # Another worker may have decided it since the statement began; that leaves the row as it was, so that PostgreSQL
    # does not evaluate the condition again.
    while (delivery := due.first()) and MatchedDelivery.objects.filter(delivery=delivery).exists():
        continue
    return delivery


def _decide_received(limit: int, now: dt.datetime) -> int | None:
    """Decide companies again about which the platform has recorded something new, by the versions that read it."""
    own = [dataset.name for dataset in OWN_DATASETS]
    due = ReceivedChange.objects.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    changes = list(due.values_list("pk", "company_id", "policy__code")[:limit])
    if not changes:
        return None
    versions = _lock_versions(entitling_versions(now=now).filter(~_is_set_aside(), datasets__overlap=own))
    news = [(company, code) for _pk, company, code in changes]
    shards = versions_reading(news=news, versions=versions).items()
    changed = sum(
        _decide_companies(sorted(companies), versions_of_group, now) for companies, versions_of_group in shards
    )
    ReceivedChange.objects.filter(pk__in=[pk for pk, _company, _code in changes]).delete()
    return changed


def _decide_companies(ids: Sequence[int], versions: Sequence[PolicyVersion], now: dt.datetime) -> int:
    with company_table(ids) as companies:
        for subject in {version.subject for version in versions}:
            add_companies_sharing_subjects(known_subjects()[subject])
        return sum(changed for _eligible, changed in _decide(versions, companies, now).values())


def lock_deciding_versions(*, policy_ids: Collection[int], now: dt.datetime) -> list[PolicyVersion]:
    """
    Lock the versions that may decide firms again at once; the caller has locked no entitlement yet.

    A version that was set aside decides nobody, and neither does one without a run: its entitlements were brought in
    from another system. The limit of 10 s holds for all locks together, because new shards of a run can join the
    shared lock before the one who waits for it.
    """
    was_asked = Exists(MatchRun.objects.filter(version=OuterRef("pk")))
    wanted = entitling_versions(now=now).filter(~_is_set_aside(), was_asked, policy__in=policy_ids)
    with statement_limits(statement_seconds=WAIT_SECONDS, lock_seconds=WAIT_SECONDS):
        return _lock_versions(wanted)


def decide_again(*, company_ids: Collection[int], versions: Sequence[PolicyVersion], now: dt.datetime) -> int:
    """Decide firms by versions that the caller's transaction has locked; returns how many entitlements changed."""
    return _decide_companies(sorted(company_ids), versions, now) if company_ids and versions else 0


def _companies_that_lost_subjects(
    versions: Sequence[PolicyVersion], companies: CompanySet, now: dt.datetime
) -> list[int]:
    """The companies of a set from which a subject was withdrawn just now."""
    statement = SQL(
        "SELECT DISTINCT e.company_id FROM policies_entitlement AS e WHERE e.policy_id = ANY({policies})"
        " AND e.status = 'withdrawn' AND e.decided_at = {now} AND {companies}"
    ).format(
        policies=Literal([version.policy_id for version in versions]),
        now=Literal(now),
        companies=companies(SQL("e.company_id")),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement.as_string(cursor.connection))
        return [company for (company,) in cursor.fetchall()]


def _is_set_aside() -> Exists:
    return Exists(MatchRun.objects.filter(version=OuterRef("pk"), finished_at=None).exclude(refusal=""))


def _lock_versions(versions: QuerySet[PolicyVersion], *, beside_others: bool = False) -> list[PolicyVersion]:
    """
    Lock the versions and return those whose pool is not divided; portions are never decided again.

    With `beside_others` the lock is shared with other transactions that ask for it so.
    """
    if beside_others:
        wanted = list(versions.order_by("pk").values_list("pk", flat=True))
        execute_statement(
            "SELECT id FROM policies_policyversion WHERE id = ANY(%(ids)s) ORDER BY id FOR SHARE", ids=wanted
        )
        # Read after the lock: a version may have come out of force while this waited.
        locked = list(versions.order_by("pk").prefetch_related(*TEXTS).filter(pk__in=wanted))
    else:
        locked = list(versions.select_for_update(no_key=True).order_by("pk").prefetch_related(*TEXTS))
    # Read after the lock: a division may have held it.
    divided = set(PoolDivision.objects.filter(version__in=locked).values_list("version", flat=True))
    return [version for version in locked if version.pk not in divided]


def _decide(versions: Sequence[PolicyVersion], companies: CompanySet, now: dt.datetime) -> Counts:
    """Decide some companies; versions with the same dataset and day share a statement."""
    groups: dict[tuple[str, dt.date], list[PolicyVersion]] = defaultdict(list)
    for version in versions:
        groups[decision_key(version, now)].append(version)
    counts: Counts = {}
    delivered = freshness()
    for (_item, as_of_on), versions_of_group in groups.items():
        context = DecisionContext(as_of_on, stale_datasets(as_of_on=as_of_on, delivered=delivered), delivered)
        counts |= _decide_versions(versions_of_group, companies, context, now)
    return counts


def _decide_versions(
    versions: Sequence[PolicyVersion], companies: CompanySet, context: DecisionContext, now: dt.datetime
) -> Counts:
    """Decide versions by one statement; if it fails, each by its own, so that a bad version stops no other."""
    try:
        with transaction.atomic(), statement_limits(statement_seconds=STATEMENT_SECONDS, lock_seconds=GIVE_WAY_SECONDS):
            return _decide_and_supersede(versions, companies, context, now)
    except RuleRefused as refused:
        reason = in_both_languages(partial(str, refused))
    except OperationalError as refused:
        if not isinstance(refused.__cause__, QueryCanceled):
            raise
        reason = Bilingual("", "") if len(versions) > 1 else _why_too_slow(versions[0], companies, context)
    if len(versions) > 1:
        alone = [_decide_versions([version], companies, context, now) for version in versions]
        return {policy: count for counts in alone for policy, count in counts.items()}
    _set_version_aside(versions[0], reason, now)
    return {}


def _why_too_slow(version: PolicyVersion, companies: CompanySet, context: DecisionContext) -> Bilingual:
    slowest = slowest_rule(version=version, as_of_on=context.as_of_on, stale=context.stale, companies=companies)
    return in_both_languages(partial(_too_slow_sentence, slowest))


def _too_slow_sentence(slowest: Bilingual) -> str:
    sentence = _("It took longer than %(seconds)d seconds; its rules have to be simpler.")
    return f"{sentence % {'seconds': STATEMENT_SECONDS}} {slowest}"


def _decide_and_supersede(
    versions: Sequence[PolicyVersion], companies: CompanySet, context: DecisionContext, now: dt.datetime
) -> Counts:
    """Decide, and mark what is superseded because another policy of a stacking group was claimed."""
    statement = decision_statement(versions=versions, companies=companies, context=context, now=now)
    if not has_stacked_claims():
        return _run_decision(statement)
    policies = [version.policy_id for version in versions]
    reopen_unsuperseded(policy_ids=policies, companies=companies)
    counts = _run_decision(statement)
    supersede_decided(policy_ids=policies, companies=companies)
    return counts


def _run_decision(statement: DecisionStatement) -> Counts:
    rows = fetch_rows_by_number(statement.text, statement.parameters)
    return {policy: (eligible, changed) for policy, eligible, changed in rows}


def _set_version_aside(version: PolicyVersion, reason: Bilingual, now: dt.datetime) -> None:
    """Stop matching of a version, and claims under it, until an officer asks for another run."""
    why = in_both_languages(lambda: f"{version}: {reason}")
    log.error("version_set_aside", version=str(version), reason=reason.en)
    MatchRun.objects.filter(version=version, finished_at=None, refusal="").update(finished_at=now)
    # Until then no delivery is decided by the version, so its open entitlements may be wrong and are not claimed.
    _new_run(version, freshness(), now, refusal=why.zh, refusal_en=why.en, holds_claims=True).save()
