"""
A run over the whole city is divided into shards, so that several workers decide it at the same time.

Due runs that read the same rows and the facts of the same day are divided together; a statement decides a shard for all
of them and joins its facts once.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping

from django.db import transaction

from policies.models import MatchRun, MatchShard, PolicyVersion
from policies.rules.versions import as_of
from policies.subjects import known_subjects
from qinqing.kernel.database.statements import fetch_rows
from qinqing.kernel.nudges import nudge


def decision_key(version: PolicyVersion, now: dt.datetime) -> tuple[str, dt.date]:
    """What versions have in common that one statement can decide: the dataset of their rows, and the as-of day."""
    return known_subjects()[version.subject].item, as_of(version=version, now=now)


@transaction.atomic
def divide_due_runs(*, limit_companies: int, now: dt.datetime) -> None:
    """Divide the due runs that have no shards yet, into shards of at most `limit_companies` companies."""
    undivided = MatchRun.objects.filter(finished_at=None, refusal="", leader=None).select_related("version")
    groups: dict[tuple[str, dt.date], list[MatchRun]] = defaultdict(list)
    for run in undivided.select_for_update(skip_locked=True, of=("self",)).order_by("pk"):
        groups[decision_key(run.version, now)].append(run)
    if not groups:
        return
    ranges = _company_ranges(limit_companies)
    for runs in groups.values():
        MatchRun.objects.filter(pk__in=[run.pk for run in runs]).update(
            leader=runs[0],
            finished_at=None if ranges else now,
            shard_count=len(ranges),
            firm_count=sum(firms for _first, _last, firms in ranges),
        )
        MatchShard.objects.bulk_create(
            MatchShard(run=runs[0], first_id=first, last_id=last, firm_count=firms) for first, last, firms in ranges
        )
    nudge("policies.tasks.match_due")


def _company_ranges(limit_companies: int) -> list[tuple[int, int, int]]:
    """The city as ranges of company ids: the first id, the last id, and how many companies are between."""
    found = fetch_rows(
        "SELECT min(id), max(id), count(*) FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %(size)s AS shard"
        " FROM companies_company) AS numbered GROUP BY shard ORDER BY shard",
        size=limit_companies,
    )
    return [(first, last, firms) for first, last, firms in found]


def lock_next_shard() -> MatchShard | None:
    """
    Lock the next shard that no other worker has locked, until the transaction ends; the lowest companies come first.

    A version may have a new run while a worker still decides the same companies for its old run. The shard of the new
    run then waits until the old one is gone, because nobody sees what that worker writes before it commits.
    """
    free = MatchShard.objects.raw("""
        SELECT s.* FROM policies_matchshard s
        WHERE NOT EXISTS (
            SELECT FROM policies_matchshard earlier
            JOIN policies_matchrun theirs ON theirs.leader_id = earlier.run_id
            JOIN policies_matchrun ours ON ours.leader_id = s.run_id AND ours.version_id = theirs.version_id
            WHERE earlier.id < s.id AND earlier.first_id <= s.last_id AND earlier.last_id >= s.first_id
        )
        ORDER BY s.first_id, s.run_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED
    """)
    return next(iter(free), None)


def runs_to_decide(shard: MatchShard) -> list[MatchRun]:
    """The runs for which a shard has still to be decided."""
    return list(MatchRun.objects.filter(leader=shard.run, finished_at=None, refusal="").order_by("pk"))


def finish_shard(shard: MatchShard, *, counts: Mapping[int, int], now: dt.datetime) -> None:
    """
    Delete a decided shard and add its `counts` (entitled subjects by policy) to its runs; the last shard ends them.
    """
    shard.delete()
    # A run that was set aside meanwhile stays as it is. Of two workers with the last two shards, the second waits for
    # the rows of the runs and then sees that the other shard is gone; so exactly one of them ends the runs.
    due = MatchRun.objects.filter(leader=shard.run_id, finished_at=None, refusal="").select_related("version")
    runs = list(due.select_for_update(of=("self",)).order_by("pk"))
    finished_at = None if MatchShard.objects.filter(run=shard.run_id).exists() else now
    for run in runs:
        run.entitlement_count += counts.get(run.version.policy_id, 0)
        run.finished_at = finished_at
    MatchRun.objects.bulk_update(runs, ["entitlement_count", "finished_at"])
