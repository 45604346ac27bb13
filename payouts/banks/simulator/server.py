"""The HTTP face of the simulated bank."""

from __future__ import annotations

import hmac
import json
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any
from urllib.parse import parse_qs, urlsplit

from payouts.banks.simulator.books import Books, Decision, OtherContent, Payment, Unreadable
from payouts.banks.simulator.faults import Dice, Faults, NotAFault

LONGEST_REQUEST_BYTES = 20_000_000
LARGEST_BATCH = 5_000


class Bank(ThreadingHTTPServer):
    """One bank: its books, its token and its moods."""

    daemon_threads = True
    # Hanging connections of a test must not keep the process from ending.
    block_on_close = False
    request_queue_size = 128

    def __init__(self, *, address: tuple[str, int], books: Books, token: str, faults: Faults) -> None:
        super().__init__(address, Teller)
        self.books, self.token = books, token
        self.is_closing = Event()
        self.set_faults(faults)

    def set_faults(self, faults: Faults) -> None:
        """Misbehave in this way from now on."""
        self.faults, self.dice = faults, Dice(faults.seed)


class Cut(Exception):
    """This request gets no answer."""


class Teller(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    # An answer is a head and a body; held back for the client's acknowledgement they would take 40 ms.
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
            self._answer(HTTPStatus.OK, self.server.books.summary())
        elif path.path == "/v1/payments":
            self._statement(parse_qs(path.query))
        elif path.path.startswith("/v1/payments/"):
            self._one(path.path.removeprefix("/v1/payments/"))
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "There is nothing at this address.")

    def do_POST(self) -> None:
        """Payments and questions about them."""
        body = self._body()
        if body is None:
            return
        try:
            if self.path == "/v1/payments":
                self._pay(body)
            elif self.path == "/v1/payments/query":
                self._ask(body)
            else:
                self._refuse(HTTPStatus.NOT_FOUND, "There is nothing at this address.")
        except Cut:
            self.close_connection = True

    def do_PUT(self) -> None:
        """Faults, for trials."""
        body = self._body()
        if body is None:
            return
        if self.path != "/v1/faults":
            self._refuse(HTTPStatus.NOT_FOUND, "There is nothing at this address.")
            return
        try:
            self.server.set_faults(self.server.faults.changed(body))
        except NotAFault as refusal:
            self._refuse(HTTPStatus.UNPROCESSABLE_ENTITY, str(refusal))
            return
        self._answer(HTTPStatus.OK, {"faults": body})

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the name of the standard library
        """Say nothing: a campaign would write a line for each request."""

    def _pay(self, body: dict[str, Any]) -> None:
        faults, dice = self.server.faults, self.server.dice
        try:
            payments = [Payment.read(each) for each in _listed(body, "payments")]
        except Unreadable as refusal:
            self._refuse(HTTPStatus.BAD_REQUEST, str(refusal))
            return
        self.server.is_closing.wait(faults.slow_seconds)
        hangs = dice.hit(faults.timeout_rate)
        if hangs and dice.hit(0.5):
            self._hang()
        try:
            as_of, decisions = self.server.books.pay(payments, refuses=faults.refuses)
        except OtherContent as refusal:
            self._refuse(HTTPStatus.CONFLICT, str(refusal))
            return
        if hangs:
            self._hang()
        if dice.hit(faults.drop_reply_rate):
            raise Cut
        results = [_shown(each) for each in decisions] * (2 if dice.hit(faults.twice_rate) else 1)
        self._answer(HTTPStatus.OK, {"as_of": as_of.isoformat(), "results": results})

    def _ask(self, body: dict[str, Any]) -> None:
        try:
            wanted = [str(each) for each in _listed(body, "end_to_end_ids")]
        except Unreadable as refusal:
            self._refuse(HTTPStatus.BAD_REQUEST, str(refusal))
            return
        as_of, decisions = self.server.books.ask(wanted)
        self._answer(HTTPStatus.OK, {"as_of": as_of.isoformat(), "results": [_shown(each) for each in decisions]})

    def _one(self, end_to_end_id: str) -> None:
        as_of, (decision,) = self.server.books.ask([end_to_end_id])
        status = HTTPStatus.NOT_FOUND if decision.outcome == "unknown" else HTTPStatus.OK
        self._answer(status, {"as_of": as_of.isoformat(), **_shown(decision)})

    def _statement(self, asked: dict[str, list[str]]) -> None:
        try:
            after, limit = int(asked.get("after", ["0"])[0]), int(asked.get("limit", ["1000"])[0])
        except ValueError:
            self._refuse(HTTPStatus.BAD_REQUEST, "“after” and “limit” are whole numbers.")
            return
        payments, next_after = self.server.books.executed(after=after, limit=max(limit, 1))
        self._answer(HTTPStatus.OK, {"payments": payments, "next_after": next_after})

    def _hang(self) -> None:
        self.server.is_closing.wait(self.server.faults.hang_seconds)
        raise Cut

    def _body(self) -> dict[str, Any] | None:
        """The request's JSON object; None when it was refused already."""
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
        try:
            body = json.loads(content)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            self._refuse(HTTPStatus.BAD_REQUEST, "A request is a JSON object.")
            return None
        return body

    def _is_known(self) -> bool:
        shown = self.headers.get("Authorization", "")
        return hmac.compare_digest(shown.encode(), f"Bearer {self.server.token}".encode())

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self._answer(status, {"error": why})

    def _answer(self, status: HTTPStatus, body: dict[str, Any]) -> None:
        content = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()


def _listed(body: dict[str, Any], name: str) -> list[Any]:
    wanted = body.get(name)
    if not isinstance(wanted, list) or not 0 < len(wanted) <= LARGEST_BATCH:
        raise Unreadable(f"Send “{name}” as a list of 1 to {LARGEST_BATCH}.")
    return wanted


def _shown(decision: Decision) -> dict[str, str]:
    return {
        "end_to_end_id": decision.end_to_end_id,
        "outcome": decision.outcome,
        "bank_reference": decision.bank_reference,
        "reason": decision.reason,
    }
