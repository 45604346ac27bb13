"""
Finding who is entitled: takes due rows, decides them by set, and leaves the rest for the next worker.

Due is a shard of a `MatchRun` (a version over the whole city) or the touched companies of a landed delivery. Decisions
about one company by one policy follow each other: the versions' rows are locked before the deciding statement takes its
snapshot, so the last decision about a company has seen everything that was delivered before it. Shards of a run concern
different companies, so they share that lock and are decided at the same time, unless a delivery waits for it.
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

from companies.datasets.facts import OWN_DATASETS
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
from policies.stacking.places import has_stacked_claims, reopen_unsuperseded, supersede_decided
from policies.subjects import SUBJECTS
from qinqing.kernel.database.prepared_statements import fetched_by_number
from qinqing.kernel.database.statements import executed
from qinqing.kernel.nudges import nudge
from qinqing.kernel.text import Bilingual, in_both_languages

SHARD_COMPANIES = 20_000
# A rule that takes longer for one shard would hold up everybody else's.
STATEMENT_SECONDS = 60
# People go first: a claim in progress makes matching give way before PostgreSQL would call it a deadlock (1 s).
GIVE_WAY_SECONDS = 0.5
# Somebody who presses a button waits for matching, but not as long as it may take.
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
    Have versions decided for the whole city from its beginning; a run that is half done, or stopped, makes room.

    Nobody begins with the run before the transaction ends, so it sees what the transaction changed. With
    `holds_claims` nobody claims before it is done, and neither where that was so of a run that makes room.
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
        # Who asks at the same moment is waited for, and looked at anew.
        MatchRun.objects.bulk_create((_new_run(version, delivered, now) for version in missing), ignore_conflicts=True)
    MatchRun.objects.filter(version__in=held, finished_at=None).update(holds_claims=True)
    nudge("policies.tasks.match_due")


def _new_run(version: PolicyVersion, delivered: Mapping[str, dt.date], now: dt.datetime, **stopped: Any) -> MatchRun:
    # What was stale has to be known of a run: who compares it with the next takes it for news otherwise.
    stale = stale_for(version=version, delivered=delivered, now=now)
    return MatchRun(version=version, asked_at=now, stale_datasets=sorted(stale), **stopped)


def _end_begun_runs(versions: Collection[PolicyVersion], now: dt.datetime) -> list[MatchRun]:
    """Finish the due runs of which something may be decided already, and hold the others; returns both."""
    due = MatchRun.objects.select_for_update(no_key=True).filter(version__in=versions, finished_at=None)
    runs = list(due.order_by("pk"))
    begun = [run for run in runs if run.leader_id is not None or run.refusal]
    for run in begun:
        run.finished_at = now
    MatchRun.objects.bulk_update(begun, ["finished_at"])
    return runs


def _ask_for_runs_changed_by_time(now: dt.datetime) -> None:
    """
    A day that begins may change decisions about firms that no delivery touched.

    So does a dataset that goes stale, or arrives at last.
    """
    runs, today = MatchRun.objects.filter(version=OuterRef("pk")).order_by("-pk"), localdate(now)
    # One that was never asked for has nothing to compare with: what stands under it was decided elsewhere.
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
    Decide the other firms of subjects that a firm of this shard has just lost.

    Their shard may have been decided before, and have left the subject to the firm with the lower id.
    """
    shared = [version for version in versions if SUBJECTS[version.subject].shared_column]
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
    """Hold the next due delivery that no other worker holds, until the end of the transaction."""
    due = _due_deliveries().select_for_update(skip_locked=True, no_key=True).order_by("pk")
    # Who has decided one since the statement began left its row as it was, so PostgreSQL does not look again.
    while (delivery := due.first()) and MatchedDelivery.objects.filter(delivery=delivery).exists():
        continue
    return delivery


def _decide_received(limit: int, now: dt.datetime) -> int | None:
    """Decide the companies again of which the platform itself knows something new, for the versions that read it."""
    own = [dataset.name for dataset in OWN_DATASETS]
    due = ReceivedChange.objects.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    changes = list(due.values_list("pk", "company_id", "policy__code")[:limit])
    if not changes:
        return None
    versions = _lock_versions(entitling_versions(now=now).filter(~_is_set_aside(), datasets__overlap=own))
    news = [(company, code) for _pk, company, code in changes]
    shards = versions_reading(news=news, versions=versions).items()
    changed = sum(_decide_companies(sorted(companies), alike, now) for companies, alike in shards)
    ReceivedChange.objects.filter(pk__in=[pk for pk, _company, _code in changes]).delete()
    return changed


