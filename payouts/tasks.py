"""Tasks that call the operations until no row is due; a task may run twice without harm."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from celery import shared_task
from django.conf import settings
from django.utils.timezone import now

from payouts.banks.http import bank
from payouts.batches import hand_over, orders, release
from payouts.claims import automatic, reserve
from payouts.controls.circuit_breaker import watch_breakers
from payouts.controls.post_audit import draw_samples, raise_risks, raise_withdrawn
from payouts.ledger import alerts, pools
from payouts.publicity import messages, publicise
from payouts.replies import apply, files
from payouts.sending import account_replaced, returned, send
from payouts.sending.send import Lane, SendResult
from qinqing.kernel.nudges import nudge

# After so long a task ends, to make room for others, and asks to be called again.
TURN_SECONDS = 20
ORDERS_PER_REQUEST = 2_000
# A request carries few clicks, so that the next click does not wait long.
CLICKS_PER_REQUEST = 50
ROWS_PER_TURN = 2_000
MESSAGES_PER_TURN = 100
QUESTIONS_PER_REQUEST = 2_000
# Each turn searches all open entitlements, so it claims many, and few turns serve a whole city.
CLAIMS_PER_TURN = 20_000


@shared_task
def send_due(**_added_later: object) -> None:
    """Send approved payouts to the bank; if the bank leaves orders unanswered, wait for the next sweep."""
    _until_done(_send_some, again="payouts.tasks.send_due")


@shared_task
def send_clicked(**_added_later: object) -> None:
    """Send the payouts that people clicked, newest first, and settle them as soon as the bank has answered."""
    _until_done(_send_clicked_some, again="payouts.tasks.send_clicked")


@shared_task
def send_messages(**_added_later: object) -> None:
    """Send the e-mails to objectors that wait in the outbox."""
    messages.send_messages(limit=MESSAGES_PER_TURN, now=now())


@shared_task
def ask_in_doubt(**_added_later: object) -> None:
    """Ask the bank about payouts in doubt."""
    _until_done(_ask_some, again="payouts.tasks.ask_in_doubt")


@shared_task
def claim_automatic(**_added_later: object) -> None:
    """Claim the entitlements of the automatic track, for which nobody has to click."""
    _until_done(_claim_some, again="payouts.tasks.claim_automatic")


@shared_task
def divide_due(**_added_later: object) -> None:
    """Divide the proportional pools whose claims open."""
    pools.divide_due_pools(now=now())


@shared_task
def watch(**_added_later: object) -> None:
    """Pause policies of which the bank refuses many payouts, or of which many payees collect on one account."""
    watch_breakers(now=now())


@shared_task
def hear_returns(**_added_later: object) -> None:
    """Ask the bank which payments it returned."""
    _until_done(_hear_some_returns, again="payouts.tasks.hear_returns")


@shared_task
def serve_waitlist(**_added_later: object) -> None:
    """Approve waiting payouts whose fund has money again."""
    _until_done(_serve_some, again="payouts.tasks.serve_waitlist")


@shared_task
def resume_mended(**_added_later: object) -> None:
    """Approve again stopped payouts whose payee now uses another account, or which the bank never saw."""
    _until_done(_resume_some, again="payouts.tasks.resume_mended")


@shared_task
def raise_alarms(**_added_later: object) -> None:
    """Raise alarms about funds that are nearly used up."""
    alerts.raise_alarms(now=now())


@shared_task
def look_after(**_added_later: object) -> None:
    """Open post-checks of paid payouts: random samples, risks, and withdrawn rows of white lists."""
    moment = now()
    draw_samples(now=moment)
    raise_risks(now=moment)
    raise_withdrawn(now=moment)


@shared_task
def end_publicity(**_added_later: object) -> None:
    """Approve payouts whose publicity is over."""
    _until_done(_end_some_publicity, again="payouts.tasks.end_publicity")


@shared_task
def read_reply_files(**_added_later: object) -> None:
    """Read the reply files that were uploaded."""
    _until_done(partial(files.read_reply_files, clock=now), again="payouts.tasks.read_reply_files")


@shared_task
def write_ordered_files(**_added_later: object) -> None:
    """Write the batch files that somebody ordered."""
    _until_done(partial(orders.write_ordered_files, clock=now), again="payouts.tasks.write_ordered_files")


@shared_task
def hand_over_files(**_added_later: object) -> None:
    """Hand ordered files over to the drops of banks, and ask about those of which nothing is known."""
    hand_over.ask_drops(clock=now)
    _until_done(partial(hand_over.hand_over_next, clock=now), again="payouts.tasks.hand_over_files")


@shared_task
def reconcile_batches(**_added_later: object) -> None:
    """Mark the batches that the banks have answered in full."""
    release.reconcile_batches(now=now())


@shared_task
def apply_replies(**_added_later: object) -> None:
    """Apply the bank's replies to their payouts."""
    _until_done(_apply_some, again="payouts.tasks.apply_replies")


def _until_done(some: Callable[[], int], *, again: str) -> None:
    deadline = time.monotonic() + TURN_SECONDS
    while some():
        if time.monotonic() > deadline:
            nudge(again)
            return


def _send_some() -> int:
    sent = _sent(Lane.OLDEST_FIRST, ORDERS_PER_REQUEST)
    return 0 if sent.in_doubt else sent.count


def _send_clicked_some() -> int:
    sent = _sent(Lane.CLICKED, CLICKS_PER_REQUEST)
    # The queue of replies may be long, and a person who watches the page must not wait for it.
    apply.apply_replies(limit=CLICKS_PER_REQUEST, now=now(), payouts=sent.answered)
    return 0 if sent.in_doubt else sent.count


def _sent(lane: Lane, limit: int) -> SendResult:
    return send.send_due(
        gateway=bank(),
        limit=limit,
        now=now(),
        lane=lane,
        lease=timedelta(seconds=settings.BANK_LEASE_SECONDS),
        cut_off=timedelta(seconds=settings.BANK_CUT_OFF_SECONDS),
    )


def _ask_some() -> int:
    lease = timedelta(seconds=settings.BANK_LEASE_SECONDS)
    return send.ask_in_doubt(gateway=bank(), limit=QUESTIONS_PER_REQUEST, now=now(), lease=lease)


def _hear_some_returns() -> int:
    return returned.record_returns(gateway=bank(), limit=ROWS_PER_TURN, now=now())


def _claim_some() -> int:
    return automatic.claim_automatic(limit=CLAIMS_PER_TURN, now=now())


def _serve_some() -> int:
    return reserve.serve_waitlist(limit=ROWS_PER_TURN, now=now())


def _resume_some() -> int:
    return account_replaced.resume_mended(limit=ROWS_PER_TURN, now=now())


def _end_some_publicity() -> int:
    return publicise.end_publicity(limit=ROWS_PER_TURN, now=now())


def _apply_some() -> int:
    return apply.apply_replies(limit=ROWS_PER_TURN, now=now())
