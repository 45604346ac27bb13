"""A batch of files from its opening to its end: what each step does, and which people may take it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from django.db import connection, transaction

from payouts.banks.gateway import Answer
from payouts.batch_states import BATCH_MOVES, BatchStatus, Channel
from payouts.batches.assemble import (
    BatchUnderWay,
    NotAsDeclared,
    NothingToCollect,
    discard_batch,
    extend_batch,
    open_batch,
    seal_batch,
)
from payouts.batches.download import download_files
from payouts.batches.queries import find_waiting_funds, sum_lines
from payouts.batches.release import close_batch, reconcile_batches, reject_batch, release_batch
from payouts.batches.transition import BatchRefused, DutyConflict
from payouts.batches.write import write_files
from payouts.exceptions.manual import cancel_payouts
from payouts.formats.exports.layout import Kind
from payouts.ledger.move import IllegalMove, move
from payouts.models import Batch, Download, Fund, Instruction, Payout
from payouts.replies.apply import apply_replies, record_answers
from payouts.sending.send import ask_in_doubt, send_due
from payouts.states import Role, Status
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.entitlements import make_entitlement
from tests.factories.payouts import (
    change_bank,
    check_batch,
    choose_bank,
    make_file_fund,
    make_open_batch,
    make_payout,
    make_released_batch,
    make_sealed_batch,
)
from tests.factories.people import make_user
from tests.factories.rows import refusal_of
from tests.tellers import Teller

pytestmark = pytest.mark.django_db

PEOPLE = ("maker", "checker", "releaser")


def statuses() -> set[str]:
    return set(Payout.objects.values_list("status", flat=True))


def seal(batch: Batch, count: int, total: int | str) -> Batch:
    return seal_batch(
        batch=batch,
        declared_count=count,
        declared_sum_cny=Decimal(total),
        actor=make_user("maker"),
        now=NOW,
    )


def test_a_fund_paid_by_files_is_left_alone_by_the_interface() -> None:
    make_file_fund(2)
    other = make_payout()
    bank = Teller()
    assert send_due(gateway=bank, limit=10, now=NOW).count == 1
    assert [order.purpose.split()[1] for order in bank.orders] == [str(other.pk)]


def test_an_open_batch_collects_without_touching_anything() -> None:
    batch = make_open_batch(3)
    assert (batch.status, batch.line_count) == (BatchStatus.OPEN, None)
    assert (sum_lines(batch=batch).count, sum_lines(batch=batch).total_cny) == (3, 300)
    assert not Instruction.objects.exists()
    assert statuses() == {Status.APPROVED}
    assert open_batch(fund=batch.fund, actor=make_user("other"), now=NOW).pk == batch.pk


def test_what_is_approved_later_joins_only_when_asked() -> None:
    batch = make_open_batch(1)
    late = NOW + timedelta(hours=1)
    right = make_entitlement(of=batch.fund.version)
    claim_entitlements(
        entitlement_ids=[right.pk], company=right.company, commitment="", actor=make_user("owner"), now=late
    )
    assert sum_lines(batch=batch).count == 1
    extend_batch(batch=batch, now=late)
    assert sum_lines(batch=batch).count == 2


def test_an_open_batch_whose_lines_were_cancelled_collects_what_was_approved_since() -> None:
    batch = make_open_batch(1)
    late = NOW + timedelta(hours=1)
    asked = {"actor": make_user("finance"), "now": late, "role": Role.FINANCE, "because": "x"}
    cancel_payouts(payout_ids=[Payout.objects.get().pk], **asked)
    right = make_entitlement(of=batch.fund.version)
    claim_entitlements(
        entitlement_ids=[right.pk], company=right.company, commitment="", actor=make_user("owner"), now=late
    )
    again = open_batch(fund=batch.fund, actor=make_user("maker"), now=late)
    assert (again.pk, sum_lines(batch=again).count) == (batch.pk, 1)


def test_nothing_is_opened_for_nothing() -> None:
    batch = make_sealed_batch(1)
    with pytest.raises(NothingToCollect):
        open_batch(fund=batch.fund, actor=make_user("owner"), now=NOW)
    with pytest.raises(NothingToCollect):
        open_batch(fund=make_payout().fund, actor=make_user("owner"), now=NOW)
    assert Batch.objects.count() == 1


@pytest.mark.parametrize(("count", "total"), [(1, 200), (2, 100), (3, 300), (2, "200.01")])
def test_a_batch_is_sealed_as_declared_or_not_at_all(count: int, total: int | str) -> None:
    batch = make_open_batch(2)
    with pytest.raises(NotAsDeclared, match=r"2.*200\.00"):
        seal(batch, count, total)
    assert not Instruction.objects.exists()
    batch.refresh_from_db()
    assert batch.status == BatchStatus.OPEN


def test_sealing_stores_the_instructions_and_sends_nothing() -> None:
    batch = make_sealed_batch(2)
    assert (batch.line_count, batch.control_sum_cny, batch.sealed_by) == (2, 200, make_user("maker"))
    assert batch.instructions.count() == 2
    assert statuses() == {Status.APPROVED}
    assert send_due(gateway=Teller(), limit=10, now=NOW).count == 0


def test_releasing_sends_and_only_then_gives_the_files_away() -> None:
    batch = check_batch(batch=make_sealed_batch(2), actor=make_user("checker"), now=NOW)
    (file,) = write_files(batch=batch, kind=Kind.PAIN001, now=NOW)
    with pytest.raises(BatchRefused):
        download_files(files=[file], plain_because="a trial", actor=make_user("releaser"), now=NOW)
    assert not Download.objects.exists()
    release_batch(batch=batch, actor=make_user("releaser"), now=NOW)
    assert statuses() == {Status.SENT}
    download_files(files=[file], plain_because="a trial", actor=make_user("releaser"), now=NOW)
    assert Download.objects.get().downloaded_by == make_user("releaser")


def test_nobody_asks_over_the_interface_about_what_went_in_a_file() -> None:
    make_released_batch(2)
    bank = Teller()
    later = NOW + timedelta(days=400)
    assert ask_in_doubt(gateway=bank, limit=10, now=later) == 0
    Payout.objects.update(leased_until=None)
    assert ask_in_doubt(gateway=bank, limit=10, now=later) == 0


def test_a_file_is_written_only_of_what_was_approved() -> None:
    with pytest.raises(BatchRefused):
        write_files(batch=make_sealed_batch(1), kind=Kind.PAIN001, now=NOW)


def test_a_payout_of_a_sealed_batch_is_not_cancelled() -> None:
    payout = Payout.objects.get(fund=make_sealed_batch(1).fund)
    asked = {"role": Role.FINANCE, "actor": make_user("clerk"), "because": "a trial", "now": NOW}
    with pytest.raises(IllegalMove, match=r"批次|batch"):
        cancel_payouts(payout_ids=[payout.pk], **asked)
    reject_batch(batch=Batch.objects.get(), because="a wrong account", actor=make_user("checker"), now=NOW)
    cancel_payouts(payout_ids=[payout.pk], **asked)
    assert statuses() == {Status.CANCELLED}


def test_a_rejected_batch_is_collected_again_under_new_instructions() -> None:
    first = make_sealed_batch(2)
    reject_batch(batch=first, because="a wrong account", actor=make_user("checker"), now=NOW)
    batch = open_batch(fund=first.fund, actor=make_user("maker"), now=NOW)
    second = seal(batch, 2, 200)
    assert set(second.instructions.values_list("attempt", flat=True)) == {2}
    assert Instruction.objects.count() == 4
    check_batch(batch=second, actor=make_user("checker"), now=NOW)
    release_batch(batch=second, actor=make_user("releaser"), now=NOW)
    assert statuses() == {Status.SENT}


def test_an_open_batch_that_is_discarded_leaves_its_payouts_waiting() -> None:
    batch = make_open_batch(2)
    with pytest.raises(BatchRefused):
        discard_batch(batch=batch, because=" ", actor=make_user("maker"), now=NOW)
    discard_batch(batch=batch, because="a mistake", actor=make_user("maker"), now=NOW)
    assert sum_lines(batch=batch).count == 0
    (waiting,) = find_waiting_funds(user=make_user("clerk"))
    assert (waiting.count, waiting.total_cny, waiting.open_batch) == (2, 200, None)


def test_a_fund_with_a_batch_on_its_way_keeps_its_bank() -> None:
    batch = make_open_batch(1)
    with pytest.raises(BatchUnderWay):
        choose_bank(fund=Fund.objects.get(pk=batch.fund_id), bank=None)
    bank = batch.bank
    assert bank is not None
    with pytest.raises(BatchUnderWay):
        change_bank(bank=bank, channel=Channel.HTTP)
    discard_batch(batch=batch, because="it goes over the interface", actor=make_user("owner"), now=NOW)
    choose_bank(fund=Fund.objects.get(pk=batch.fund_id), bank=None)
    assert send_due(gateway=Teller(), limit=10, now=NOW).count == 1


@dataclass
class Cast:
    """The person who takes each step."""

    maker: str
    checker: str
    releaser: str
    closer: str

    @property
    def is_allowed(self) -> bool:
        return len({self.maker, self.checker, self.releaser}) == 3 and self.closer != self.releaser


@pytest.mark.parametrize("names", list(product("abc", "abc", "abcd", "abcd")), ids="".join)
def test_duties_are_separate_for_every_combination_of_people(names: tuple[str, ...]) -> None:
    cast = Cast(*names)
    batch = open_batch(fund=make_file_fund(1), actor=make_user(cast.maker), now=NOW)
    steps: list[Callable[[], Any]] = [
        lambda: seal_batch(
            batch=batch,
            declared_count=1,
            declared_sum_cny=Decimal(100),
            actor=make_user(cast.maker),
            now=NOW,
        ),
        lambda: check_batch(batch=batch, actor=make_user(cast.checker), now=NOW),
        lambda: release_batch(batch=batch, actor=make_user(cast.releaser), now=NOW),
        lambda: answered_in_full(batch),
        lambda: close_batch(batch=batch, actor=make_user(cast.closer), now=NOW),
    ]
    try:
        for step in steps:
            step()
    except DutyConflict:
        assert not cast.is_allowed
        return
    assert cast.is_allowed
    batch.refresh_from_db()
    assert batch.status == BatchStatus.CLOSED


def answered_in_full(batch: Batch) -> None:
    ids = batch.instructions.values_list("end_to_end_id", flat=True)
    record_answers(answers=[Answer(each, "paid", NOW) for each in ids], now=NOW)
    apply_replies(limit=100, now=NOW)
    assert reconcile_batches(now=NOW) == 1


STEP = "UPDATE payouts_batch SET status = %s, approved_by_id = %s, approved_at = now() WHERE id = %s"


def test_the_database_itself_keeps_the_duties_apart() -> None:
    batch = make_sealed_batch(1)
    assert refusal_of(STEP, "approved", make_user("maker").pk, batch.pk) == "batch_checker_is_not_its_maker"
    check_batch(batch=batch, actor=make_user("checker"), now=NOW)
    release = STEP.replace("approved_by_id", "released_by_id").replace("approved_at", "released_at")
    release = release.replace("SET", "SET layout_kind = 'delimited',")
    promise = "batch_releaser_is_neither_maker_nor_checker"
    # The payouts are sent first, because the database would otherwise refuse for that reason.
    with transaction.atomic():
        moved = [payout.pk for payout in Payout.objects.all()]
        move(
            payouts=moved,
            before=Status.APPROVED,
            after=Status.SENT,
            role=Role.SYSTEM,
            actor=None,
            because="",
            now=NOW,
        )
        for person in ("maker", "checker"):
            assert refusal_of(release, "exported", make_user(person).pk, batch.pk) == promise


STANDING: dict[BatchStatus, Callable[[int], Batch]] = {
    BatchStatus.OPEN: make_open_batch,
    BatchStatus.SEALED: make_sealed_batch,
    BatchStatus.EXPORTED: make_released_batch,
}
NO_MOVES = [pair for pair in product(STANDING, BatchStatus) if pair[0] != pair[1] and pair not in BATCH_MOVES]


@pytest.mark.parametrize(("before", "after"), NO_MOVES)
def test_a_batch_moves_by_the_table_alone(before: BatchStatus, after: BatchStatus) -> None:
    batch = STANDING[before](1)
    statement = "UPDATE payouts_batch SET status = %s WHERE id = %s"
    assert refusal_of(statement, after, batch.pk) == "batch_moves_by_the_table"


@pytest.mark.parametrize(
    "change",
    [
        *("line_count = 9", "control_sum_cny = 9", "sha256 = ''", "fund_id = fund_id + 1", "message_id = 'x'"),
        *(
            "declared_count = 9",
            "sealed_by_id = NULL",
            "channel = 'http'",
            "collects_until = now()",
            "payer_account = '1'",
        ),
    ],
)
def test_a_sealed_batch_never_changes(change: str) -> None:
    make_sealed_batch(1)
    assert refusal_of(f"UPDATE payouts_batch SET {change}") == "batch_is_kept"


def test_count_and_sum_are_those_of_the_instructions() -> None:
    make_open_batch(1)
    statement = (
        "UPDATE payouts_batch SET status = 'sealed', line_count = 1, control_sum_cny = 100, declared_count = 1,"
        " declared_sum_cny = 100, sha256 = 'x', sealed_at = now(), sealed_by_id = opened_by_id"
    )
    assert refusal_of(statement) == "batch_is_sealed_as_counted"


def test_the_database_refuses_another_sum_than_declared() -> None:
    batch = make_open_batch(1)
    payout = Payout.objects.get(fund=batch.fund)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payouts_instruction (payout_id, attempt, end_to_end_id, fund_id, account_id, amount_cny,"
            " stored_at, valid_until, batch_id)"
            " SELECT id, 1, 'X', fund_id, account_id, amount_cny, now(), now(), %s FROM payouts_payout WHERE id = %s",
            [batch.pk, payout.pk],
        )
    statement = (
        "UPDATE payouts_batch SET status = 'sealed', line_count = 1, control_sum_cny = 100, declared_count = 1,"
        " declared_sum_cny = 101, sha256 = 'x', sealed_at = now(), sealed_by_id = opened_by_id"
    )
    assert refusal_of(statement) == "batch_is_sealed_as_declared"


def test_a_batch_is_not_released_while_a_payout_is_not_sent() -> None:
    batch = check_batch(batch=make_sealed_batch(1), actor=make_user("checker"), now=NOW)
    statement = "UPDATE payouts_batch SET status = 'exported', released_by_id = %s, released_at = now() WHERE id = %s"
    assert refusal_of(statement, make_user("releaser").pk, batch.pk) == "batch_is_released_as_sent"


def test_a_payout_paid_by_files_is_sent_by_its_checked_batch_alone() -> None:
    batch = make_sealed_batch(1)
    statement = "UPDATE payouts_payout SET status = 'sent', sequence = sequence + 1, moved_as = 'system'"
    assert refusal_of(statement) == "payout_is_sent_by_an_instruction"
    check_batch(batch=batch, actor=make_user("checker"), now=NOW)
    release_batch(batch=batch, actor=make_user("releaser"), now=NOW)
    assert statuses() == {Status.SENT}


@pytest.mark.parametrize(
    ("table", "promise"),
    [
        ("payouts_batch", "batch_is_kept"),
        ("payouts_download", "download_is_kept"),
        ("payouts_storedfile", "stored_file_is_kept"),
        ("payouts_storedpiece", "stored_piece_is_kept"),
    ],
)
def test_nothing_of_a_batch_is_forgotten(table: str, promise: str) -> None:
    batch = make_released_batch(1)
    files = write_files(batch=batch, kind=Kind.PAIN001, now=NOW)
    download_files(files=files, plain_because="a trial", actor=make_user("releaser"), now=NOW)
    assert refusal_of(f"DELETE FROM {table}") == promise


def test_a_batch_is_reconciled_when_every_line_is_answered_and_closed_by_another() -> None:
    batch = make_released_batch(2)
    assert reconcile_batches(now=NOW) == 0
    answered_in_full(batch)
    batch.refresh_from_db()
    assert batch.status == BatchStatus.RECONCILED
    with pytest.raises(DutyConflict):
        close_batch(batch=batch, actor=make_user("releaser"), now=NOW)
    close_batch(batch=batch, actor=make_user("maker"), now=NOW)
    batch.refresh_from_db()
    assert batch.status == BatchStatus.CLOSED
