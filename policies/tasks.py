"""
Tasks that wake matching and the other workers. The work itself is stored as rows, so a task may run twice or never.
"""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from policies.authoring import publish, staleness
from policies.deadlines import remind
from policies.deadlines.lapse import lapse_entitlements
from policies.matching import run
from policies.preview import run as preview_run

# After this long a task ends to let others run; the sweep, or the nudge that it leaves, continues the work.
TASK_SECONDS = 30


@shared_task
def match_due(**_added_later: object) -> None:
    """Decide due companies, shard by shard."""
    until = time.monotonic() + TASK_SECONDS
    while run.match_due(now=timezone.now()) is not None and time.monotonic() < until:
        continue


@shared_task
def lapse(*, limit: int = 10_000, **_added_later: object) -> None:
    """Let entitlements lapse that nobody has claimed in time."""
    until = time.monotonic() + TASK_SECONDS
    while lapse_entitlements(now=timezone.now(), limit=limit) == limit and time.monotonic() < until:
        continue


@shared_task
def activate_due(**_added_later: object) -> None:
    """Publish scheduled versions whose day has come."""
    publish.activate_due(now=timezone.now())


@shared_task
def remind_due(**_added_later: object) -> None:
    """Remind firms of unclaimed entitlements on the days that each version names."""
    remind.remind_due(now=timezone.now())


@shared_task
def suspend_stale(**_added_later: object) -> None:
    """Suspend versions of which a dataset went stale."""
    staleness.suspend_stale(now=timezone.now())


@shared_task
def preview_due(**_added_later: object) -> None:
    """Decide the previews that officers have asked for."""
    until = time.monotonic() + TASK_SECONDS
    while preview_run.preview_due(clock=timezone.now) and time.monotonic() < until:
        continue
