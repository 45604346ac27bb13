"""The bank refuses one file as a whole: the payouts of its lines are refused, and those of no other file."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from payouts.batches.download import download_files
from payouts.batches.write import write_files
from payouts.formats.exports.layout import Content, Kind
from payouts.formats.replies.answer import Header, ReplyKind, ReplyRow
from payouts.models import BankTemplate, Batch, BatchFile, ReplyFile, ReplyFileStatus, TemplateColumn, Verdict
from payouts.replies.files import read_reply, read_reply_files, upload_reply
from payouts.states import Status
from tests.factories import replies as written
from tests.factories.clock import NOW
from tests.factories.payouts import leave_in_layout_of, make_released_batch
from tests.factories.people import make_user
from tests.integration.replies.test_reply_files import applied, meanings, standing, uploaded

pytestmark = pytest.mark.django_db


def files(batch: Batch, *, row_limit: int) -> list[BatchFile]:
    """The files of the batch, in a layout of its own with so many lines in a file."""
    template = BankTemplate.objects.create(name=f"{row_limit} lines", kind=Kind.DELIMITED, row_limit=row_limit)
    TemplateColumn.objects.create(template=template, position=0, content=Content.END_TO_END_ID)
    return write_files(batch=batch, kind=Kind.DELIMITED, template=template, now=NOW)


def taken(taken_files: list[BatchFile]) -> None:
    leave_in_layout_of(taken_files[0])
    download_files(files=taken_files, plain_because="a trial", actor=make_user("releaser"), now=NOW)


def refusal(name: str) -> bytes:
    return written.status_report([], original=name, group="RJCT")


def test_a_part_of_one_layout_is_not_a_part_of_another() -> None:
    batch = make_released_batch(4)
    ones, twos = files(batch, row_limit=1), files(batch, row_limit=2)
    assert not {each.message_id for each in ones} & {each.message_id for each in twos}
    file = uploaded(refusal(ones[0].message_id))
    assert meanings(file) == [Verdict.NEWS]
    applied(file)
    assert standing(batch) == [Status.FAILED, *[Status.SENT] * 3]


def test_a_number_that_two_layouts_give_is_the_file_that_was_taken_to_the_bank() -> None:
    batch = make_released_batch(4)
    ones, twos = files(batch, row_limit=1), files(batch, row_limit=2)
    assert ones[0].batch_number == twos[0].batch_number
    taken(ones)
    applied(uploaded(refusal(ones[0].batch_number)))
    assert standing(batch) == [Status.FAILED, *[Status.SENT] * 3]


def test_a_number_that_may_be_either_of_two_files_waits_for_a_person() -> None:
    batch = make_released_batch(4)
    ones, twos = files(batch, row_limit=1), files(batch, row_limit=2)
    taken(ones)
    taken(twos)
    file = uploaded(refusal(ones[0].batch_number))
    assert meanings(file) == [Verdict.UNKNOWN]
    applied(file)
    assert standing(batch) == [Status.SENT] * 4


def test_a_number_of_two_files_with_the_same_lines_is_both() -> None:
    batch = make_released_batch(2)
    alike = [files(batch, row_limit=limit) for limit in (5, 6)]
    for each in alike:
        taken(each)
    assert meanings(uploaded(refusal(alike[0][0].batch_number))) == [Verdict.NEWS] * 2


def test_a_refusal_that_is_said_of_the_message_and_of_its_payments_is_one() -> None:
    batch = make_released_batch(2)
    write_files(batch=batch, kind=Kind.PAIN001, now=NOW)
    file = uploaded(written.status_report([], original=batch.message_id, group="RJCT", payment="RJCT"))
    assert meanings(file) == [Verdict.NEWS] * 2


def kept(content: bytes, name: str) -> ReplyFile:
    file, _is_known = upload_reply(bank=None, name=name, content=io.BytesIO(content), actor=make_user("clerk"), now=NOW)
    return file


def test_a_file_that_the_database_does_not_take_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    file = kept(written.status_report([]), "x.xml")
    rows = iter([ReplyRow(number=10**12, end_to_end_id="Q1A01", outcome="paid")])
    monkeypatch.setattr("payouts.replies.files.read", lambda *_file, **_words: (Header(ReplyKind.PAIN002), rows))
    read_reply(file=file)
    assert (file.status, file.refusal != "", file.lines.count()) == (ReplyFileStatus.REFUSED, True, 0)


def test_a_file_that_was_tried_in_vain_waits_behind_the_others() -> None:
    tried, behind = kept(written.status_report([]), "1.xml"), kept(written.status_report([("Q1A01", "ACSC")]), "2.xml")
    ReplyFile.objects.filter(pk=tried.pk).update(leased_until=NOW - timedelta(seconds=1))
    assert read_reply_files(clock=lambda: NOW) == 1
    assert list(ReplyFile.objects.filter(status=ReplyFileStatus.UPLOADED)) == [tried]
    behind.refresh_from_db()
    assert behind.status == ReplyFileStatus.READ
    assert read_reply_files(clock=lambda: NOW) == 1
