"""The interface of a bank, independent of the protocol that it speaks."""

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

    The bank executes an `end_to_end_id` at most once, and not after `valid_until`. `purpose` names the payout, so that
    the bank's own books can show that no payout was paid twice.
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
    """The bank's answer about one order; `as_of` is the time by the bank's own clock."""

    end_to_end_id: str
    outcome: OutcomeWord
    as_of: datetime
    bank_reference: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BankResponse:
    """The bank's answers, and in `silence` the reason why other orders have none; silence never means “not paid”."""

    answers: tuple[Answer, ...] = ()
    silence: str = ""


@dataclass(frozen=True, slots=True)
class ReturnPage:
    """A page of payments that the payees' banks returned, days later; the next page begins after `next_after`."""

    answers: tuple[Answer, ...] = ()
    next_after: int = 0


@dataclass(frozen=True, slots=True)
class ExecutedPayment:
    """One payment in the bank's own books, which drop a payment when it is returned."""

    end_to_end_id: str
    amount_cny: Decimal
    purpose: str


class Gateway(Protocol):
    """One bank. Its methods raise nothing when the connection fails; they report it as `silence`."""

    def pay(self, orders: Sequence[PaymentOrder]) -> BankResponse:
        """Have the orders executed; each is then answered or in doubt."""

    def ask(self, end_to_end_ids: Sequence[str]) -> BankResponse:
        """Ask for the outcomes of orders, without any effect."""


class ReturningBank(Protocol):
    """A bank that lists the payments that came back."""

    def list_returns(self, *, after: int, limit: int) -> ReturnPage:
        """The returns after a position in the bank's list, in its order; none if the bank is silent."""


class BankBooks(Protocol):
    """The bank's statement of what it executed."""

    def list_executed(self) -> Iterator[ExecutedPayment]:
        """
        All payments that the bank executed, once each.

        Raises:
            BooksUnavailable: the bank does not show its books now.
        """


class BooksUnavailable(Exception):
    """The bank does not show its books now; nothing can be said about them."""
