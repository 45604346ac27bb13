"""Banks for tests: one that gives a fixed answer, and the simulator behind a real connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Thread

from payouts.banks.gateway import Answer, BankResponse, OutcomeWord, PaymentOrder
from payouts.banks.http import HttpBank
from qinqing.bank_simulator.books import Books
from qinqing.bank_simulator.faults import Faults
from qinqing.bank_simulator.server import Bank
from tests.factories.clock import NOW

TOKEN = "a token of the tests"


@dataclass
class Teller:
    """
    A bank that gives the answer `outcome` to everything, and no answer about the ids in `deaf`.

    It remembers the orders that it was asked to pay.
    """

    outcome: OutcomeWord = "paid"
    reason: str = ""
    as_of: datetime = NOW
    deaf: Callable[[str], bool] = lambda _id: False
    orders: list[PaymentOrder] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    def pay(self, orders: Sequence[PaymentOrder]) -> BankResponse:
        self.orders += orders
        return self._heard([order.end_to_end_id for order in orders])

    def ask(self, end_to_end_ids: Sequence[str]) -> BankResponse:
        self.questions += end_to_end_ids
        return self._heard(end_to_end_ids)

    def _heard(self, ids: Sequence[str]) -> BankResponse:
        answers = [Answer(each, self.outcome, self.as_of, f"REF{each}", self.reason) for each in ids]
        return BankResponse(tuple(each for each in answers if not self.deaf(each.end_to_end_id)), "the teller is deaf")


@contextmanager
def serving(bank: Bank) -> Iterator[None]:
    """Let the simulator serve from another thread."""
    thread = Thread(target=bank.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        bank.is_closing.set()
        bank.shutdown()
        thread.join()
        bank.server_close()


@contextmanager
def connected(bank: Bank, *, timeout_seconds: float) -> Iterator[HttpBank]:
    """An open connection to the simulator."""
    url = f"http://127.0.0.1:{bank.server_address[1]}"
    connection = HttpBank(url=url, token=TOKEN, timeout_seconds=timeout_seconds)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def simulated(
    folder: Path,
    *,
    faults: Faults | None = None,
    clock: Callable[[], datetime] | None = None,
    timeout_seconds: float = 30,
) -> Iterator[tuple[Bank, HttpBank]]:
    """The simulator behind a real socket of this process, and a connection to it."""
    books = Books(folder / "bank.sqlite3", clock=clock) if clock else Books(folder / "bank.sqlite3")
    bank = Bank(address=("127.0.0.1", 0), books=books, token=TOKEN, faults=faults or Faults())
    with serving(bank), connected(bank, timeout_seconds=timeout_seconds) as connection:
        yield bank, connection
