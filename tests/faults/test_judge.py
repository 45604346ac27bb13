"""The judge of the campaign notices trouble: each test does one thing that must never happen."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from payouts.banks.http import HttpBank
from payouts.models import Payout
from payouts.replies.apply import apply_replies
from payouts.sending.send import send_due
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.entitlements import make_entitlements, make_version
from tests.faults.judge import Verdict, judge_run
from tests.superuser import as_superuser, unguarded
from tests.tellers import simulated

pytestmark = pytest.mark.django_db

COUNT = 4


@dataclass
class Played:
    """Payouts that the simulated bank has paid, and ways to change its books and ours."""

    wanted: list[int]
    bank: HttpBank
    books: Path

    def judged(self) -> Verdict:
        return judge_run(self.wanted, bank=self.bank)

    def first(self) -> Payout:
        return Payout.objects.order_by("pk")[0]

    def at_the_bank(self, statement: str, *parameters: Any) -> None:
        with sqlite3.connect(self.books) as books:
            assert books.execute(statement, parameters).rowcount == 1

    def in_our_books(self, statement: str, *parameters: Any) -> None:
        """Change what no operation changes, past all guards."""
        with unguarded(), connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            assert cursor.rowcount >= 1


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Played]:
    wanted = make_entitlements(COUNT, of=make_version(granted_cny=100 * COUNT))
    claim_entitlements(entitlement_ids=wanted, company=None, commitment="", actor=None, now=NOW)
    with simulated(tmp_path, clock=lambda: NOW) as (_simulator, bank):
        send_due(gateway=bank, limit=COUNT, now=NOW)
        apply_replies(limit=COUNT, now=NOW)
        yield Played(wanted, bank, tmp_path / "bank.sqlite3")


def test_what_went_well_is_clean(played: Played) -> None:
    verdict = played.judged()
    assert verdict.is_clean, verdict.troubles
    assert (verdict.payouts, verdict.paid) == (COUNT, COUNT)


def book_again(played: Played) -> None:
    """The bank executes one payment a second time, under another id."""
    played.at_the_bank(
        "INSERT INTO payment (end_to_end_id, content_hash, amount_fen, payee_account, purpose, outcome, reason,"
        " decided_at) SELECT 'AGAIN', content_hash, amount_fen, payee_account, purpose, outcome, reason, decided_at"
        " FROM payment ORDER BY number LIMIT 1"
    )


def lose_the_payout(played: Played) -> None:
    """Delete a payout and every trace of it."""
    payout = played.first()
    for table in ("posting", "transition"):
        played.in_our_books(f"DELETE FROM payouts_{table} WHERE payout_id = %s", payout.pk)
    attempts = "SELECT id FROM payouts_instruction WHERE payout_id = %s"
    played.in_our_books(f"DELETE FROM payouts_reply WHERE instruction_id IN ({attempts})", payout.pk)
    played.in_our_books("DELETE FROM payouts_instruction WHERE payout_id = %s", payout.pk)
    played.in_our_books("DELETE FROM payouts_payout WHERE id = %s", payout.pk)


def stop_on_the_way(played: Played) -> None:
    """Put a payout back into a status in which nobody looks after it."""
    payout = played.first()
    played.in_our_books("UPDATE payouts_payout SET status = 'reserved', paid_at = NULL WHERE id = %s", payout.pk)


def claim_twice(played: Played) -> None:
    """Give an entitlement a second payout; for this the database's promise is dropped."""
    with as_superuser() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("DROP INDEX payout_once_per_entitlement")
    columns = "claim_id, policy_id, fund_id, company_id, account_id, district, amount_cny, status, sequence, moved_at,"
    columns += " moved_as, moved_because, claimed_at, paid_at, entitlement_id"
    played.in_our_books(
        f"INSERT INTO payouts_payout ({columns}) SELECT {columns} FROM payouts_payout WHERE id = %s",
        played.first().pk,
    )


def post_wrongly(played: Played) -> None:
    """Give a posting another amount than its payout."""
    played.in_our_books(
        "UPDATE payouts_posting SET amount_cny = amount_cny + 0.01"
        " WHERE payout_id = %s AND (debit, credit) = ('reserved', 'disbursed')",
        played.first().pk,
    )


def pay_less_at_the_bank(played: Played) -> None:
    """The bank executes a fen less."""
    played.at_the_bank("UPDATE payment SET amount_fen = amount_fen - 1 WHERE number = 1")


def forget_at_the_bank(played: Played) -> None:
    """The bank has not executed a payment that we call paid."""
    played.at_the_bank("DELETE FROM payment WHERE number = 1")


def pay_strangers(played: Played) -> None:
    """The bank pays somebody whom we have not named."""
    played.at_the_bank(
        "INSERT INTO payment (end_to_end_id, content_hash, amount_fen, payee_account, purpose, outcome, reason,"
        " decided_at) VALUES ('STRANGER', '', 1, '', 'T-1 0', 'paid', '', '')"
    )


def change_a_balance(played: Played) -> None:
    """A fund has one fen more granted and disbursed."""
    played.in_our_books(
        "UPDATE payouts_fund SET granted_cny = granted_cny + 0.01, disbursed_cny = disbursed_cny + 0.01"
    )


@pytest.mark.parametrize(
    ("mutate", "count"),
    [
        (book_again, "double_payments"),
        (claim_twice, "double_payments"),
        (lose_the_payout, "lost"),
        (stop_on_the_way, "lost"),
        (post_wrongly, "imbalances"),
        (pay_less_at_the_bank, "imbalances"),
        (forget_at_the_bank, "imbalances"),
        (pay_strangers, "imbalances"),
        (change_a_balance, "imbalances"),
    ],
    ids=lambda given: getattr(given, "__name__", given),
)
def test_the_judge_sees_trouble(mutate: Callable[[Played], None], count: str, played: Played) -> None:
    mutate(played)
    verdict = played.judged()
    assert getattr(verdict, count) >= 1
    assert not verdict.is_clean
    assert verdict.troubles


def test_an_entitlement_that_was_never_claimed_is_lost(played: Played) -> None:
    played.wanted += make_entitlements(1, of=make_version())
    verdict = played.judged()
    assert (verdict.lost, verdict.is_clean) == (1, False)
