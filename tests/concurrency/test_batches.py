"""Races at the finance desk: makers, releasers, a seal against a cancellation, one file brought by several clerks."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from payouts.batch_states import BatchStatus
from payouts.batches.assemble import NotAsDeclared, open_batch, seal_batch
from payouts.batches.release import reject_batch, release_batch
from payouts.batches.transition import BatchRefused
from payouts.batches.write import write_files
from payouts.exceptions.manual import cancel_payouts
from payouts.formats.exports.layout import Kind
from payouts.ledger.move import IllegalMove
from payouts.models import Batch, BatchFile, Instruction, Payout, Reply, ReplyFile
from payouts.replies.apply import apply_replies
from payouts.replies.apply_file import propose_application
from payouts.replies.files import read_reply, upload_reply
from payouts.sending.send import send_due
from payouts.states import Role, Status
from qinqing.proposals.decide import confirm
from tests.concurrency.racing import together
from tests.factories import replies as written
from tests.factories.clock import NOW
from tests.factories.payouts import (
    check_batch,
    choose_bank,
    make_file_fund,
    make_open_batch,
    make_released_batch,
    make_sealed_batch,
)
from tests.factories.people import make_user
from tests.tellers import Teller

pytestmark = pytest.mark.django_db(transaction=True)


def kinds(outcomes: list[Any]) -> list[str]:
    return sorted(type(each).__name__ for each in outcomes)


def seal(batch: Batch, count: int) -> Callable[[], Any]:
    declared = {"declared_count": count, "declared_sum_cny": Decimal(count * 100)}
    return lambda: seal_batch(batch=batch, **declared, actor=make_user("maker"), now=NOW)


def test_four_makers_open_one_batch() -> None:
    fund, maker = make_file_fund(2), make_user("maker")
    opened = together([lambda: open_batch(fund=fund, actor=maker, now=NOW)] * 4)
    assert len({each.pk for each in opened}) == 1
    assert Batch.objects.count() == 1


def test_four_makers_seal_a_batch_once() -> None:
    batch = make_open_batch(5)
    make_user("maker")
    assert kinds(together([seal(batch, 5)] * 4)) == ["Batch", "BatchRefused", "BatchRefused", "BatchRefused"]
    assert Instruction.objects.count() == 5


def test_a_batch_is_released_once() -> None:
    batch = check_batch(batch=make_sealed_batch(5), actor=make_user("checker"), now=NOW)
    people = [make_user(f"releaser{number}") for number in range(4)]
    outcomes = together([lambda person=person: release_batch(batch=batch, actor=person, now=NOW) for person in people])
    assert kinds(outcomes) == ["Batch", "BatchRefused", "BatchRefused", "BatchRefused"]
    assert set(Payout.objects.values_list("status", "sequence")) == {(Status.SENT, 3)}


def test_a_batch_is_not_approved_and_rejected() -> None:
    batch = make_sealed_batch(1)
    checkers = [make_user(f"checker{number}") for number in range(4)]
    steps: list[Callable[[], Any]] = []
    for person in checkers:
        steps.append(lambda person=person: check_batch(batch=batch, actor=person, now=NOW))
        steps.append(lambda person=person: reject_batch(batch=batch, because="a trial", actor=person, now=NOW))
    together(steps)
    batch.refresh_from_db()
    # An approved batch may still be rejected; a rejected batch may not be approved.
    assert batch.status in (BatchStatus.REJECTED, BatchStatus.APPROVED)
    assert batch.status == BatchStatus.REJECTED or batch.rejected_by is None


def test_a_payout_is_sealed_or_cancelled_and_never_both() -> None:
    batch = make_open_batch(4)
    payout = Payout.objects.filter(fund=batch.fund).order_by("pk")[1]
    clerk, _maker = make_user("clerk"), make_user("maker")
    asked = {"payout_ids": [payout.pk], "role": Role.FINANCE, "actor": clerk, "because": "a race", "now": NOW}
    sealed, cancelled = together([seal(batch, 4), lambda: cancel_payouts(**asked)])
    payout.refresh_from_db()
    if isinstance(cancelled, IllegalMove):
        assert (payout.status, sealed.line_count) == (Status.APPROVED, 4)
    else:
        assert payout.status == Status.CANCELLED
        assert isinstance(sealed, NotAsDeclared)
        assert not Instruction.objects.exists()


def test_sealing_and_sending_over_the_interface_take_no_payout_twice() -> None:
    batch = make_open_batch(5)
    bank = Teller()
    make_user("maker")
    together([seal(batch, 5), *[lambda: send_due(gateway=bank, limit=10, now=NOW)] * 3])
    assert bank.orders == []
    assert Instruction.objects.count() == 5


def test_a_file_is_written_once_by_however_many_ask() -> None:
    batch = make_released_batch(20)
    written_files = together([lambda: write_files(batch=batch, kind=Kind.PAIN001, now=NOW)] * 4)
    assert len({files[0].pk for files in written_files}) == 1
    assert BatchFile.objects.count() == 1


def test_one_file_brought_and_applied_by_several_counts_once() -> None:
    batch = make_released_batch(5)
    rows = [(each, "ACSC") for each in batch.instructions.values_list("end_to_end_id", flat=True)]
    content, clerk = written.status_report(rows), make_user("clerk")

    def bring() -> ReplyFile:
        return upload_reply(bank=None, name="x.xml", content=io.BytesIO(content), actor=clerk, now=NOW)[0]

    brought = together([bring] * 4)
    assert len({file.pk for file in brought}) == 1
    file = read_reply(file=ReplyFile.objects.get())
    proposal = propose_application(file=file, because="the day's file", actor=make_user("proposer"), now=NOW)
    other = make_user("confirmer")
    outcomes = together([lambda: confirm(proposal_id=proposal.pk, actor=other, now=NOW)] * 4)
    assert kinds(outcomes) == ["AlreadyDecided"] * 3 + ["Proposal"]
    together([lambda: apply_replies(limit=10, now=NOW)] * 4)
    while apply_replies(limit=10, now=NOW):
        pass
    assert (Reply.objects.count(), Payout.objects.filter(status=Status.PAID).count()) == (5, 5)


def test_a_fund_changes_its_bank_or_has_a_batch_and_never_both() -> None:
    fund, maker = make_file_fund(1), make_user("maker")
    outcomes = together(
        [
            lambda: open_batch(fund=fund, actor=maker, now=NOW),
            lambda: choose_bank(fund=fund, bank=None),
        ]
    )
    refusals = [each for each in outcomes if isinstance(each, BatchRefused)]
    assert len(refusals) == 1
