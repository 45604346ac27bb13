"""Measures the time from the click to the money: on an idle platform, and while a large batch is being paid."""

from __future__ import annotations

import math
import re
import time
from threading import Event, Thread
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from payouts.models import Payout
from payouts.states import Status
from qinqing.demo.campaign.database import current_database
from qinqing.demo.campaign.product import forget, running_product, sole_runner
from tests.benchmarks.click import stage
from tests.benchmarks.click.throughput import SHARE, percentile
from tests.benchmarks.parts import Measured, Ratio, Say
from tests.factories.claims import claim_entitlements
from tests.factories.entitlements import make_entitlements, make_version

# So many owners click, read the page for a moment, and click for their next firm.
OWNERS, PAUSE_SECONDS = 8, 1.0
PATIENCE_SECONDS, LOOK_SECONDS = 60, 0.02
_ON_THEIR_WAY = (Status.RESERVED, Status.APPROVED, Status.SENT, Status.IN_DOUBT)


def measure(city: stage.City, *, bulk: int, say: Say) -> Measured:
    """Measure both on the product as `make demo` runs it: portal, a worker for each queue, beat and bank."""
    idle_share = SHARE + (1 - SHARE) / 3
    with sole_runner(database=current_database()) as folder:
        forget(folder)
        with running_product(folder=folder) as running:
            running.supervisor.wait_until_ready()
            _settle()
            idle = _click_and_watch(running.addresses.web, city.owners(OWNERS, skip=SHARE, share=idle_share))
            say(f"{idle['clicks']} clicks with an idle queue, p95 {idle['p95_seconds']:.2f} s")
            owners = city.owners(OWNERS, skip=idle_share, share=1.0)
            busy = _click_and_watch(running.addresses.web, owners, bulk=bulk)
            say(f"{busy['clicks']} clicks while {bulk:,} were paid, p95 {busy['p95_seconds']:.2f} s")
    return Measured(
        contenders={"click to paid, idle": idle, "click to paid, bulk": busy},
        ratios=(
            Ratio("seconds from click to paid, idle (p95)", idle["p95_seconds"], at_most=1),
            Ratio(f"the same while {bulk:,} payouts are paid (p95)", busy["p95_seconds"], at_most=3),
        ),
        agrees=idle["unpaid"] == busy["unpaid"] == 0,
        remarks=("From the moment a browser sends its click to the moment a reader of the database sees it paid.",),
    )


def _ask_for(bulk: int) -> None:
    """Approve so many payouts at once, as the end of a publicity does."""
    rights = make_entitlements(bulk, of=make_version(granted_cny=100_000_000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE companies_company, companies_payeeaccount, policies_entitlement")
    claim_entitlements(entitlement_ids=rights, company=None, commitment="", actor=None, now=timezone.now())


def _in_bulk() -> int:
    return Payout.objects.filter(is_clicked=False, status__in=_ON_THEIR_WAY).count()


def _bulk_was_paid_at() -> float:
    """When the last payout of the bulk was paid, by this machine's clock; infinity while some are not paid."""
    last = Payout.objects.filter(is_clicked=False).aggregate(last=Max("paid_at"))["last"]
    return math.inf if last is None or _in_bulk() else last.timestamp()


def _settle() -> None:
    """Wait until no payout is on its way any more."""
    deadline = time.monotonic() + 10 * PATIENCE_SECONDS
    while Payout.objects.filter(status__in=_ON_THEIR_WAY).exists() and time.monotonic() < deadline:
        time.sleep(1)


class _Eye(Thread):
    """Reads again and again which claims are paid, and notes when it first saw each."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: dict[int, float] = {}
        self._is_over = Event()

    def run(self) -> None:
        paid = Payout.objects.filter(is_clicked=True, status=Status.PAID, claimed_at__gte=timezone.now())
        while not self._is_over.wait(LOOK_SECONDS):
            for claimed in set(paid.values_list("claim", flat=True)) - self.seen.keys():
                self.seen[claimed] = time.time()
        connection.close()

    def close(self) -> None:
        """End the reading."""
        self._is_over.set()
        self.join()


def _click_and_watch(address: str, browsers: stage.Browsers, *, bulk: int = 0) -> dict[str, Any]:
    """
    Have the owners click with so many payouts queued before them; returns the times of those who clicked meanwhile.
    """
    eye, waiting = _Eye(), []

    def begin() -> None:
        if bulk:
            _ask_for(bulk)
        waiting.append(_in_bulk())
        eye.start()

    seen = stage.load(address=address, browsers=browsers, pause_seconds=PAUSE_SECONDS, before_posting=begin)
    ended = _bulk_was_paid_at() if bulk else math.inf
    answers = [each for each in seen["answers"] if each["sent_at"] < ended] or seen["answers"]
    sent = {int(found[1]): each["sent_at"] for each in answers if (found := re.search(r"/claims/(\d+)/", each["to"]))}
    due = set(
        Payout.objects.filter(claim__in=sent, status__in=(*_ON_THEIR_WAY, Status.PAID)).values_list("claim", flat=True)
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while due - eye.seen.keys() and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    eye.close()
    took = [eye.seen[each] - sent[each] for each in due & eye.seen.keys()]
    return {
        "bulk_at_the_first_click": waiting[0],
        "clicks": len(took),
        "unpaid": len(due - eye.seen.keys()),
        "p50_seconds": percentile(took, 50),
        "p95_seconds": percentile(took, 95),
        "slowest_seconds": max(took),
    }
