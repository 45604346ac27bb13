"""Many clicks of one moment wake the worker by a few messages, and the last click is never left out."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from threading import Thread
from typing import Any

import pytest
from celery import Celery, current_app
from django.conf import settings

from qinqing.kernel import nudges
from qinqing.kernel.nudges import PAUSE_SECONDS, nudge_from_page

pytestmark = pytest.mark.django_db

# A task without a route goes to the default queue, under the prefix of this test's database.
TASK, QUEUE = "a.task.of.nobody", current_app.conf.task_default_queue
LONGEST_WAIT_SECONDS = 60
Capturing = Callable[..., AbstractContextManager[object]]


@pytest.fixture(autouse=True)
def _emptied() -> Iterator[None]:
    # The first message of a process opens the connection, which may take longer than the tests wait.
    current_app.send_task(TASK, retry=False)
    _purge()
    yield
    _purge()


def _purge() -> None:
    with current_app.connection_for_write() as broker:
        channel: Any = broker.default_channel
        channel.queue_purge(QUEUE)


def waiting() -> int:
    """The number of messages in the queue, once no message is on its way any more."""
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while nudges._sender._is_sending:
        assert time.monotonic() < deadline
        time.sleep(PAUSE_SECONDS)
    with current_app.connection_for_write() as broker:
        channel: Any = broker.default_channel
        return int(channel._size(QUEUE))


def test_a_burst_is_a_few_messages(django_capture_on_commit_callbacks: Capturing) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for _click in range(50):
            nudge_from_page(TASK)
    assert 1 <= waiting() <= 5


def test_the_next_click_has_a_message_of_its_own(django_capture_on_commit_callbacks: Capturing) -> None:
    for clicks in (1, 2):
        with django_capture_on_commit_callbacks(execute=True):
            nudge_from_page(TASK)
        assert waiting() == clicks


def test_a_broker_that_says_nothing_keeps_nobody_waiting_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        broker = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        app = Celery("of-nobody", broker=broker, set_as_current=False)
        app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        monkeypatch.setattr(nudges, "current_app", app)
        sending = Thread(target=nudges._send, args=[TASK], daemon=True)
        sending.start()
        sending.join(LONGEST_WAIT_SECONDS)
        assert not sending.is_alive()
