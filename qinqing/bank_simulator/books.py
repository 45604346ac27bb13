"""The books of the simulated bank."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from threading import Lock
from typing import Any

CREATE_PAYMENTS = """
CREATE TABLE IF NOT EXISTS payment (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    end_to_end_id TEXT NOT NULL UNIQUE,
    content_hash TEXT NOT NULL,
    amount_fen INTEGER NOT NULL,
    payee_account TEXT NOT NULL,
    purpose TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_at TEXT NOT NULL
)
"""
# Payments that came back from the payees' banks; one without a reason was requested, and only a file reports it.
CREATE_RETURNS = """
CREATE TABLE IF NOT EXISTS came_back (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    end_to_end_id TEXT NOT NULL UNIQUE,
    reason TEXT NOT NULL DEFAULT '',
    at TEXT NOT NULL
)
"""
# The money is with the payee.
CREATE_EXECUTED = """
CREATE VIEW IF NOT EXISTS executed AS
SELECT * FROM payment WHERE outcome = 'paid' AND end_to_end_id NOT IN (SELECT end_to_end_id FROM came_back)
"""
LONGEST_ID = 35
LARGEST_YUAN = Decimal(10**12)
FIELDS = ("end_to_end_id", "amount_cny", "payee_name", "payee_account", "bank_number", "purpose", "valid_until")
PAGE = 5_000


class UnreadableRequest(Exception):
    """A payment is written wrongly; nothing of its request was executed."""


class OtherContent(Exception):
    """An end-to-end id was used before with other content; nothing of this request was executed."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment as asked for."""

    end_to_end_id: str
    amount_fen: int
    payee_account: str
    purpose: str
    valid_until: datetime
    content_hash: str

    @classmethod
    def read(cls, asked: dict[str, Any]) -> Payment:
        """
        The payment of a request.

        Raises:
            UnreadableRequest: a field is missing or makes no sense.
        """
        try:
            texts = [str(asked[field]) for field in FIELDS]
            amount = Decimal(texts[1])
            fen = int(amount * 100) if 0 < amount <= LARGEST_YUAN else 0
            valid_until = datetime.fromisoformat(texts[-1])
        except (KeyError, TypeError, ValueError, InvalidOperation) as wrong:
            raise UnreadableRequest(f"A payment needs {', '.join(FIELDS)}, each in its form.") from wrong
        if not (0 < len(texts[0]) <= LONGEST_ID and fen > 0 and fen == amount * 100 and valid_until.tzinfo):
            raise UnreadableRequest(f"Payment {texts[0][:LONGEST_ID]!r}: the id, amount or cut-off makes no sense.")
        # A repeated request may change the cut-off, but not the amount or the payee.
        digest = hashlib.sha256("\x1f".join(texts[:-1]).encode()).hexdigest()
        return cls(texts[0], fen, texts[3], texts[5], valid_until, digest)


@dataclass(frozen=True, slots=True)
class PaymentResult:
    """What the bank did with a payment, for good."""

    end_to_end_id: str
    outcome: str
    bank_reference: str = ""
    reason: str = ""


