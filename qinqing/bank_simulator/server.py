"""The HTTP face of the simulated bank."""

from __future__ import annotations

import hmac
import json
import ssl
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any
from urllib.parse import parse_qs, urlsplit

from qinqing.bank_simulator import files
from qinqing.bank_simulator.books import Books, OtherContent, Payment, PaymentResult, UnreadableRequest
from qinqing.bank_simulator.drop import Drop, NotTaken
from qinqing.bank_simulator.faults import Faults, NotAFault, RandomSource

LONGEST_REQUEST_BYTES = 20_000_000
LARGEST_BATCH = 5_000
DROP = "/v1/drop/"
# The answer to a file carries this date, so that it is the same on any day.
FIRST_DAY = "2026-01-01T00:00:00+08:00"


class Bank(ThreadingHTTPServer):
    """One bank: its books, its token, its faults, and its certificate if it speaks TLS."""

    daemon_threads = True
    # A test's open connections must not keep the process from ending.
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        *,
        address: tuple[str, int],
        books: Books,
        token: str,
        faults: Faults,
        tls: ssl.SSLContext | None = None,
        drop: Drop | None = None,
    ) -> None:
        super().__init__(address, RequestHandler)
        if tls:
            # The thread of a connection shakes hands; else one client that says nothing would hold up all others.
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.books, self.token, self.drop = books, token, drop
        self.is_closing = Event()
        # How often each fault struck.
        self.struck: Counter[str] = Counter()
        self.set_faults(faults)

    def set_faults(self, faults: Faults) -> None:
        """Misbehave in this way from now on."""
        self.faults, self.dice = faults, RandomSource(faults.seed)

    def take_back(self) -> None:
        """Book the payments that have come back by now, if the faults let any come back."""
        if self.faults.return_rate:
            self.books.take_back(older_seconds=self.faults.return_after_seconds, returns=self.faults.returns)


class ConnectionCut(Exception):
    """This request gets no answer."""


