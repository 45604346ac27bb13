"""How much of the city the runs of matching have decided."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Sum

from policies.models import MatchRun, MatchShard, PolicyVersion


@dataclass(frozen=True, slots=True)
class Progress:
    """
    A run, and how many shards and firms of it are decided.

    `shards` and `firms` are the totals; they are zero until the run is divided.
    """

    run: MatchRun
    shards_done: int
    firms_done: int

    @property
    def shards(self) -> int:
        """The shards of the run, decided or not."""
        return self.run.shard_count

    @property
    def firms(self) -> int:
        """The firms in these shards."""
        return self.run.firm_count

    @property
    def is_running(self) -> bool:
        """Whether the run is neither finished nor set aside."""
        return self.run.finished_at is None and not self.run.refusal


def measure_progress(*, runs: Iterable[MatchRun]) -> dict[int, Progress]:
    """The progress of each run, by its id; one query for all runs."""
    found = list(runs)
    leaders = {run.leader_id for run in found if run.finished_at is None and run.leader_id is not None}
    left = _left_to_decide(leaders) if leaders else {}
    return {run.pk: _progress_of(run, *left.get(run.leader_id or 0, (0, 0))) for run in found}


def last_run(*, version: PolicyVersion) -> MatchRun | None:
    """The run of a version that is under way, or else its newest."""
    return version.match_runs.order_by("-pk").first()


def _left_to_decide(leaders: Collection[int]) -> dict[int, tuple[int, int]]:
    shards = MatchShard.objects.filter(run__in=leaders).order_by().values_list("run")
    return {run: (count, firms) for run, count, firms in shards.annotate(Count("pk"), Sum("firm_count"))}


def _progress_of(run: MatchRun, shards_left: int, firms_left: int) -> Progress:
    # Runs that began under an older release have no totals; what they still have to do must not make these negative.
    return Progress(run, max(run.shard_count - shards_left, 0), max(run.firm_count - firms_left, 0))
