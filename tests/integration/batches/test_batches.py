"""Sealing batches, writing their files, and proving the books against the bank's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from payouts.banks.gateway import BooksUnavailable, ExecutedPayment
from payouts.batches.download import download_files
from payouts.batches.seal import seal_sent_instructions
from payouts.batches.write import BatchBroken, write_files
from payouts.controls.reconcile import Invariants, invariants
from payouts.exceptions.manual import retry_payouts
from payouts.formats.exports.layout import Kind
from payouts.management.commands import reconcile
from payouts.models import Batch, Instruction, Payout
from payouts.replies.apply import apply_replies
from payouts.sending.send import send_due
from payouts.storage.blobs import read_blocks
from policies.models import Entitlement, Policy
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.entitlements import make_entitlement, make_entitlements, make_version
from tests.factories.payouts import make_payout
from tests.factories.people import make_user
from tests.superuser import unguarded
from tests.tellers import Teller

pytestmark = pytest.mark.django_db


@dataclass
class Shown:
    """The statement of a bank."""

    payments: Sequence[ExecutedPayment]

    def list_executed(self) -> Iterator[ExecutedPayment]:
        yield from self.payments


def paid(how_many: int, *, bank: Teller | None = None) -> Teller:
    bank = bank or Teller()
    ids = make_entitlements(how_many, of=make_version(granted_cny=10_000_000))
    claim_entitlements(entitlement_ids=ids, company=None, commitment="", actor=None, now=NOW)
    while send_due(gateway=bank, limit=500, now=NOW).count:
        pass
    while apply_replies(limit=1_000, now=NOW):
        pass
    return bank


def statement(bank: Teller) -> Shown:
    return Shown([ExecutedPayment(order.end_to_end_id, order.amount_cny, order.purpose) for order in bank.orders])


def proved(shown: Shown) -> Invariants:
    return invariants(bank_books=shown)


def without_guards(sql: str) -> None:
    """Break the books without the guards, as only the owner of the database can."""
    with unguarded(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_batches_hold_every_line_once_in_pieces_of_one_fund() -> None:
    paid(7)
    paid(2)
    batches = seal_sent_instructions(actor=make_user("clerk"), now=NOW, limit_lines=3)
    assert [(batch.line_count, batch.control_sum_cny) for batch in batches] == [(3, 300), (3, 300), (1, 100), (2, 200)]
    assert not Instruction.objects.filter(batch=None).exists()
    assert len({batch.fund_id for batch in batches}) == 2
    assert seal_sent_instructions(actor=None, now=NOW) == []


def test_what_failed_or_was_never_sent_is_not_sealed() -> None:
    make_payout()
    paid(2, bank=Teller(outcome="refused"))
    make_payout()
    assert seal_sent_instructions(actor=None, now=NOW) == []


def test_a_retry_is_sealed_by_its_new_instruction_alone() -> None:
    paid(1, bank=Teller(outcome="refused"))
    failed = Payout.objects.get()
    retry_payouts(payout_ids=[failed.pk], actor=make_user("clerk"), because="again", now=NOW)
    send_due(gateway=Teller(), limit=10, now=NOW)
    (batch,) = seal_sent_instructions(actor=None, now=NOW)
    assert [line.attempt for line in batch.instructions.all()] == [2]


@pytest.mark.parametrize("kind", Kind)
def test_a_file_is_written_once_and_read_ever_after(kind: Kind) -> None:
    paid(3)
    (batch,) = seal_sent_instructions(actor=None, now=NOW)
    (first,) = write_files(batch=batch, kind=kind, now=NOW)
    content = b"".join(read_blocks(stored=first.stored))
    assert first.stored.sha256 == hashlib.sha256(content).hexdigest()
    Policy.objects.update(title_zh="改名以后")
    (again,) = write_files(batch=batch, kind=kind, now=NOW)
    taken = download_files(files=[again], plain_because="a trial", actor=make_user("clerk"), now=NOW)
    assert (again.pk, b"".join(taken.blocks)) == (first.pk, content)


def test_a_file_holds_the_account_numbers_of_its_lines() -> None:
    paid(1)
    (batch,) = seal_sent_instructions(actor=None, now=NOW)
    (file,) = write_files(batch=batch, kind=Kind.PAIN001, now=NOW)
    assert b"<Id>6222021234567890</Id>" in b"".join(read_blocks(stored=file.stored))


def test_stored_bytes_are_encrypted() -> None:
    paid(1)
    (batch,) = seal_sent_instructions(actor=None, now=NOW)
    (file,) = write_files(batch=batch, kind=Kind.PAIN001, now=NOW)
    assert b"6222021234567890" not in bytes(file.stored.pieces.get().content_encrypted)


def test_a_batch_whose_lines_were_changed_writes_no_file() -> None:
    paid(2)
    (batch,) = seal_sent_instructions(actor=None, now=NOW)
    without_guards(
        "UPDATE payouts_instruction SET amount_cny = 999 WHERE id = (SELECT min(id) FROM payouts_instruction)"
    )
    with pytest.raises(BatchBroken):
        write_files(batch=batch, kind=Kind.PAIN001, now=NOW)


def test_the_seal_is_the_hash_of_the_lines() -> None:
    paid(3)
    (batch,) = seal_sent_instructions(actor=None, now=NOW)
    lines = "\n".join(
        f"{each.end_to_end_id}|{each.amount_cny}|{bytes(each.account.number_hash).hex()}"
        for each in batch.instructions.select_related("account").order_by("pk")
    )
    assert batch.sha256 == hashlib.sha256(lines.encode()).hexdigest()


def test_sealing_takes_a_handful_of_statements_for_any_number(
    django_assert_max_num_queries: pytest.FixtureRequest,
) -> None:
    paid(1_000)
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        assert len(seal_sent_instructions(actor=None, now=NOW, limit_lines=100)) == 10


def test_the_books_of_a_good_day_hold() -> None:
    bank = paid(5)
    seal_sent_instructions(actor=None, now=NOW)
    make_payout()
    found = proved(statement(bank))
    assert found == Invariants(
        books_balance=True, bank_agrees=True, double_payments=0, lost=0, unfinished=1, bank_payments=5
    )
    assert found.hold


def test_news_on_its_way_is_no_disagreement() -> None:
    payout = make_payout()
    bank = Teller(deaf=lambda _id: True)
    send_due(gateway=bank, limit=1, now=NOW)
    found = proved(statement(bank))
    assert (found.bank_agrees, found.unfinished) == (True, 1)
    assert payout.amount_cny == 100


def test_a_payment_that_the_bank_does_not_know_is_found() -> None:
    bank = paid(3)
    found = proved(Shown(statement(bank).payments[1:]))
    assert (found.bank_agrees, found.troubles) == (False, ("1 payouts that we call paid are not in the bank's books.",))


@pytest.mark.parametrize("payment", [ExecutedPayment("X", Decimal(5), ""), None])
def test_a_payment_that_is_not_ours_or_of_another_amount_is_found(payment: ExecutedPayment | None) -> None:
    bank = paid(2)
    first, second = statement(bank).payments
    other = payment or ExecutedPayment(second.end_to_end_id, Decimal("100.01"), "")
    rest = [second] if payment else []
    assert not proved(Shown([first, other, *rest])).bank_agrees


def test_a_payout_that_the_bank_executed_twice_is_found() -> None:
    bank = paid(1, bank=Teller(outcome="refused"))
    retry_payouts(payout_ids=[Payout.objects.get().pk], actor=make_user("clerk"), because="again", now=NOW)
    bank.outcome = "paid"
    send_due(gateway=bank, limit=1, now=NOW)
    apply_replies(limit=1, now=NOW)
    found = proved(statement(bank))
    assert (found.double_payments, found.bank_agrees) == (1, False)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE payouts_fund SET available_cny = available_cny + 1, granted_cny = granted_cny + 1",
        "DELETE FROM payouts_posting WHERE id = (SELECT max(id) FROM payouts_posting)",
        "UPDATE payouts_posting SET credit = 'available', debit = 'disbursed' WHERE credit = 'disbursed'",
        "DELETE FROM payouts_transition WHERE id = (SELECT max(id) FROM payouts_transition)",
        "UPDATE payouts_payout SET status = 'recovering'",
        "UPDATE payouts_batch SET line_count = line_count + 1",
    ],
)
def test_damage_to_the_books_is_found(damage: str) -> None:
    bank = paid(2)
    seal_sent_instructions(actor=None, now=NOW)
    without_guards(damage)
    found = proved(statement(bank))
    assert not found.books_balance
    assert found.troubles


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE payouts_payout SET status = 'reserved', paid_at = NULL",
        "UPDATE policies_entitlement SET status = 'claimed' WHERE status = 'open'",
    ],
)
def test_what_was_lost_is_found(damage: str) -> None:
    paid(1)
    make_entitlement()
    without_guards(damage)
    assert proved(Shown([])).lost == 1


class Silent:
    def list_executed(self) -> Iterator[ExecutedPayment]:
        raise BooksUnavailable("The bank does not show its books.")
        yield


@pytest.mark.parametrize("books", [Shown([]), Silent()])
def test_the_command_ends_with_an_error_when_something_is_wrong(books: object, monkeypatch: pytest.MonkeyPatch) -> None:
    paid(1)
    monkeypatch.setattr(reconcile, "invariants", lambda **_given: invariants(bank_books=books))  # type: ignore[arg-type]
    with pytest.raises(CommandError, match="books"):
        call_command("reconcile")


def test_the_command_prints_the_proofs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    bank = paid(2)
    monkeypatch.setattr(reconcile, "invariants", lambda **_given: invariants(bank_books=statement(bank)))
    call_command("reconcile")
    assert "bank agrees:     yes (2 payments)" in capsys.readouterr().out
    assert Batch.objects.count() == 0
    assert Entitlement.objects.count() == 2
