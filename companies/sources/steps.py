"""What one person does with a source: pauses it at once, or has it pulled now."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from companies.deliveries.access import datasets_open_to
from companies.models import DataSource, User
from companies.people.scope import within_scope
from companies.sources.propose import NotYourSource
from qinqing.kernel.nudges import nudge
from qinqing.kernel.refusals import Refusal

log = structlog.get_logger(__name__)


class DoesNotRun(Refusal):
    """The source is paused, was never confirmed, or is being pulled at this moment."""


@within_scope(source=DataSource)
def pause(*, source: DataSource, actor: User, now: dt.datetime) -> None:
    """
    Pause a source at once; what is being fetched at this moment does not land.

    Raises:
        OutOfScope, NotYourSource: it is another department's.
        DoesNotRun: it is paused already.
    """
    _refuse_other_department(source, actor)
    if not DataSource.objects.filter(pk=source.pk, paused_at=None).update(paused_at=now, paused_by=actor):
        raise DoesNotRun(_("This source is paused already."))
    log.info("source.paused", source=source.pk, actor=actor.pk)


@within_scope(source=DataSource)
def ask_for_pull(*, source: DataSource, actor: User, now: dt.datetime) -> None:
    """
    Have a source pulled as soon as a worker is free, whatever its schedule says.

    Raises:
        OutOfScope, NotYourSource: it is another department's.
        DoesNotRun: it is paused, was never confirmed, or is being pulled at this moment.
    """
    _refuse_other_department(source, actor)
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    runs = DataSource.objects.filter(free, pk=source.pk, confirmed_at__isnull=False, paused_at=None)
    if not runs.update(next_pull_at=now, asked_by=actor):
        raise DoesNotRun(_("This source is paused, waits for a colleague, or is being pulled at this moment."))
    nudge("companies.tasks.pull_sources")
    log.info("source.pull_asked_for", source=source.pk, actor=actor.pk)


def _refuse_other_department(source: DataSource, actor: User) -> None:
    if source.dataset not in datasets_open_to(user=actor):
        raise NotYourSource(_("This dataset belongs to another department; only its own people name its sources."))