class Books:
    """
    Payments by end-to-end id, each decided once; written to disk before they are answered.

    One lock orders everything, questions included: an answer "unknown" is given only when no payment of
    that id is on its way into the books, so it holds for good once the cut-off is past.
    """

    def __init__(self, file: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._lock, self._clock = Lock(), clock
        self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute(CREATE_PAYMENTS)
        self._connection.execute(CREATE_RETURNS)
        self._connection.execute(CREATE_EXECUTED)

    def pay(
        self, payments: Sequence[Payment], *, refuses: Callable[[str], str]
    ) -> tuple[datetime, list[PaymentResult]]:
        """
        Decide the payments, all of them durably before any is answered; `refuses` gives a reason or "".

        The same id with the same content gets the same answer again, without effect.

        Raises:
            OtherContent: an id came again with other content.
        """
        with self._lock:
            now = self._clock()
            hashes = self._hashes([payment.end_to_end_id for payment in payments])
            new: dict[str, Payment] = {}
            for payment in payments:
                known = hashes.setdefault(payment.end_to_end_id, payment.content_hash)
                if known != payment.content_hash:
                    raise OtherContent(f"{payment.end_to_end_id} was used before with other content.")
                new.setdefault(payment.end_to_end_id, payment)
            self._write(list(new.values()), now, refuses)
            return now, self._decisions([payment.end_to_end_id for payment in payments])

    def ask(self, end_to_end_ids: Sequence[str]) -> tuple[datetime, list[PaymentResult]]:
        """The results of payments; a payment that the bank never saw is unknown."""
        with self._lock:
            return self._clock(), self._decisions(end_to_end_ids)

    def give_back(self, end_to_end_ids: Sequence[str]) -> tuple[datetime, list[tuple[str, int]]]:
        """
        Let the executed ones among these payments come back from the payees' banks; they count as executed no more.

        Returns the ids with their amounts in fen, also of those that came back before.
        """
        with self._lock:
            now = self._clock()
            paid = [
                (each, fen)
                for each, fen, outcome in self._rows("amount_fen, outcome", end_to_end_ids)
                if outcome == "paid"
            ]
            self._connection.executemany(
                "INSERT INTO came_back (end_to_end_id, at) VALUES (?, ?) ON CONFLICT (end_to_end_id) DO NOTHING",
                [(each, now.isoformat()) for each, _fen in paid],
            )
            return now, sorted(paid)

    def take_back(self, *, older_seconds: float, returns: Callable[[str], str]) -> None:
        """
        Book the payments that the payees' banks have sent back by now; `returns` gives a reason by account, or "".

        Each is booked once, `older_seconds` after it was executed.
        """
        with self._lock:
            now = self._clock()
            rows = self._connection.execute(
                "SELECT end_to_end_id, payee_account FROM executed WHERE decided_at <= ? ORDER BY number",
                ((now - timedelta(seconds=older_seconds)).isoformat(),),
            ).fetchall()
            due = [(id_, reason, now.isoformat()) for id_, account in rows if (reason := returns(account))]
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.executemany("INSERT INTO came_back (end_to_end_id, reason, at) VALUES (?, ?, ?)", due)

    def list_returns(self, *, after: int, limit: int) -> tuple[datetime, list[PaymentResult], int]:
        """One page of what came back after a number, and the number to go on from."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT number, end_to_end_id, reason FROM came_back"
                " WHERE number > ? AND reason <> '' ORDER BY number LIMIT ?",
                (after, min(limit, PAGE)),
            ).fetchall()
            now = self._clock()
        decisions = [PaymentResult(id_, "returned", f"RET{number:012d}", reason) for number, id_, reason in rows]
        return now, decisions, rows[-1][0] if rows else after

    def list_executed(self, *, after: int, limit: int) -> tuple[list[dict[str, Any]], int]:
        """One page of the executed payments after a number, and the number to go on from."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT number, end_to_end_id, amount_fen, purpose FROM executed"
                " WHERE number > ? ORDER BY number LIMIT ?",
                (after, min(limit, PAGE)),
            ).fetchall()
        shown = [
            {"end_to_end_id": end_to_end_id, "amount_cny": write_yuan(fen), "purpose": purpose}
            for _number, end_to_end_id, fen, purpose in rows
        ]
        return shown, rows[-1][0] if rows else after

    def summary(self) -> dict[str, Any]:
        """
        Executed and refused payments, and how many were executed again for the same payee and purpose.

        Payments that came back are left out, and counted separately.
        """
        with self._lock:
            count, total = self._connection.execute(
                "SELECT count(*), coalesce(sum(amount_fen), 0) FROM executed"
            ).fetchone()
            (returned,) = self._connection.execute("SELECT count(*) FROM came_back").fetchone()
            (refused,) = self._connection.execute("SELECT count(*) FROM payment WHERE outcome = 'refused'").fetchone()
            (distinct,) = self._connection.execute(
                "SELECT count(*) FROM (SELECT DISTINCT payee_account, purpose FROM executed)"
            ).fetchone()
        return {
            "count": count,
            "total_cny": write_yuan(total),
            "refused": refused,
            "returned": returned,
            "duplicates": count - distinct,
        }

    def _write(self, payments: Sequence[Payment], now: datetime, refuses: Callable[[str], str]) -> None:
        rows = []
        for payment in payments:
            is_late = payment.valid_until < now
            reason = "past its cut-off" if is_late else refuses(payment.end_to_end_id)
            rows.append(
                (
                    payment.end_to_end_id,
                    payment.content_hash,
                    payment.amount_fen,
                    payment.payee_account,
                    payment.purpose,
                    "expired" if is_late else "refused" if reason else "paid",
                    reason,
                    now.isoformat(),
                )
            )
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(
                "INSERT INTO payment (end_to_end_id, content_hash, amount_fen, payee_account, purpose, outcome,"
                " reason, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (end_to_end_id) DO NOTHING",
                rows,
            )

    def _hashes(self, ids: Sequence[str]) -> dict[str, str]:
        return dict(self._rows("content_hash", ids))

    def _decisions(self, ids: Sequence[str]) -> list[PaymentResult]:
        found = {
            row[0]: PaymentResult(row[0], row[1], f"SIM{row[3]:012d}", row[2])
            for row in self._rows("outcome, reason, number", ids)
        }
        back = {
            row[0]: PaymentResult(row[0], "returned", f"RET{row[2]:012d}", row[1])
            for row in self._rows("reason, number", ids, table="came_back")
            if row[1]
        }
        found |= back
        return [found.get(each, PaymentResult(each, "unknown")) for each in dict.fromkeys(ids)]

    def _rows(self, columns: str, ids: Sequence[str], *, table: str = "payment") -> list[tuple[Any, ...]]:
        marks = ",".join("?" * len(ids))
        return self._connection.execute(
            f"SELECT end_to_end_id, {columns} FROM {table} WHERE end_to_end_id IN ({marks})",  # noqa: S608 - our own columns
            list(ids),
        ).fetchall()


def write_yuan(fen: int) -> str:
    """Fen as yuan with two decimals."""
    return f"{fen // 100}.{fen % 100:02d}"
