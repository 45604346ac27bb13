"""The tasks of the pay and reply queues take due rows until none is left."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from payouts import tasks
from payouts.banks import http
from payouts.models import Payout
from payouts.states import Status
from policies.models import Track
from qinqing.bank_simulator.faults import Faults
from qinqing.bank_simulator.server import Bank
from qinqing.celery import app
from qinqing.demo.campaign.parts import QUEUES
from tests.factories.entitlements import make_entitlements, make_version
from tests.factories.payouts import grant_more, make_payout
from tests.tellers import TOKEN, simulated

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    """The bank that the environment of this process names."""
    with simulated(tmp_path) as (server, _connection):
        monkeypatch.setenv("BANK_URL", f"http://127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("BANK_TOKEN", TOKEN)
        settings.BANK_TIMEOUT_SECONDS = 30
        http.bank.cache_clear()
        yield server
        http.bank().close()
        http.bank.cache_clear()


def standing() -> set[str]:
    return set(Payout.objects.values_list("status", flat=True))


def test_they_bring_an_automatic_entitlement_to_its_account(bank: Bank) -> None:
    make_entitlements(7, of=make_version(track=Track.AUTOMATIC))
    tasks.claim_automatic()
    tasks.send_due()
    tasks.apply_replies()
    assert standing() == {Status.PAID}
    assert bank.books.summary()["count"] == 7


def test_they_may_run_twice_without_harm(bank: Bank) -> None:
    make_payout()
    for _turn in range(2):
        for task in (
            tasks.claim_automatic,
            tasks.send_due,
            tasks.ask_in_doubt,
            tasks.apply_replies,
            tasks.serve_waitlist,
        ):
            task(something_added_later=True)
    assert bank.books.summary()["count"] == 1


def test_a_silent_bank_is_left_alone_until_the_next_sweep(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "ORDERS_PER_REQUEST", 1)
    bank.set_faults(Faults(drop_reply_rate=1))
    first, second = make_payout(), make_payout()
    tasks.send_due()
    assert [Payout.objects.get(pk=each.pk).status for each in (first, second)] == [Status.IN_DOUBT, Status.APPROVED]


def test_new_money_reaches_those_who_wait(bank: Bank) -> None:
    poor = make_version(granted_cny=0)
    payout = make_payout(of=poor)
    grant_more(payout.amount_cny, to=poor)
    tasks.serve_waitlist()
    assert standing() == {Status.APPROVED}


def test_a_long_turn_makes_room_and_comes_again(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(tasks, "ORDERS_PER_REQUEST", 1)
    monkeypatch.setattr(tasks, "TURN_SECONDS", -1)
    for _each in range(3):
        make_payout()
    with django_capture_on_commit_callbacks() as nudges:
        tasks.send_due()
    assert bank.books.summary()["count"] == 1
    assert any("payouts.tasks.send_due" in str(each) for each in nudges)


def test_every_task_has_a_queue_that_a_worker_takes() -> None:
    app.loader.import_default_modules()
    ours = [task for task in app.tasks if task.startswith(("companies.", "policies.", "payouts."))]
    assert {sweep["task"] for sweep in app.conf.beat_schedule.values()} <= set(ours)
    assert {app.amqp.router.route({}, task)["queue"].name for task in ours} == set(QUEUES)
