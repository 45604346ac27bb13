"""Previews in the background: an officer asks for a run, a worker leases and decides it, and its result is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q

from companies.models import User
from companies.people.scope import within_scope
from policies.models import PolicyVersion, PreviewRun
from policies.preview.compared import back_test
from policies.preview.exact import TooSlow, preview
from policies.preview.serialise import as_json
from policies.rules.content_hash import content_hash
from policies.rules.rules import TEXTS, RuleRefused
from policies.rules.versions import in_force_beside
from qinqing.kernel.nudges import nudge
from qinqing.kernel.text import in_both_languages

# The lease of a worker; it is renewed after every shard, and another worker takes over a run whose lease is over.
LEASE_SECONDS = 180
# So many runs of a version are kept for officers to read; older ones are deleted.
RUNS_KEPT = 5


@within_scope(version=PolicyVersion)
def ask_for_preview(*, version: PolicyVersion, actor: User | None, now: dt.datetime) -> PreviewRun:
    """Ask for a preview over every firm; returns the unfinished run of the version if there is one."""
    asked = [PreviewRun(version=version, asked_at=now, asked_by=actor)]
    with transaction.atomic():
        PreviewRun.objects.bulk_create(asked, ignore_conflicts=True)
        nudge("policies.tasks.preview_due")
        return PreviewRun.objects.get(version=version, finished_at=None)


def preview_due(*, clock: Callable[[], dt.datetime]) -> bool:
    """
    Decide the next due preview, and its back-test if another version is in force; False if no preview is due.

    A preview is kept even if its back-test is refused. `clock` gives the moment whose facts count, and at every shard
    the moment from which the lease is renewed.
    """
    run = _lease_next_run(clock())
    if run is None:
        return False
    version = PolicyVersion.objects.select_related("policy").prefetch_related(*TEXTS).get(pk=run.version_id)
    written, begun_at = content_hash(version=version), clock()

    def progressed(done: int, of: int) -> None:
        lease = clock() + dt.timedelta(seconds=LEASE_SECONDS)
        _own_run(run).update(decided_firms=done, city_firms=of, taken_until=lease)

    try:
        result = as_json(preview(version=version, now=begun_at, progressed=progressed))
    except (RuleRefused, TooSlow) as refusal:
        why = in_both_languages(partial(str, refusal))
        _own_run(run).update(finished_at=clock(), refusal=why.zh, refusal_en=why.en, content_hash=written)
        return True
    compared = _back_test_fields(version, begun_at)
    _own_run(run).update(finished_at=clock(), result=result, content_hash=written, **compared)
    _forget_old_runs(version)
    return True


def _lease_next_run(now: dt.datetime) -> PreviewRun | None:
    """Lease the run that has waited longest."""
    is_free = Q(taken_until=None) | Q(taken_until__lt=now)
    with transaction.atomic():
        due = PreviewRun.objects.select_for_update(skip_locked=True).filter(is_free, finished_at=None)
        run = due.order_by("asked_at", "pk").first()
        if run:
            run.started_at, run.taken_until, run.decided_firms = now, now + dt.timedelta(seconds=LEASE_SECONDS), 0
            run.save(update_fields=["started_at", "taken_until", "decided_firms"])
        return run


def _own_run(run: PreviewRun) -> Any:
    """The row of the run, unless another worker has begun it anew."""
    return PreviewRun.objects.filter(pk=run.pk, started_at=run.started_at, finished_at=None)


def _back_test_fields(version: PolicyVersion, now: dt.datetime) -> dict[str, Any]:
    """The fields of the run that the back-test fills; a refused back-test leaves its reason there."""
    before = in_force_beside(version=version)
    if before is None:
        return {"back_test": None}
    try:
        return {"back_test": as_json(back_test(version=version, before=before, now=now))}
    except (RuleRefused, TooSlow) as refusal:
        why = in_both_languages(partial(str, refusal))
        return {"back_test": None, "back_test_refusal": why.zh, "back_test_refusal_en": why.en}


def _forget_old_runs(version: PolicyVersion) -> None:
    kept = PreviewRun.objects.filter(version=version).order_by("-pk").values_list("pk", flat=True)[:RUNS_KEPT]
    PreviewRun.objects.filter(version=version, finished_at__isnull=False).exclude(pk__in=list(kept)).delete()
