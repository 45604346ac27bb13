"""How far matching is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Sum

from policies.models import MatchRun, MatchShard, PolicyVersion


@dataclass(frozen=True, slots=True)
class Progress:
    """
    A run with the parts of the city, and the firms in them, that are decided.

    `shards` and `firms` are all there are, zero until the city is divided for the run.
    """

    run: MatchRun
    shards_done: int
    firms_done: int

    @property
    def shards(self) -> int:
        """All parts of the city."""
        return self.run.shard_count

    @property
    def firms(self) -> int:
        """All firms of the city."""
        return self.run.firm_count

    @property
    def is_running(self) -> bool:
        """Whether it goes on by itself."""
        return self.run.finished_at is None and not self.run.refusal


def measure_progress(*, runs: Iterable[MatchRun]) -> dict[int, Progress]:
    """How far each run is, by its id; one query however many there are."""
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
    # A shard of before it was kept how many there are makes no number below zero.
    return Progress(run, max(run.shard_count - shards_left, 0), max(run.firm_count - firms_left, 0))
