"""
Clicks of one moment are one claim: owners who click while another is being served are served together, right after.

Most of what a click costs the database does not grow with what is claimed. So each process of the web server gathers
its clicks: the first is served at once, those that come meanwhile wait for it and then share one transaction. A click
that is anything but plain, or that others would have to wait for, is left to claim alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate
from threading import Condition
from typing import LiteralString

import structlog
from django.db import transaction
from django.utils.timezone import localdate

from companies.models import Company, User
from payouts.claims.claim import Claimed, claim_entitlements, claimed_by
from payouts.claims.insert import Opened, Opening, Signature, insert_payouts
from payouts.claims.locked_rows import LOCK_FREE_AND_UNSTACKED, Asked
from payouts.claims.reserve import reserve
from qinqing.kernel.database.prepared_statements import Statement, fetched_together
from qinqing.kernel.database.triggers import FEW_ROWS
from qinqing.kernel.nudges import nudge_from_page

log = structlog.get_logger()

# One that waits this long for somebody's lock would keep all others waiting.
PATIENCE: LiteralString = "100ms"
# Nobody waits longer for the others, whatever holds them up.
LONGEST_WAIT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Click:
    """
    What an owner clicked on, as `claim` takes it; `shown_cny` is the sum that the page said.

    `read` are the versions whose commitments the page showed and the owner accepted, None where no box was ticked.
    """

    entitlement_ids: Sequence[int]
    company: Company
    commitment: str
    actor: User
    now: datetime
    shown_cny: Decimal
    read: frozenset[int] | None

    def alone(self) -> Claimed:
        """Claim in a transaction of its own; raises as `claim` does."""
        return claim_entitlements(
            entitlement_ids=self.entitlement_ids,
            company=self.company,
            commitment=self.commitment,
            actor=self.actor,
            now=self.now,
            shown_cny=self.shown_cny,
            read=self.read,
        )

    def is_plain(self, rows: Sequence[Asked | None], today: date) -> bool:
        """Whether the rows it asks for are all there, the company's own, open, and what the page said."""
        mine = [row for row in rows if row is not None and self._has_no_obstacle(row, today)]
        return 0 < len(mine) == len(rows) and sum(row.amount_cny for row in mine) == self.shown_cny

    def _has_no_obstacle(self, row: Asked, today: date) -> bool:
        was_read = self.read is not None and row.version in self.read
        is_signed = (was_read and bool(self.commitment.strip())) or not row.has_commitment
        is_ready = row.is_open(today) and row.fund is not None and not row.is_blacklisted
        return is_signed and is_ready and row.company == self.company.pk


def claim_with_others(click: Click) -> Claimed:
    """Claim together with whoever clicks at the same moment; raises as `claim` does."""
    # A large one would keep them waiting, and is no dearer alone.
    claimed = _counter.serve(click) if len(click.entitlement_ids) <= FEW_ROWS else None
    return click.alone() if claimed is None else claimed


@dataclass(slots=True)
class _Waiting:
    click: Click
    claimed: Claimed | None = None
    is_served: bool = False


class Counter:
    """
    Where clicks of one process queue up: whoever finds it free serves those that wait, in the order they came.

    At most `FEW_ROWS` entitlements are claimed at a time, which is what plans are kept for.
    """

    def __init__(self, *, longest_wait_seconds: float = LONGEST_WAIT_SECONDS) -> None:
        self._longest_wait_seconds = longest_wait_seconds
        self._turn = Condition()
        self._queue: list[_Waiting] = []
        self._is_busy = False

    def serve(self, click: Click) -> Claimed | None:
        """What the click opened together with others; None when it is left to claim alone."""
        mine = _Waiting(click)
        with self._turn:
            self._queue.append(mine)
        while not mine.is_served:
            with self._turn:
                if not self._turn.wait_for(lambda: mine.is_served or not self._is_busy, self._longest_wait_seconds):
                    # Whoever serves it may still get through; claiming alone then finds what was claimed.
                    self._queue = [each for each in self._queue if each is not mine]
                    return None
                served = [] if mine.is_served else self._next()
            if served:
                self._serve(served)
        return mine.claimed

    def _next(self) -> list[_Waiting]:
        sizes = accumulate(len(each.click.entitlement_ids) for each in self._queue)
        count = max(sum(size <= FEW_ROWS for size in sizes), 1)
        served, self._queue, self._is_busy = self._queue[:count], self._queue[count:], True
        return served

    def _serve(self, waiting: Sequence[_Waiting]) -> None:
        try:
            for place, claimed in claim_together([each.click for each in waiting]).items():
                waiting[place].claimed = claimed
        finally:
            with self._turn:
                for each in waiting:
                    each.is_served = True
                self._is_busy = False
                self._turn.notify_all()


_counter = Counter()


def claim_together(clicks: Sequence[Click]) -> Mapping[int, Claimed]:
    """
    Claim in one transaction what is plain; what each click opened, by its place.

    The others are left to claim alone, which says by itself what is wrong with them. When the transaction fails, for
    whomever's sake, they all are.
    """
    try:
        with transaction.atomic():
            return _claimed(clicks, max(each.now for each in clicks))
    except Exception as failed:
        log.info("clicks_left_to_their_own", clicks=len(clicks), reason=type(failed).__name__)
        return {}


def _claimed(clicks: Sequence[Click], now: datetime) -> Mapping[int, Claimed]:
    rows = _locked(clicks, localdate(now))
    plain = _plain(clicks, rows, localdate(now))
    if not plain:
        return {}
    opened = _opened([clicks[place] for place in plain], rows, now)
    waiting = reserve(payouts=[each.payout for each in opened], now=now)
    nudge_from_page("payouts.tasks.send_clicked")
    of_company: dict[int, list[Opened]] = defaultdict(list)
    for each in opened:
        of_company[each.company].append(each)
    return {place: claimed_by(opened=of_company[clicks[place].company.pk], waiting=waiting) for place in plain}


def _opened(clicks: Sequence[Click], rows: Mapping[int, Asked], now: datetime) -> list[Opened]:
    asked = [rows[each] for click in clicks for each in click.entitlement_ids]
    return insert_payouts(
        opening=[Opening(row.entitlement, row.account, row.amount_cny) for row in asked],
        signed=[Signature(click.company.pk, click.actor.pk, click.commitment, click.now) for click in clicks],
        now=now,
    )


def _locked(clicks: Sequence[Click], today: date) -> dict[int, Asked]:
    ids = sorted({each for click in clicks for each in click.entitlement_ids})
    patience = Statement("SELECT set_config('lock_timeout', %(patience)s, true)", {"patience": PATIENCE})
    rows = fetched_together(patience, Statement(LOCK_FREE_AND_UNSTACKED, {"ids": ids, "today": today}))[1]
    return {asked.entitlement: asked for asked in map(Asked._make, rows)}


def _plain(clicks: Sequence[Click], rows: Mapping[int, Asked], today: date) -> list[int]:
    """The places of plain clicks, the first of each company: a second one may be the same click again."""
    first: dict[int, int] = {}
    for place, click in enumerate(clicks):
        if click.is_plain([rows.get(each) for each in click.entitlement_ids], today):
            first.setdefault(click.company.pk, place)
    return list(first.values())
