"""Several workers want to read one reply file: one reads it, and a worker that died holds nothing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier, Event, Thread

import pytest
from django.db import connection

from payouts.formats.replies.answer import Header, ReplyRow
from payouts.models import Reply, ReplyFile, ReplyFileStatus
from payouts.replies import files as importing
from payouts.replies.apply_file import propose_application
from payouts.replies.files import read_reply, read_reply_files, upload_reply
from qinqing.proposals.decide import AlreadyDecided, confirm
from tests.concurrency.racing import together, wait_until_found
from tests.factories import replies as written
from tests.factories.clock import NOW
from tests.factories.payouts import make_released_batch
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)

SOON = NOW + timedelta(seconds=11)
# The server learns a moment later that a connection has ended, and only then releases the locks of that connection.
NOTHING_IS_HELD = """
    SELECT 1 WHERE NOT EXISTS (
        SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE l.locktype = 'advisory' AND d.datname = current_database()
    )
"""


def uploaded(rows: list[tuple[str, str]]) -> ReplyFile:
    content = io.BytesIO(written.status_report(rows))
    return upload_reply(bank=None, name="x.xml", content=content, actor=make_user("clerk"), now=NOW)[0]


def test_the_same_bytes_at_the_same_moment_are_one_file() -> None:
    make_user("clerk")
    files = together([lambda: uploaded([("Q1A01", "ACSC")])] * 6)
    assert len({file.pk for file in files}) == 1
    assert ReplyFile.objects.count() == 1


def test_a_file_is_read_by_one_and_applied_by_one() -> None:
    batch = make_released_batch(3)
    ids = list(batch.instructions.values_list("end_to_end_id", flat=True))
    file = uploaded([(each, "ACSC") for each in ids])
    together([lambda: read_reply(file=ReplyFile.objects.get(pk=file.pk))] * 4)
    assert file.lines.count() == 3
    file.refresh_from_db()
    proposal = propose_application(file=file, because="the day's file", actor=make_user("proposer"), now=NOW)
    other = make_user("confirmer")
    said = together([lambda: confirm(proposal_id=proposal.pk, actor=other, now=NOW)] * 6)
    assert sum(isinstance(each, AlreadyDecided) for each in said) == 5
    assert Reply.objects.count() == 3


def test_who_reads_holds_the_file_as_long_as_he_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    file = uploaded([("Q1A01", "ACSC")])
    is_reading, may_die = Barrier(2), Event()

    def slowly(*_content: object, **_words: object) -> tuple[Header, Iterator[ReplyRow]]:
        is_reading.wait()
        may_die.wait()
        # A killed process does the same: its connection ends, and the server releases the locks of that connection.
        connection.close()
        raise EOFError

    with monkeypatch.context() as patch:
        patch.setattr(importing, "read", slowly)
        slow = Thread(target=together, args=[[lambda: read_reply_files(clock=lambda: NOW)]])
        slow.start()
        is_reading.wait()
    # The lease of the first worker is over by then, but the worker lives, and so keeps the file.
    read_reply_files(clock=lambda: SOON)
    file.refresh_from_db()
    assert file.status == ReplyFileStatus.UPLOADED
    may_die.set()
    slow.join()
    wait_until_found(NOTHING_IS_HELD)
    read_reply_files(clock=lambda: SOON + timedelta(seconds=11))
    file.refresh_from_db()
    assert (file.status, file.lines.count()) == (ReplyFileStatus.READ, 1)
