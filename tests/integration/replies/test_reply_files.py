"""Reply files: the preview says what applying does, nothing happens twice, and what fits nowhere waits for a person."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal

import pytest

from payouts.batches.release import release_batch
from payouts.batches.write import write_files
from payouts.controls.reconcile import invariants
from payouts.formats.exports.layout import Kind
from payouts.formats.replies.answer import UnreadableReply
from payouts.models import Batch, Payout, Reply, ReplyFile, ReplyFileStatus, ReplyLine, Verdict
from payouts.replies.apply import apply_replies
from payouts.replies.apply_file import set_line_aside
from payouts.replies.files import (
    ReplyRefused,
    read_reply,
    read_reply_files,
    upload_reply,
    withdraw_reply_file,
)
from payouts.replies.queries import count_verdicts, find_waiting_lines
from payouts.states import Status
from tests.factories import replies as written
from tests.factories.clock import NOW
from tests.factories.decisions import apply_file, match_row, repeat_by_two
from tests.factories.payouts import change_bank, check_batch, make_bank, make_released_batch, make_sealed_batch
from tests.factories.people import make_user
from tests.factories.rows import refusal_of
from tests.integration.batches.test_batches import Shown

pytestmark = pytest.mark.django_db


def uploaded(content: bytes, *, batch: Batch | None = None, name: str = "reply.xml") -> ReplyFile:
    file, _is_known = upload_reply(
        bank=batch.bank if batch else None,
        name=name,
        content=io.BytesIO(content),
        actor=make_user("clerk"),
        now=NOW,
    )
    return read_reply(file=file) if file.status == ReplyFileStatus.UPLOADED else file


def applied(file: ReplyFile) -> int:
    # Each file is later than the one before.
    later = NOW + timedelta(minutes=Reply.objects.count())
    recorded = apply_file(file=file, now=later)
    while apply_replies(limit=100, now=later):
        pass
    return recorded


def ids(batch: Batch) -> list[str]:
    return list(batch.instructions.order_by("pk").values_list("end_to_end_id", flat=True))


def standing(batch: Batch) -> list[str]:
    return list(batch.instructions.order_by("pk").values_list("payout__status", flat=True))


def meanings(file: ReplyFile) -> list[str]:
    return list(file.lines.order_by("number").values_list("verdict", flat=True))


def test_a_status_report_settles_refuses_and_leaves_the_rest() -> None:
    batch = make_released_batch(4)
    paid, refused, pending, _silent = ids(batch)
    file = uploaded(written.status_report([(paid, "ACSC"), (refused, "RJCT"), (pending, "ACSP")], reason="closed"))
    assert meanings(file) == [Verdict.NEWS, Verdict.NEWS, Verdict.PENDING]
    assert standing(batch) == [Status.SENT] * 4
    assert applied(file) == 2
    assert standing(batch) == [Status.PAID, Status.FAILED, Status.SENT, Status.SENT]
    assert Reply.objects.get(outcome="refused").reason == "AC04 closed"


def test_the_preview_counts_what_applying_changes() -> None:
    batch = make_released_batch(3)
    first, second, _third = ids(batch)
    file = uploaded(written.status_report([(first, "ACSC"), (second, "RJCT"), ("Q9A01", "ACSC")]))
    assert [(each.verdict, each.outcome, each.count, each.total_cny) for each in count_verdicts(file=file)] == [
        (Verdict.NEWS, "paid", 1, Decimal(100)),
        (Verdict.NEWS, "refused", 1, Decimal(100)),
        (Verdict.UNKNOWN, "paid", 1, None),
    ]


def test_the_same_file_again_is_the_same_file_and_changes_nothing() -> None:
    batch = make_released_batch(1)
    content = written.status_report([(ids(batch)[0], "ACSC")])
    first = uploaded(content)
    applied(first)
    again, is_known = upload_reply(
        bank=None, name="again.xml", content=io.BytesIO(content), actor=make_user("clerk"), now=NOW
    )
    assert (again.pk, is_known) == (first.pk, True)
    with pytest.raises(ReplyRefused):
        applied(again)
    assert (Reply.objects.count(), ReplyFile.objects.count()) == (1, 1)


def test_the_same_message_id_with_other_content_is_refused() -> None:
    batch = make_released_batch(2)
    first, second = ids(batch)
    uploaded(written.status_report([(first, "ACSC")]))
    other = uploaded(written.status_report([(second, "ACSC")]))
    assert other.status == ReplyFileStatus.REFUSED
    assert not other.lines.exists()


def test_other_files_about_the_same_payments_skip_what_is_final() -> None:
    batch = make_released_batch(2)
    first, second = ids(batch)
    applied(uploaded(written.status_report([(first, "ACSC")])))
    file = uploaded(written.status_report([(first, "ACSC"), (second, "ACSC")], message_id="BANK-2"))
    assert meanings(file) == [Verdict.FINAL, Verdict.NEWS]
    assert applied(file) == 1
    assert standing(batch) == [Status.PAID, Status.PAID]


def test_a_repeated_row_is_refused_and_contradicting_rows_are_both() -> None:
    batch = make_released_batch(3)
    once, twice, torn = ids(batch)
    rows = [(once, "ACSC"), (twice, "ACSC"), (twice, "ACSC"), (torn, "ACSC"), (torn, "RJCT")]
    file = uploaded(written.status_report(rows))
    assert meanings(file) == ["news", "news", "duplicate", "ambiguous", "ambiguous"]
    applied(file)
    assert standing(batch) == [Status.PAID, Status.PAID, Status.SENT]
    assert find_waiting_lines().count() == 2


def test_a_reply_that_contradicts_is_recorded_and_moves_nothing() -> None:
    batch = make_released_batch(1)
    applied(uploaded(written.status_report([(ids(batch)[0], "ACSC")])))
    file = uploaded(written.status_report([(ids(batch)[0], "RJCT")], message_id="BANK-2"))
    assert meanings(file) == [Verdict.CONTRADICTS]
    applied(file)
    assert standing(batch) == [Status.PAID]
    assert Reply.objects.get(outcome="refused").contradicted_status


def test_a_reply_about_a_batch_that_was_not_released_waits() -> None:
    batch = make_sealed_batch(1)
    file = uploaded(written.status_report([(ids(batch)[0], "ACSC")]))
    assert meanings(file) == [Verdict.UNSENT]
    applied(file)
    assert standing(batch) == [Status.APPROVED]
    assert not Reply.objects.exists()


def test_what_was_unsent_in_the_preview_is_judged_again_when_applied() -> None:
    batch = check_batch(batch=make_sealed_batch(1), actor=make_user("checker"), now=NOW)
    file = uploaded(written.status_report([(ids(batch)[0], "ACSC")]))
    release_batch(batch=batch, actor=make_user("releaser"), now=NOW)
    applied(file)
    assert standing(batch) == [Status.PAID]


def test_a_statement_pays_by_amount_and_returns_what_came_back() -> None:
    batch = make_released_batch(3)
    paid, back, wrong = ids(batch)
    entries = [
        written.entry(paid),
        written.entry(back),
        written.entry(back, side="CRDT", returned="account closed"),
        written.entry(wrong, "99.99"),
        written.entry("NOTPROVIDED", 7, side="CRDT"),
    ]
    file = uploaded(written.statement(entries))
    assert meanings(file) == ["news", "news", "news", "wrong_amount", "unknown"]
    applied(file)
    assert standing(batch) == [Status.PAID, Status.RETURNED, Status.SENT]
    payout = Payout.objects.get(instructions__end_to_end_id=back)
    assert payout.moved_because == "AC04 account closed"
    payout.fund.refresh_from_db()
    assert (payout.fund.disbursed_cny, payout.fund.reserved_cny) == (100, 200)
    assert invariants(bank_books=Shown([])).hold


def test_a_return_that_comes_alone_was_a_payment_first() -> None:
    batch = make_released_batch(1)
    file = uploaded(written.statement([written.entry(ids(batch)[0], side="CRDT", returned="closed")]))
    assert meanings(file) == [Verdict.NEWS]
    applied(file)
    assert standing(batch) == [Status.RETURNED]
    late = uploaded(written.statement([written.entry(ids(batch)[0])], message_id="STMT-2"))
    assert meanings(late) == [Verdict.FINAL]


def test_a_payment_that_a_report_had_refused_is_news_in_the_statement() -> None:
    batch = make_released_batch(2)
    first, second = ids(batch)
    applied(uploaded(written.status_report([(first, "RJCT"), (second, "RJCT")])))
    payout = Payout.objects.get(instructions__end_to_end_id=second)
    repeat_by_two(payout=payout)
    file = uploaded(written.statement([written.entry(first), written.entry(second)]))
    assert meanings(file) == [Verdict.NEWS, Verdict.NEWS]
    applied(file)
    assert standing(batch) == [Status.PAID, Status.PAID]
    assert not Reply.objects.exclude(contradicted_status="").exists()


def test_a_return_of_what_was_never_paid_contradicts() -> None:
    batch = make_released_batch(1)
    applied(uploaded(written.status_report([(ids(batch)[0], "RJCT")])))
    file = uploaded(written.statement([written.entry(ids(batch)[0], side="CRDT", returned="closed")]))
    assert meanings(file) == [Verdict.CONTRADICTS]
    applied(file)
    assert standing(batch) == [Status.FAILED]
    assert Reply.objects.get(outcome="returned").contradicted_status


def test_a_file_that_the_bank_refuses_as_a_whole_refuses_every_line() -> None:
    batch = make_released_batch(2)
    other = make_released_batch(1)
    for each in (batch, other):
        write_files(batch=each, kind=Kind.PAIN001, now=NOW)
        write_files(batch=each, kind=Kind.WORKBOOK, now=NOW)
    file = uploaded(written.status_report([], original=batch.message_id, group="RJCT"))
    assert meanings(file) == [Verdict.NEWS] * 2
    applied(file)
    assert (standing(batch), standing(other)) == ([Status.FAILED] * 2, [Status.SENT])


def test_a_refusal_of_a_file_that_is_not_ours_waits_for_a_person() -> None:
    file = uploaded(written.status_report([], original="SOMEBODY", group="RJCT"))
    assert meanings(file) == [Verdict.UNKNOWN]


@pytest.mark.parametrize("form", ["csv", "gb18030", "xlsx"])
def test_a_banks_table_is_read_by_its_layout(form: str) -> None:
    batch = make_released_batch(2, of=make_bank(reply_template=written.template()))
    first, second = ids(batch)
    rows = [written.TITLES, (first, "100.00", "交易成功", "F1", ""), (second, "100.00", "失败", "F2", "账号不存在")]
    encoding = "gb18030" if form == "gb18030" else "utf-8"
    content = written.workbook(rows) if form == "xlsx" else written.table(rows, encoding=encoding)
    file = uploaded(content, batch=batch, name=f"reply.{form}")
    assert meanings(file) == [Verdict.NEWS] * 2
    applied(file)
    assert standing(batch) == [Status.PAID, Status.FAILED]


def test_a_refused_file_keeps_its_sentence_and_may_come_again() -> None:
    batch = make_released_batch(1)
    content = written.table([written.TITLES, (ids(batch)[0], "", "成功", "", "")])
    refused = uploaded(content)
    assert refused.status == ReplyFileStatus.REFUSED
    assert refused.refusal
    assert batch.bank is not None
    change_bank(bank=batch.bank, reply_template=written.template())
    assert meanings(uploaded(content, batch=batch)) == [Verdict.NEWS]


def test_a_file_that_breaks_off_leaves_no_row() -> None:
    content = written.status_report([(f"Q{number}A01", "ACSC") for number in range(2_000)])
    file = uploaded(content[:-2_000])
    assert (file.status, file.lines.count()) == (ReplyFileStatus.REFUSED, 0)


def test_a_file_that_is_set_aside_changes_nothing_and_may_come_again() -> None:
    batch = make_released_batch(1)
    content = written.status_report([(ids(batch)[0], "ACSC")])
    file = uploaded(content)
    withdraw_reply_file(file=file)
    with pytest.raises(ReplyRefused):
        applied(file)
    with pytest.raises(ReplyRefused):
        withdraw_reply_file(file=file)
    again = uploaded(content)
    assert again.pk != file.pk
    applied(again)
    assert standing(batch) == [Status.PAID]


@pytest.mark.parametrize("content", [b"", None])
def test_an_empty_or_huge_file_is_not_even_kept(content: bytes | None) -> None:
    class Huge(io.RawIOBase):
        left = (200 << 20) + 1

        def seek(self, offset: int, whence: int = 0) -> int:
            self.left = (200 << 20) + 1
            return 0

        def read(self, size: int = -1) -> bytes:
            size = min(size, self.left)
            self.left -= size
            return b"\0" * size

    stream = io.BytesIO(content) if content is not None else Huge()
    with pytest.raises(UnreadableReply):
        upload_reply(
            bank=None,
            name="x",
            content=stream,  # type: ignore[arg-type]
            actor=make_user("clerk"),
            now=NOW,
        )
    assert not ReplyFile.objects.exists()


@pytest.fixture
def unmatched() -> ReplyLine:
    batch = make_released_batch(1)
    entry = written.entry("NOTPROVIDED")
    applied(uploaded(written.statement([entry])))
    assert ids(batch)
    return find_waiting_lines().get()


def test_a_person_says_which_instruction_an_unmatched_line_speaks_of(unmatched: ReplyLine) -> None:
    batch = Batch.objects.get()
    with pytest.raises(ReplyRefused):
        match_row(line=unmatched, end_to_end_id="Q9A01")
    match_row(line=unmatched, end_to_end_id=f" {ids(batch)[0].lower()} ")
    apply_replies(limit=10, now=NOW)
    assert standing(batch) == [Status.PAID]
    assert not find_waiting_lines().exists()
    with pytest.raises(ReplyRefused):
        match_row(line=unmatched, end_to_end_id=ids(batch)[0])


def test_a_line_of_another_amount_is_matched_by_nobody() -> None:
    batch = make_released_batch(1)
    applied(uploaded(written.statement([written.entry("NOTPROVIDED", 99)])))
    with pytest.raises(ReplyRefused, match=r"99\.00"):
        match_row(line=find_waiting_lines().get(), end_to_end_id=ids(batch)[0])


def test_a_line_is_set_aside_for_a_reason(unmatched: ReplyLine) -> None:
    asked = {"line": unmatched, "actor": make_user("clerk"), "now": NOW}
    with pytest.raises(ReplyRefused):
        set_line_aside(because=" ", **asked)
    set_line_aside(because="a fee of the bank", **asked)
    assert not find_waiting_lines().exists()
    assert standing(Batch.objects.get()) == [Status.SENT]


@pytest.mark.parametrize(
    ("statement", "promise"),
    [
        ("UPDATE payouts_replyline SET outcome = 'refused'", "reply_line_is_decided_once"),
        ("UPDATE payouts_replyline SET amount_cny = 1", "reply_line_is_decided_once"),
        ("UPDATE payouts_replyline SET verdict = 'news'", "reply_line_is_decided_once"),
        ("UPDATE payouts_replyline SET decided_at = now()", "reply_line_is_decided_by_somebody"),
        ("UPDATE payouts_replyfile SET status = 'read'", "reply_file_is_applied_once"),
        ("UPDATE payouts_replyfile SET sha256 = ''", "reply_file_is_applied_once"),
        ("DELETE FROM payouts_replyfile", "reply_file_is_kept"),
        ("DELETE FROM payouts_replyline", "reply_line_is_kept"),
    ],
)
def test_what_a_bank_wrote_is_kept_as_it_came(unmatched: ReplyLine, statement: str, promise: str) -> None:
    assert unmatched.file.status == ReplyFileStatus.APPLIED
    assert refusal_of(statement) == promise


def test_reading_takes_up_files_one_by_one_and_those_of_a_dead_worker_later() -> None:
    upload_reply(
        bank=None,
        name="x.xml",
        content=io.BytesIO(written.status_report([])),
        actor=make_user("clerk"),
        now=NOW,
    )
    ReplyFile.objects.update(leased_until=NOW + timedelta(minutes=1))
    assert read_reply_files(clock=lambda: NOW) == 0
    assert read_reply_files(clock=lambda: NOW + timedelta(minutes=2)) == 1
    assert ReplyFile.objects.get().status == ReplyFileStatus.READ
    assert read_reply_files(clock=lambda: NOW + timedelta(minutes=2)) == 0
