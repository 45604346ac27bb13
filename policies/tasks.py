"""Waking matching up; the work is rows, so a task may run twice or not at all."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from policies.authoring import publish, staleness
from policies.deadlines import remind
from policies.deadlines.lapse import lapse_entitlements
from policies.matching import run
from policies.preview import run as preview_run

# After this long a task makes room for others; the sweep, or its own nudge, goes on.
TASK_SECONDS = 30


@shared_task
def match_due(**_added_later: object) -> None:
    """Decide what is due, shard by shard."""
    until = time.monotonic() + TASK_SECONDS
    while run.match_due(now=timezone.now()) is not None and time.monotonic() < until:
        continue


@shared_task
def lapse(*, limit: int = 10_000, **_added_later: object) -> None:
    """Let entitlements lapse that nobody claimed in time."""
    until = time.monotonic() + TASK_SECONDS
    while lapse_entitlements(now=timezone.now(), limit=limit) == limit and time.monotonic() < until:
        continue


@shared_task
def activate_due(**_added_later: object) -> None:
    """Bring versions into force whose day has come."""
    publish.activate_due(now=timezone.now())


@shared_task
def remind_due(**_added_later: object) -> None:
    """Remind firms of what they have not claimed, on the days that each version names."""
    remind.remind_due(now=timezone.now())


@shared_task
def suspend_stale(**_added_later: object) -> None:
    """Pause versions whose data went stale."""
    staleness.suspend_stale(now=timezone.now())


@shared_task
def preview_due(**_added_later: object) -> None:
    """Work out the previews that officers wait for."""
    until = time.monotonic() + TASK_SECONDS
    while preview_run.preview_due(clock=timezone.now) and time.monotonic() < until:
        continue