def _decide_companies(ids: Sequence[int], versions: Sequence[PolicyVersion], now: dt.datetime) -> int:
    with company_table(ids) as companies:
        for subject in {version.subject for version in versions}:
            add_companies_sharing_subjects(SUBJECTS[subject])
        return sum(changed for _eligible, changed in _decide(versions, companies, now).values())


def lock_deciding_versions(*, policy_ids: Collection[int], now: dt.datetime) -> list[PolicyVersion]:
    """
    Hold the versions in force that may decide firms again at once; to be called before any entitlement is locked.

    Those that were set aside decide nobody, and neither do those that nobody ever asked to: what stands under them was
    decided elsewhere. Who asks waits 10 s in all: the shards of a run share the rows among them, and a new one joins
    before who waits, so that no one of them is waited for too long.
    """
    was_asked = Exists(MatchRun.objects.filter(version=OuterRef("pk")))
    wanted = entitling_versions(now=now).filter(~_is_set_aside(), was_asked, policy__in=policy_ids)
    with statement_limits(statement_seconds=WAIT_SECONDS, lock_seconds=WAIT_SECONDS):
        return _lock_versions(wanted)


def decide_again(*, company_ids: Collection[int], versions: Sequence[PolicyVersion], now: dt.datetime) -> int:
    """Decide firms in the caller's transaction, by versions that it holds; returns how many entitlements changed."""
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
    Hold the versions, but for those whose pool was divided: what was shared out is not decided again.

    `beside_others` lets others who say so hold them at the same time.
    """
    if beside_others:
        wanted = list(versions.order_by("pk").values_list("pk", flat=True))
        executed("SELECT id FROM policies_policyversion WHERE id = ANY(%(ids)s) ORDER BY id FOR SHARE", ids=wanted)
        # Read once they are held: what is in force may have changed while we waited.
        locked = list(versions.order_by("pk").prefetch_related(*TEXTS).filter(pk__in=wanted))
    else:
        locked = list(versions.select_for_update(no_key=True).order_by("pk").prefetch_related(*TEXTS))
    # Asked once they are held: a division may have waited for the same lock.
    divided = set(PoolDivision.objects.filter(version__in=locked).values_list("version", flat=True))
    return [version for version in locked if version.pk not in divided]


def _decide(versions: Sequence[PolicyVersion], companies: CompanySet, now: dt.datetime) -> Counts:
    """Decide some companies, kind by kind."""
    kinds: dict[tuple[str, dt.date], list[PolicyVersion]] = defaultdict(list)
    for version in versions:
        kinds[decision_key(version, now)].append(version)
    counts: Counts = {}
    delivered = freshness()
    for (_item, as_of_on), alike in kinds.items():
        context = DecisionContext(as_of_on, stale_datasets(as_of_on=as_of_on, delivered=delivered), delivered)
        counts |= _decide_versions(alike, companies, context, now)
    return counts


def _decide_versions(
    versions: Sequence[PolicyVersion], companies: CompanySet, context: DecisionContext, now: dt.datetime
) -> Counts:
    """Decide versions of one kind; when they fail together, each alone, so that a bad one stops nobody else."""
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
    """Decide, and leave superseded what another policy of a stacking group has been claimed for."""
    statement = decision_statement(versions=versions, companies=companies, context=context, now=now)
    if not has_stacked_claims():
        return _run_decision(statement)
    policies = [version.policy_id for version in versions]
    reopen_unsuperseded(policy_ids=policies, companies=companies)
    counts = _run_decision(statement)
    supersede_decided(policy_ids=policies, companies=companies)
    return counts


def _run_decision(statement: DecisionStatement) -> Counts:
    rows = fetched_by_number(statement.text, statement.parameters)
    return {policy: (eligible, changed) for policy, eligible, changed in rows}


def _set_version_aside(version: PolicyVersion, reason: Bilingual, now: dt.datetime) -> None:
    """Stop deciding a version, and claims of it, until an officer asks for another run."""
    why = in_both_languages(lambda: f"{version}: {reason}")
    log.error("version_set_aside", version=str(version), reason=reason.en)
    MatchRun.objects.filter(version=version, finished_at=None, refusal="").update(finished_at=now)
    # Until then deliveries are not decided by it, so what stands open is not to be paid.
    _new_run(version, freshness(), now, refusal=why.zh, refusal_en=why.en, holds_claims=True).save()
