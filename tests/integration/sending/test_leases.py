"""Leases: a living worker renews them, they end by themselves when it dies, and a clerk may end them with a reason."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from payouts.banks.gateway import BankResponse, PaymentOrder
from payouts.exceptions.release_leases import NotHeld, release_leases
from payouts.models import LeaseRelease, Payout
from payouts.replies.apply import apply_replies
from payouts.sending import leases as leasing
from payouts.sending.leases import keep_lease
from payouts.sending.send import ask_in_doubt, send_due
from payouts.states import Status
from qinqing.kernel.database.integrity import constraint_of
from qinqing.kernel.refusals import NoReason
from tests.factories.clock import NOW
from tests.factories.payouts import make_payout, make_released_batch
from tests.factories.people import make_user
from tests.tellers import Teller

LEASE = timedelta(seconds=1.5)
LONGEST_WAIT_SECONDS = 60


class Slow(Teller):
    """
    A bank that takes longer than the lease; it calls `meanwhile` before it answers.

    `meanwhile` gets the end of the first lease, because the machine's speed decides how far the clock is by then.
    """

    meanwhile: Callable[[datetime], None] = staticmethod(lambda _first: None)

    def pay(self, orders: Sequence[PaymentOrder]) -> BankResponse:
        self._take_long()
        return super().pay(orders)

    def ask(self, end_to_end_ids: Sequence[str]) -> BankResponse:
        self._take_long()
        return super().ask(end_to_end_ids)

    def _take_long(self) -> None:
        first = leased_until()
        wait_until(lambda: leased_until() > first + LEASE)
        self.meanwhile(first)


def leased_until() -> datetime:
    until = Payout.objects.get().leased_until
    assert until is not None
    return until


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def held(payout: Payout, *, seconds: int = 600) -> Payout:
    """Send the payout by a worker that dies and has leased it for long."""

    class Killed(Teller):
        def pay(self, orders: Sequence[PaymentOrder]) -> BankResponse:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send_due(gateway=Killed(), limit=10, now=NOW, lease=timedelta(seconds=seconds))
    payout.refresh_from_db()
    return payout


@pytest.mark.django_db(transaction=True)
def test_a_call_longer_than_the_lease_keeps_it() -> None:
    payout, other = make_payout(), Teller()
    asked: list[int] = []
    bank = Slow()
    bank.meanwhile = lambda first: asked.append(ask_in_doubt(gateway=other, limit=10, now=first + LEASE))
    assert send_due(gateway=bank, limit=10, now=now(), lease=LEASE).in_doubt == 0
    assert (asked, other.questions) == ([0], [])
    apply_replies(limit=10, now=now())
    payout.refresh_from_db()
    assert (payout.status, payout.sequence) == (Status.PAID, 4)


@pytest.mark.django_db(transaction=True)
def test_a_question_longer_than_the_lease_is_asked_once() -> None:
    make_payout()
    send_due(gateway=Teller(deaf=lambda _id: True), limit=10, now=now() - timedelta(minutes=5))
    other, bank = Teller(), Slow()
    asked: list[int] = []
    bank.meanwhile = lambda first: asked.append(ask_in_doubt(gateway=other, limit=10, now=first + LEASE))
    assert ask_in_doubt(gateway=bank, limit=10, now=now(), lease=LEASE) == 1
    assert (asked, other.questions) == ([0], [])


@pytest.mark.django_db(transaction=True)
def test_a_released_lease_is_not_renewed() -> None:
    payout, other, clerk = make_payout(), Teller(), make_user("clerk")
    asked: list[int] = []

    def release_and_ask(first: datetime) -> None:
        released_at = first + timedelta(seconds=LEASE.total_seconds() / 2)
        release_leases(payout_ids=[payout.pk], because="it hangs", actor=clerk, now=released_at)
        time.sleep(LEASE.total_seconds() / 2)
        asked.append(ask_in_doubt(gateway=other, limit=10, now=released_at))

    bank = Slow()
    bank.meanwhile = release_and_ask
    send_due(gateway=bank, limit=10, now=now(), lease=LEASE)
    while apply_replies(limit=10, now=now()):
        pass
    payout.refresh_from_db()
    assert asked == [1]
    assert (payout.status, len(bank.orders), len(other.orders)) == (Status.PAID, 1, 0)


@pytest.mark.django_db(transaction=True)
def test_a_call_that_never_ends_loses_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    payout = held(make_payout())
    until, renewals, prolong = leased_until(), list[datetime](), leasing._prolong

    def counted(payouts: list[int], ours: list[datetime], later: datetime) -> None:
        prolong(payouts, ours, later)
        renewals.append(later)

    monkeypatch.setattr(leasing, "_prolong", counted)
    with keep_lease(payouts=[payout.pk], leased_until=until, lease=timedelta(seconds=0.3), renewals=2):
        wait_until(lambda: len(renewals) >= 2)
        # A third renewal would come within this pause.
        time.sleep(0.5)
    assert renewals == sorted(renewals)
    assert (len(renewals), leased_until()) == (2, renewals[-1])
    assert renewals[-1] - until >= timedelta(seconds=0.2)


@pytest.mark.django_db
def test_a_dead_workers_lease_is_another_workers_when_it_is_over_and_not_before() -> None:
    held(make_payout(), seconds=30)
    bank = Teller()
    assert ask_in_doubt(gateway=bank, limit=10, now=NOW + timedelta(seconds=29)) == 0
    assert ask_in_doubt(gateway=bank, limit=10, now=NOW + timedelta(seconds=31)) == 1
    assert not bank.orders


@pytest.mark.django_db
def test_a_release_lets_the_bank_be_asked_at_once_and_is_kept() -> None:
    payout, clerk, bank = held(make_payout()), make_user("clerk"), Teller()
    at = NOW + timedelta(seconds=60)
    assert release_leases(payout_ids=[payout.pk], because=" it hangs ", actor=clerk, now=at) == [payout.pk]
    kept = LeaseRelease.objects.get()
    assert (kept.payout, kept.leased_until, kept.released_at) == (payout, payout.leased_until, at)
    assert (kept.released_by, kept.because) == (clerk, "it hangs")
    assert send_due(gateway=bank, limit=10, now=at).count == 0
    assert ask_in_doubt(gateway=bank, limit=10, now=at) == 1
    assert (bank.orders, len(bank.questions)) == ([], 1)


@pytest.mark.django_db
def test_a_release_needs_a_reason_and_a_worker_that_holds() -> None:
    payout, clerk = held(make_payout(), seconds=30), make_user("clerk")
    with pytest.raises(NoReason):
        release_leases(payout_ids=[payout.pk], because="  ", actor=clerk, now=NOW)
    with pytest.raises(NotHeld):
        release_leases(payout_ids=[payout.pk], because="it hangs", actor=clerk, now=NOW + timedelta(seconds=31))
    assert not LeaseRelease.objects.exists()


@pytest.mark.django_db
def test_what_is_with_a_bank_of_files_is_held_by_nobody() -> None:
    make_released_batch(1)
    sent = Payout.objects.get(status=Status.SENT)
    with pytest.raises(NotHeld):
        release_leases(payout_ids=[sent.pk], because="it hangs", actor=make_user("owner"), now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("promise", "change"),
    [
        ("lease_release_is_kept", lambda row: LeaseRelease.objects.filter(pk=row.pk).update(because="other")),
        ("lease_release_is_kept", lambda row: row.delete()),
        ("lease_is_released_for_a_reason", lambda row: _again(row, because="")),
        ("lease_is_released_early", lambda row: _again(row, leased_until=row.released_at)),
    ],
)
def test_the_database_keeps_releases(promise: str, change: Callable[[LeaseRelease], object]) -> None:
    payout = held(make_payout())
    release_leases(payout_ids=[payout.pk], because="it hangs", actor=make_user("clerk"), now=NOW)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        change(LeaseRelease.objects.get())
    assert constraint_of(refused.value) == promise


def _again(row: LeaseRelease, **fields: object) -> None:
    row.pk = None
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
