"""What the platform asks of a bank, whatever the bank's way of speaking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

# The words of `payouts.models.Outcome`.
OutcomeWord = Literal["paid", "refused", "unknown", "returned"]


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """
    One instruction as the bank gets it.

    The bank executes an `end_to_end_id` at most once, and not after `valid_until`. `purpose` names the payout,
    so that the bank's own books can show that nobody was paid twice for one thing.
    """

    end_to_end_id: str
    amount_cny: Decimal
    payee_name: str
    payee_account: str
    bank_number: str
    purpose: str
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bank said about one order; `as_of` is the bank's own clock."""

    end_to_end_id: str
    outcome: OutcomeWord
    as_of: datetime
    bank_reference: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BankResponse:
    """Answers, and why there are none for the other orders; silence never means that nothing was paid."""

    answers: tuple[Answer, ...] = ()
    silence: str = ""


@dataclass(frozen=True, slots=True)
class ReturnPage:
    """Payments that came back from the payees' banks, days after they were made; `next_after` is where to go on."""

    answers: tuple[Answer, ...] = ()
    next_after: int = 0


@dataclass(frozen=True, slots=True)
class ExecutedPayment:
    """One payment in the bank's own books; what came back stands there no more."""

    end_to_end_id: str
    amount_cny: Decimal
    purpose: str


class Gateway(Protocol):
    """One bank. No method raises for what happens on the way to it: that is what silence is for."""

    def pay(self, orders: Sequence[PaymentOrder]) -> BankResponse:
        """Have the orders executed; each is either answered or in doubt."""

    def ask(self, end_to_end_ids: Sequence[str]) -> BankResponse:
        """Ask what became of orders, without any effect."""


class ReturningBank(Protocol):
    """A bank that tells which payments came back."""

    def list_returns(self, *, after: int, limit: int) -> ReturnPage:
        """The returns behind a place of the bank's list, in its order; none when the bank is silent."""


class BankBooks(Protocol):
    """The bank's statement of what it executed."""

    def list_executed(self) -> Iterator[ExecutedPayment]:
        """
        Every payment it executed, once each.

        Raises:
            BooksUnavailable: the bank does not show its books now.
        """


class BooksUnavailable(Exception):
    """The bank does not show its books now; nothing can be said about them."""