class RequestHandler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    # An answer is a head and a body; Nagle's algorithm would hold the body back 40 ms for the client's acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    server: Bank

    def do_GET(self) -> None:
        """Health, books and the statement."""
        path = urlsplit(self.path)
        if path.path == "/v1/health":
            self._answer(HTTPStatus.OK, {"status": "open"})
        elif not self._is_known():
            self._refuse(HTTPStatus.UNAUTHORIZED, "Show the bank's token.")
        elif path.path == "/v1/books":
            self.server.take_back()
            self._answer(HTTPStatus.OK, self.server.books.summary())
        elif path.path == "/v1/faults":
            self._answer(HTTPStatus.OK, {"struck": dict(self.server.struck)})
        elif path.path == "/v1/payments":
            self._statement(parse_qs(path.query))
        elif path.path == "/v1/returns":
            self._returns(parse_qs(path.query))
        elif path.path.startswith("/v1/payments/"):
            self._one(path.path.removeprefix("/v1/payments/"))
        elif path.path.startswith(DROP):
            self._tell_of_file(path.path.removeprefix(DROP))
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "There is nothing at this address.")

    def do_POST(self) -> None:
        """Payments and questions about them; files; and, for trials, payments that are to come back."""
        answer = {
            "/v1/payments": self._pay,
            "/v1/payments/query": self._ask,
            "/v1/files": self._take_file,
            "/v1/returns": self._give_back,
        }.get(self.path, self._nowhere)
        content = self._content()
        if content is None:
            return
        try:
            answer(content)
        except ConnectionCut:
            self.close_connection = True
        except UnreadableRequest as refusal:
            self._refuse(HTTPStatus.BAD_REQUEST, str(refusal))
        except OtherContent as refusal:
            self._refuse(HTTPStatus.CONFLICT, str(refusal))

    def do_PUT(self) -> None:
        """Files for the drop; and faults, for trials."""
        content = self._content()
        if content is None:
            return
        if self.path.startswith(DROP):
            try:
                self._drop(self.path.removeprefix(DROP), content)
            except ConnectionCut:
                self.close_connection = True
            return
        if self.path != "/v1/faults":
            self._nowhere(content)
            return
        try:
            asked = _read_object(content)
            self.server.set_faults(self.server.faults.changed(asked))
        except (NotAFault, UnreadableRequest) as refusal:
            self._refuse(HTTPStatus.UNPROCESSABLE_ENTITY, str(refusal))
            return
        self._answer(HTTPStatus.OK, {"faults": asked})

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the name of the standard library
        """Say nothing: a campaign would write a line for each request."""

    def _pay(self, content: bytes) -> None:
        payments = [Payment.read(each) for each in _read_list(_read_object(content), "payments")]
        as_of, decisions = self._decided(payments)
        results = [_write_result(each) for each in decisions]
        if self._strikes("twice_rate"):
            results *= 2
        if self._strikes("contradict_rate"):
            results.append(_contradict(results[0]))
        self._answer(HTTPStatus.OK, {"as_of": as_of.isoformat(), "results": results})

    def _decided(self, payments: Sequence[Payment]) -> tuple[datetime, list[PaymentResult]]:
        """Decide the payments, with the current faults before the decision and after it."""
        faults = self.server.faults
        if faults.slow_seconds:
            self.server.struck["slow_seconds"] += 1
            self.server.is_closing.wait(faults.slow_seconds)
        hangs = self._strikes("timeout_rate")
        if hangs and self.server.dice.hit(0.5):
            self._hang()
        as_of, decisions = self.server.books.pay(payments, refuses=faults.refuses)
        self.server.struck["refuse_rate"] += sum(each.outcome == "refused" for each in decisions)
        if hangs:
            self._hang()
        if self._strikes("drop_reply_rate"):
            raise ConnectionCut
        return as_of, decisions

    def _strikes(self, fault: str) -> bool:
        does = self.server.dice.hit(getattr(self.server.faults, fault))
        self.server.struck[fault] += does
        return does

    def _ask(self, content: bytes) -> None:
        wanted = [str(each) for each in _read_list(_read_object(content), "end_to_end_ids")]
        self.server.take_back()
        as_of, decisions = self.server.books.ask(wanted)
        self._answer(
            HTTPStatus.OK, {"as_of": as_of.isoformat(), "results": [_write_result(each) for each in decisions]}
        )

    def _take_file(self, content: bytes) -> None:
        """Answer a pain.001 with a pain.002; the same file gets the same bytes."""
        order = files.read_order(content)
        self._decided(order.payments)
        decisions = self.server.books.ask([payment.end_to_end_id for payment in order.payments])[1]
        self._hand_out(files.write_status_report(order.message_id, FIRST_DAY, decisions))

    def _drop(self, name: str, content: bytes) -> None:
        """Take a file with its signature, with the current faults before and after it is written."""
        if self.server.drop is None:
            self._nowhere(content)
            return
        hangs = self._strikes("timeout_rate")
        if hangs and self.server.dice.hit(0.5):
            self._hang()
        try:
            valid_until = datetime.fromisoformat(self.headers.get("X-Valid-Until", ""))
            signature = self.headers.get("X-Signature-Ed25519", "")
            as_of, sha256 = self.server.drop.take(name, content, signature=signature, valid_until=valid_until)
        except (NotTaken, ValueError, TypeError) as refusal:
            self._refuse(HTTPStatus.PRECONDITION_FAILED, str(refusal))
            return
        if hangs:
            self._hang()
        if self._strikes("drop_reply_rate"):
            raise ConnectionCut
        self._answer(HTTPStatus.CREATED, {"as_of": as_of.isoformat(), "sha256": sha256})

    def _tell_of_file(self, name: str) -> None:
        if self.server.drop is None:
            self._nowhere(b"")
            return
        as_of, found = self.server.drop.find(name)
        told = {"as_of": as_of.isoformat()} | ({"sha256": found.sha256} if found else {})
        self._answer(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND, told)

    def _give_back(self, content: bytes) -> None:
        """Let payments come back, as the payees' banks would; answer with the camt.054 that reports them."""
        asked = _read_object(content)
        wanted = [str(each) for each in _read_list(asked, "end_to_end_ids")]
        _as_of, returned = self.server.books.give_back(wanted)
        reason = str(asked.get("reason", "the payee's account is closed"))
        rows = [files.ReturnedPayment(each, Decimal(fen) / 100, reason) for each, fen in returned]
        self._hand_out(files.write_return_advice(str(asked.get("message_id", "RETURNS"))[:35], FIRST_DAY, rows))

    def _nowhere(self, _content: bytes) -> None:
        self._refuse(HTTPStatus.NOT_FOUND, "There is nothing at this address.")

    def _one(self, end_to_end_id: str) -> None:
        as_of, (decision,) = self.server.books.ask([end_to_end_id])
        status = HTTPStatus.NOT_FOUND if decision.outcome == "unknown" else HTTPStatus.OK
        self._answer(status, {"as_of": as_of.isoformat(), **_write_result(decision)})

    def _statement(self, asked: dict[str, list[str]]) -> None:
        if (place := self._place(asked)) is None:
            return
        self.server.take_back()
        payments, next_after = self.server.books.list_executed(after=place[0], limit=place[1])
        self._answer(HTTPStatus.OK, {"payments": payments, "next_after": next_after})

    def _returns(self, asked: dict[str, list[str]]) -> None:
        if (place := self._place(asked)) is None:
            return
        self.server.take_back()
        as_of, decisions, next_after = self.server.books.list_returns(after=place[0], limit=place[1])
        results = [_write_result(each) for each in decisions]
        self._answer(HTTPStatus.OK, {"as_of": as_of.isoformat(), "results": results, "next_after": next_after})

    def _place(self, asked: dict[str, list[str]]) -> tuple[int, int] | None:
        """Where a page begins and how long it is; None when the request was refused."""
        try:
            return int(asked.get("after", ["0"])[0]), max(int(asked.get("limit", ["1000"])[0]), 1)
        except ValueError:
            self._refuse(HTTPStatus.BAD_REQUEST, "“after” and “limit” are whole numbers.")
            return None

    def _hang(self) -> None:
        self.server.is_closing.wait(self.server.faults.hang_seconds)
        raise ConnectionCut

    def _content(self) -> bytes | None:
        """The request's body; None when it was refused already."""
        # An unread body would be taken for the next request of this connection.
        self.close_connection = True
        if not self._is_known():
            self._refuse(HTTPStatus.UNAUTHORIZED, "Show the bank's token.")
            return None
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LONGEST_REQUEST_BYTES:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "A request says its length, and is not too long.")
            return None
        content = self.rfile.read(int(length))
        self.close_connection = self.headers.get("Connection", "").lower() == "close"
        return content

    def _is_known(self) -> bool:
        shown = self.headers.get("Authorization", "")
        return hmac.compare_digest(shown.encode(), f"Bearer {self.server.token}".encode())

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self._answer(status, {"error": why})

    def _answer(self, status: HTTPStatus, body: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(body, ensure_ascii=False).encode())

    def _hand_out(self, file: bytes) -> None:
        self._send(HTTPStatus.OK, "application/xml", file)

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()


def _read_object(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise UnreadableRequest("A request is a JSON object.")
    return body


def _read_list(body: dict[str, Any], name: str) -> list[Any]:
    wanted = body.get(name)
    if not isinstance(wanted, list) or not 0 < len(wanted) <= LARGEST_BATCH:
        raise UnreadableRequest(f"Send “{name}” as a list of 1 to {LARGEST_BATCH}.")
    return wanted


def _contradict(result: dict[str, str]) -> dict[str, str]:
    return result | {"outcome": "refused" if result["outcome"] == "paid" else "paid", "reason": "an error of the bank"}


def _write_result(decision: PaymentResult) -> dict[str, str]:
    return {
        "end_to_end_id": decision.end_to_end_id,
        "outcome": decision.outcome,
        "bank_reference": decision.bank_reference,
        "reason": decision.reason,
    }
