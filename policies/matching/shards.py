"""
Runs over the whole city as shards of it, so that several workers decide one run at the same time.

Due runs that decide the same rows by the facts of the same day are divided together and share the joins of each shard.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping

from django.db import transaction

from policies.models import MatchRun, MatchShard, PolicyVersion
from policies.rules.versions import as_of
from policies.subjects import SUBJECTS
from qinqing.kernel.database.statements import fetched
from qinqing.kernel.nudges import nudge


def decision_key(version: PolicyVersion, now: dt.datetime) -> tuple[str, dt.date]:
    """Versions of one kind decide the same rows by the facts of the same day."""
    return SUBJECTS[version.subject].item, as_of(version=version, now=now)


@transaction.atomic
def divide_due_runs(*, limit_companies: int, now: dt.datetime) -> None:
    """Divide the runs that nobody has divided yet into shards of at most `limit_companies` companies."""
    undivided = MatchRun.objects.filter(finished_at=None, refusal="", leader=None).select_related("version")
    kinds: dict[tuple[str, dt.date], list[MatchRun]] = defaultdict(list)
    for run in undivided.select_for_update(skip_locked=True, of=("self",)).order_by("pk"):
        kinds[decision_key(run.version, now)].append(run)
    if not kinds:
        return
    ranges = _company_ranges(limit_companies)
    for alike in kinds.values():
        MatchRun.objects.filter(pk__in=[run.pk for run in alike]).update(
            leader=alike[0],
            finished_at=None if ranges else now,
            shard_count=len(ranges),
            firm_count=sum(firms for _first, _last, firms in ranges),
        )
        MatchShard.objects.bulk_create(
            MatchShard(run=alike[0], first_id=first, last_id=last, firm_count=firms) for first, last, firms in ranges
        )
    nudge("policies.tasks.match_due")


def _company_ranges(limit_companies: int) -> list[tuple[int, int, int]]:
    """The city in ranges of company ids, from the lowest, each with how many companies it has."""
    found = fetched(
        "SELECT min(id), max(id), count(*) FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / %(size)s AS shard"
        " FROM companies_company) AS numbered GROUP BY shard ORDER BY shard",
        size=limit_companies,
    )
    return [(first, last, firms) for first, last, firms in found]


def lock_next_shard() -> MatchShard | None:
    """
    Hold the next shard that no other worker holds, until the end of the transaction; the lowest companies first.

    A version may have been asked for again while a worker still decides these companies for it: he is waited for,
    because what he writes cannot be seen before he is done.
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
    """The runs that a shard has still to be decided for."""
    return list(MatchRun.objects.filter(leader=shard.run, finished_at=None, refusal="").order_by("pk"))


def finish_shard(shard: MatchShard, *, counts: Mapping[int, int], now: dt.datetime) -> None:
    """Take a shard away and tell its runs; `counts` has the entitled subjects by policy. The last one finishes them."""
    shard.delete()
    # A run that was set aside meanwhile stays where it stopped. Who finds the rows locked waits, and sees after it
    # that the other's shard is gone too: one of two last shards is the last.
    due = MatchRun.objects.filter(leader=shard.run_id, finished_at=None, refusal="").select_related("version")
    runs = list(due.select_for_update(of=("self",)).order_by("pk"))
    finished_at = None if MatchShard.objects.filter(run=shard.run_id).exists() else now
    for run in runs:
        run.entitlement_count += counts.get(run.version.policy_id, 0)
        run.finished_at = finished_at
    MatchRun.objects.bulk_update(runs, ["entitlement_count", "finished_at"])
