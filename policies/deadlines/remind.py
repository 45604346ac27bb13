"""Reminds firms, by one statement for all: of unclaimed entitlements, a missing account, or missing data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import structlog
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled
from psycopg.sql import SQL, Composable, Identifier, Literal

from companies.contracts.own import BLACKLISTED_ON
from companies.firms.queries import freshness
from policies.deadlines.reminders import Round, rounds_of
from policies.matching.version_sql import compile_versions
from policies.models import (
    ListStatus,
    MatchRun,
    PolicyVersion,
    Reminder,
    ReminderReason,
    ReminderRound,
    Track,
    VersionStatus,
    WhiteList,
)
from policies.preview.rows import is_missing, needed_datasets
from policies.rules.company_set import statement_limits
from policies.rules.rules import RuleRefused
from policies.rules.versions import as_of, stale_for
from qinqing.kernel.database.integrity import translate_refusals
from qinqing.kernel.database.statements import execute_statement

log = structlog.get_logger()

_STATEMENT_SECONDS, _GIVE_WAY_SECONDS = 60, 0.5


class _AlreadyDone(Exception):
    """Another worker has done the round already."""


def remind_due(*, now: dt.datetime) -> int:
    """
    Do each round of reminders whose day has come; returns how many rounds were done.

    A version has to wait for the next time if its run is not finished or was set aside, if its first list is missing,
    or if its rules fail. If several rounds of a version are due at once, only the last one reminds firms.
    """
    today = timezone.localdate(now)
    reminding = PolicyVersion.objects.claimable_on(today).filter(reminders__len__gt=0)
    return sum(_remind(version, today, now) for version in reminding.order_by("pk"))


def _remind(version: PolicyVersion, today: dt.date, now: dt.datetime) -> int:
    done = set(ReminderRound.objects.filter(version=version).values_list("number", flat=True))
    due = [each for each in rounds_of(version=version) if each.due_on <= today and each.number not in done]
    if not due or _has_to_wait(version):
        return 0
    try:
        with transaction.atomic(), translate_refusals({"reminder_round_once": _AlreadyDone()}):
            # Matching locks the version while it decides; so a round sees either all of a decision or nothing of it.
            free = PolicyVersion.objects.select_for_update(no_key=True, skip_locked=True)
            if not free.filter(pk=version.pk, status=VersionStatus.PUBLISHED).exists():
                return 0
            return _done(version, due, now)
    except _AlreadyDone:
        pass
    except RuleRefused as refused:
        log.warning("firms_not_reminded", version=str(version), reason=str(refused))
    except OperationalError as refused:
        # One failing version does not stop the reminders of the others.
        if not isinstance(refused.__cause__, QueryCanceled | LockNotAvailable | DeadlockDetected):
            raise
        log.warning("firms_not_reminded", version=str(version), reason=type(refused.__cause__).__name__)
    return 0


def _has_to_wait(version: PolicyVersion) -> bool:
    # A run that was set aside is not finished either: the version's open entitlements rest on old facts.
    if MatchRun.objects.filter(version=version, finished_at=None).exists():
        return True
    lists = WhiteList.objects.filter(version=version, status=ListStatus.PUBLISHED)
    return version.track == Track.WHITELIST and not lists.exists()


def _done(version: PolicyVersion, due: Sequence[Round], now: dt.datetime) -> int:
    last = due[-1]
    count = _remind_of_open(version, last, now) + _remind_of_facts(version, last, now)
    ReminderRound.objects.bulk_create(
        ReminderRound(
            version=version,
            number=each.number,
            moment=each.moment,
            due_on=each.due_on,
            done_at=now,
            reminded_count=count if each is last else None,
        )
        for each in due
    )
    log.info("firms_reminded", version=str(version), number=last.number, firms=count)
    return len(due)


def _remind_of_open(version: PolicyVersion, due: Round, now: dt.datetime) -> int:
    """
    Remind firms of open entitlements, except on the automatic track, which pays by itself.

    A firm on the blacklist is not reminded. No firm is asked for a third party's account, because finance enters that.
    """
    return execute_statement(
        f"""
        INSERT INTO policies_reminder
            (version_id, company_id, number, due_on, reason, open_count, open_cny, waiting_count, missing, reminded_at)
        SELECT version_id, company_id, %(number)s, %(due_on)s,
            CASE WHEN bool_or(has_account) THEN 'unclaimed' ELSE 'account' END,
            count(*), sum(amount_cny), count(*) FILTER (WHERE NOT has_account), '{{}}', %(now)s
        FROM (
            SELECT e.version_id, e.company_id, e.amount_cny, EXISTS (
                SELECT FROM companies_payeeaccount a WHERE a.is_active
                AND CASE %(payee)s WHEN 'employee' THEN a.employee_id = e.employee_id
                    WHEN 'company' THEN a.company_id = e.company_id
                    ELSE a.third_party_id = (SELECT t.id FROM companies_thirdparty t WHERE t.code = e.payee_code) END
            ) AS has_account
            FROM policies_entitlement e WHERE e.version_id = %(version)s AND e.status = 'open'
        ) AS entitled
        WHERE NOT (%(is_automatic)s AND has_account) AND (has_account OR %(payee)s <> 'third_party')
        AND NOT EXISTS (
            SELECT FROM {BLACKLISTED_ON}(%(today)s::date) l WHERE l.company_id = entitled.company_id
        )
        GROUP BY version_id, company_id ORDER BY company_id
        ON CONFLICT ON CONSTRAINT reminder_once_per_round DO NOTHING
        """,  # noqa: S608 - a name of our own
        today=timezone.localdate(now),
        number=due.number,
        due_on=due.due_on,
        now=now,
        version=version.pk,
        payee=version.payee,
        is_automatic=version.track == Track.AUTOMATIC,
    )


def _remind_of_facts(version: PolicyVersion, due: Round, now: dt.datetime) -> int:
    """
    Remind firms for which no condition fails, but a fact is missing; a dataset that is stale for everybody is no reason
    to remind.
    """
    if stale_for(version=version, delivered=freshness(), now=now):
        return 0
    statement = _undecided(version, due, now)
    with (
        statement_limits(statement_seconds=_STATEMENT_SECONDS, lock_seconds=_GIVE_WAY_SECONDS),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.as_string(cursor.connection))
        return int(cursor.rowcount)


def _undecided(version: PolicyVersion, due: Round, now: dt.datetime) -> Composable:
    compiled_set = compile_versions(
        versions=[version], as_of_on=as_of(version=version, now=now), stale=frozenset(), companies=None
    )
    compiled = compiled_set.versions[0]
    names = [
        SQL("CASE WHEN bool_or({}) THEN {} END").format(is_missing(compiled, name), Literal(name))
        for name in needed_datasets(compiled)
    ]
    missing = SQL("array_remove(ARRAY[{}]::varchar[], NULL)").format(SQL(", ").join(names))
    return SQL("""
INSERT INTO {reminders}
    (version_id, company_id, number, due_on, reason, open_count, open_cny, waiting_count, missing, reminded_at)
SELECT {version}, id, {number}, {due_on}, {reason}, 0, 0, 0, missing, {now}
FROM (SELECT c.id, {missing} AS missing FROM {source} WHERE NOT {holds} AND NOT {fails} GROUP BY c.id) AS undecided
WHERE cardinality(missing) > 0 AND NOT EXISTS (
    SELECT FROM {blacklisted_on}({today}) AS l WHERE l.company_id = undecided.id
) ORDER BY id
ON CONFLICT ON CONSTRAINT reminder_once_per_round DO NOTHING""").format(
        reminders=Identifier(Reminder._meta.db_table),
        version=Literal(version.pk),
        number=Literal(due.number),
        due_on=Literal(due.due_on),
        reason=Literal(ReminderReason.FACTS.value),
        now=Literal(now),
        today=Literal(timezone.localdate(now)),
        blacklisted_on=Identifier(BLACKLISTED_ON),
        missing=missing,
        source=compiled_set.source,
        holds=compiled.holds,
        fails=compiled.fails,
    )
