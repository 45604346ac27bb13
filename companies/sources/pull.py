"""
Pulls the next source that is due, and delivers what came.

A worker takes the source with a lease and commits; what it fetches goes to a temporary file while no transaction is
open. The delivery, the note about the pull and the source's next turn are one transaction, which gives way where the
source was paused or changed meanwhile. A pull that fails changes nothing but the source's turn.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, BinaryIO, Final, cast

import structlog
from cryptography.exceptions import InvalidTag
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.deliveries.deliver import deliver
from companies.deliveries.registry.targets import Deliverable, find_deliverable
from companies.deliveries.staging.read_file import digest
from companies.models import DataSource, Delivery, DeliveryStatus, PullOutcome, SourcePull
from companies.models.delivery import HAS_NEWS
from companies.models.sources.source import AsOf
from companies.sources.day import find_bookmark, find_day, find_highest, list_watched
from companies.sources.fetch.asked import Asked, Came, Patience, PullRefused, Spool
from companies.sources.fetch.fetch import fetch
from companies.sources.places import read_place
from companies.sources.secrets import open_secret
from companies.sources.turns import next_try, next_turn
from qinqing.kernel.refusals import Refusal
from qinqing.kernel.text import in_both_languages

PATIENCE: Final = Patience()
# A worker that was not heard of for so long after its time was over is taken for dead.
GRACE: Final = dt.timedelta(minutes=5)
# So long the rows of the largest file may take to land.
LANDING: Final = dt.timedelta(hours=2)

Clock = Callable[[], dt.datetime]
log = structlog.get_logger(__name__)


class InsideTransaction(AssertionError):
    """A source would be asked while rows are locked."""


class BrokenOff(PullRefused):
    """The platform itself has a fault."""


class ChangedMeanwhile(PullRefused):
    """Somebody paused or changed the source while it was pulled."""


class _Overtaken(Exception):
    """Another worker has taken the source, because this one was not heard of for too long."""


@dataclass(slots=True)
class _Pull:
    """A pull under way; what is known of it so far goes into its note."""

    source: DataSource
    began_at: dt.datetime
    leased_until: dt.datetime
    draw: Callable[[], float]
    note: dict[str, Any] = field(default_factory=dict)

    @property
    def turn(self) -> dt.timedelta:
        """The time between two turns of the source."""
        return dt.timedelta(minutes=self.source.every_minutes)


def pull_next(*, clock: Clock, patience: Patience = PATIENCE, draw: Callable[[], float] = random.random) -> bool:
    """
    Pull the source that is due the longest; False if none is due.

    Raises:
        InsideTransaction: a transaction is open.
    """
    _refuse_inside_transaction()
    pull = _take_next(clock(), patience, draw)
    if pull is None:
        return False
    try:
        _pull(pull, clock, patience)
    except _Overtaken:
        log.info("pull.overtaken", source=pull.source.pk)
    except Refusal as refusal:
        _note_refusal(pull, refusal, clock())
    except Exception as fault:
        # Its text may hold what came, or an address with a bookmark in it, so only its kind is logged.
        log.error("pull.broke_off", source=pull.source.pk, fault=type(fault).__name__)
        sentence = _("The pull broke off by a fault of the platform ({kind}); tell those who run it.")
        _note_refusal(pull, BrokenOff(format_lazy(sentence, kind=type(fault).__name__)), clock())
    return True


def _refuse_inside_transaction() -> None:
    # The transaction that a test case wraps around itself does not count.
    if connection.in_atomic_block and not getattr(connection.atomic_blocks[-1], "_from_testcase", False):
        raise InsideTransaction("Pull when no transaction is open.")


@transaction.atomic
def _take_next(now: dt.datetime, patience: Patience, draw: Callable[[], float]) -> _Pull | None:
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    due = DataSource.objects.filter(free, confirmed_at__isnull=False, paused_at=None, next_pull_at__lte=now)
    source = due.order_by("next_pull_at", "pk").select_for_update(skip_locked=True, no_key=True).first()
    if source is None:
        return None
    leased_until = now + dt.timedelta(seconds=patience.whole_seconds) + GRACE
    DataSource.objects.filter(pk=source.pk).update(leased_until=leased_until)
    return _Pull(source, now, leased_until, draw, {"bookmark": source.bookmark or source.begins_at})


def _pull(pull: _Pull, clock: Clock, patience: Patience) -> None:
    source = pull.source
    deliverable = find_deliverable(name=source.dataset)
    spool = Spool(largest_bytes=source.largest_mib << 20)
    with spool.file:
        came = fetch(kind=source.kind, asked=_ask(source, deliverable), spool=spool, patience=patience)
        if came is None:
            _note(pull, clock(), PullOutcome.NOTHING_NEW)
        else:
            _deliver(pull, came, cast(BinaryIO, spool.file), deliverable, clock())


def _ask(source: DataSource, deliverable: Deliverable) -> Asked:
    return Asked(
        place=read_place(kind=source.kind, address=source.address),
        address=source.address,
        username=source.username,
        secret=_open(source),
        trusted=source.trusted,
        file_pattern=source.file_pattern,
        query=source.query,
        since=source.bookmark or source.begins_at,
        # A register that is always up to date is of the day of the pull, changed or not, so it is always fetched.
        seen={} if source.as_of_from == AsOf.PULLED else source.seen,
        watched=list_watched(source),
        columns=deliverable.columns,
    )


def _open(source: DataSource) -> str:
    try:
        return open_secret(source.secret)
    except InvalidTag:
        raise PullRefused(_("The secret of the source cannot be opened any more; propose it anew.")) from None


def _deliver(pull: _Pull, came: Came, content: BinaryIO, deliverable: Deliverable, now: dt.datetime) -> None:
    """Deliver what came as any delivery, and note the pull in the same transaction."""
    source = pull.source
    sha256, byte_count = digest(content=content)
    pull.note |= {"what": came.what, "sha256": sha256, "byte_count": byte_count}
    highest = find_highest(source=source, came=came, content=content, columns=deliverable.columns)
    # What was fetched over midnight is of the day on which it was asked for.
    as_of_on = find_day(source=source, came=came, highest=highest, now=pull.began_at)
    bookmark = find_bookmark(source=source, came=came, highest=highest)
    pull.note |= {"as_of_on": as_of_on}
    _hold(pull, now + LANDING)
    delivery_id = f"pull-{source.pk}-{as_of_on.isoformat()}-{sha256[:32]}"
    with transaction.atomic():
        try:
            delivery = deliver(
                delivery_id=delivery_id,
                dataset=source.dataset,
                content=content,
                as_of_on=as_of_on,
                # The platform itself delivers; the two people who agreed on the source stand in its proposals.
                delivered_by=None,
                now=now,
            )
        except Refusal as refusal:
            failed = Delivery.objects.filter(delivery_id=delivery_id, status=DeliveryStatus.FAILED)
            _note_refusal(pull, refusal, now, delivery=failed.order_by("-pk").first())
        else:
            _note_delivery(pull, came, delivery, bookmark, now)


def _note_delivery(pull: _Pull, came: Came, delivery: Delivery, bookmark: str, now: dt.datetime) -> None:
    # Where every row went to quarantine the same rows are asked for again.
    is_read = Delivery.objects.filter(HAS_NEWS, pk=delivery.pk, status=DeliveryStatus.LANDED).exists()
    moves_on = is_read and bookmark != (pull.source.bookmark or pull.source.begins_at)
    remembered: dict[str, Any] = {"bookmark": bookmark} if is_read else {}
    # What the server said was about the address as it was, with the bookmark of before.
    remembered |= {"seen": {} if moves_on else dict(came.seen)} if is_read else {}
    outcome = PullOutcome.NOTHING_NEW if delivery.is_repeated else PullOutcome.LANDED
    _note(pull, now, outcome, remembered, delivery=delivery)


def _note(
    pull: _Pull,
    now: dt.datetime,
    outcome: PullOutcome,
    remembered: Mapping[str, Any] | None = None,
    *,
    delivery: Delivery | None = None,
) -> None:
    """Note a pull that went well; the source must run still, as it did when it was taken."""
    turn = next_turn(planned_at=pull.source.next_pull_at or now, every=pull.turn, now=now)
    with transaction.atomic():
        _release(pull, _as_taken(pull), next_pull_at=turn, failure_count=0, **(remembered or {}))
        _write(pull, now, outcome, delivery=delivery)


def _note_refusal(pull: _Pull, refusal: Refusal, now: dt.datetime, *, delivery: Delivery | None = None) -> None:
    why = in_both_languages(partial(str, refusal))
    turn = next_try(failure_count=pull.source.failure_count + 1, now=now, draw=pull.draw)
    try:
        with transaction.atomic():
            _release(pull, Q(), next_pull_at=turn, failure_count=F("failure_count") + 1)
            _write(pull, now, PullOutcome.REFUSED, delivery=delivery, refusal=why.zh, refusal_en=why.en)
    except _Overtaken:
        log.info("pull.overtaken", source=pull.source.pk)


def _hold(pull: _Pull, until: dt.datetime) -> None:
    """Hold the source longer, if it is still this worker's and as it was."""
    _write_source(pull, _as_taken(pull), leased_until=until)
    pull.leased_until = until


def _release(pull: _Pull, still: Q, **values: Any) -> None:
    """Give the source back with its next turn, if it is still this worker's."""
    _write_source(pull, still, leased_until=None, asked_by=None, **values)


def _as_taken(pull: _Pull) -> Q:
    return Q(paused_at=None, confirmed_at=pull.source.confirmed_at)


def _write_source(pull: _Pull, still: Q, **values: Any) -> None:
    held = DataSource.objects.filter(still, pk=pull.source.pk, leased_until=pull.leased_until)
    if held.update(**values):
        return
    if DataSource.objects.filter(pk=pull.source.pk, leased_until=pull.leased_until).exists():
        raise ChangedMeanwhile(_("The source was paused or changed while it was pulled; nothing landed."))
    raise _Overtaken


def _write(pull: _Pull, now: dt.datetime, outcome: PullOutcome, **values: Any) -> None:
    SourcePull.objects.create(
        source=pull.source,
        began_at=pull.began_at,
        ended_at=now,
        outcome=outcome,
        asked_by_id=pull.source.asked_by_id,
        **pull.note,
        **values,
    )
    log.info("pull.over", source=pull.source.pk, outcome=outcome.value, bytes=pull.note.get("byte_count"))
