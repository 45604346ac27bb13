"""An incomplete answer about an order leaves the order in doubt."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from payouts.banks.gateway import BooksUnavailable
from payouts.banks.http import HttpBank
from qinqing.bank_simulator.faults import Faults
from tests.tellers import connected, simulated
from tests.unit.banks.test_bank_simulator import order

HEAD = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s"


def answer(status: bytes, body: bytes) -> bytes:
    return HEAD % (status, len(body), body)


GARBLED = {
    "nothing at all": b"",
    "half an answer": b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{",
    "no HTTP": b"SSH-2.0-OpenSSH\r\n",
    "an error": answer(b"503 Service Unavailable", b"{}"),
    "a redirection": answer(b"302 Found", b""),
    "a page": answer(b"200 OK", b"<html>"),
    "a list": answer(b"200 OK", b"[]"),
    "no time": answer(b"200 OK", b'{"results": []}'),
    "a time without a zone": answer(b"200 OK", b'{"as_of": "2026-03-02T09:00:00", "results": []}'),
    "an outcome of its own": answer(
        b"200 OK",
        b'{"as_of": "2026-03-02T09:00:00+08:00", "results": [{"end_to_end_id": "Q1A01", "outcome": "maybe"}]}',
    ),
}


WORDS = """{"as_of": "2026-03-02T09:00:00+08:00", "results": [{"end_to_end_id": "Q1A01%s", "outcome": "refused",
    "reason": "closed\\u0000 \\ud800!", "bank_reference": "R\\u0000-1"}]}"""
GARBLED["an id with a zero byte"] = answer(b"200 OK", (WORDS % "\\u0000").encode())
GARBLED["more brackets than anybody reads"] = answer(b"200 OK", b"[" * 200_000)
BROKEN_BOOKS = {
    "no payments": b"{}",
    "a list": b"[]",
    "a broken amount": b'{"payments": [{"end_to_end_id": "Q1", "amount_cny": "1,00", "purpose": ""}], "next_after": 1}',
    "no amount": b'{"payments": [{"end_to_end_id": "Q1A01", "amount_cny": "NaN", "purpose": ""}], "next_after": 1}',
    "too much": b'{"payments": [{"end_to_end_id": "Q1A01", "amount_cny": "1E+50", "purpose": ""}], "next_after": 1}',
    "far out": b'{"payments": [{"end_to_end_id": "Q1A01", "amount_cny": "1e2000000", "purpose": ""}], "next_after": 1}',
    "a tab": b'{"payments": [{"end_to_end_id": "Q1\\tA01", "amount_cny": "1.00", "purpose": ""}], "next_after": 1}',
    "a line": b'{"payments": [{"end_to_end_id": "Q1\\nA01", "amount_cny": "1.00", "purpose": ""}], "next_after": 1}',
    "COPY's end": b'{"payments": [{"end_to_end_id": "\\\\.", "amount_cny": "1.00", "purpose": ""}], "next_after": 1}',
    "no purpose": b'{"payments": [{"end_to_end_id": "Q1A01", "amount_cny": "1.00"}], "next_after": 1}',
    "the same page": b'{"payments": [{"end_to_end_id": "Q1", "amount_cny": "1", "purpose": "P"}], "next_after": 0}',
}


@contextmanager
def saying(words: bytes) -> Iterator[HttpBank]:
    """A server that sends these words to every client, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _address = server.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(words)

        Thread(target=serve, daemon=True).start()
        bank = HttpBank(url=f"http://127.0.0.1:{server.getsockname()[1]}", token="t", timeout_seconds=2)
        yield bank
        bank.close()


@pytest.mark.parametrize("words", GARBLED.values(), ids=GARBLED)
def test_a_garbled_answer_is_no_answer(words: bytes) -> None:
    with saying(words) as bank:
        heard = bank.pay([order()])
    assert heard.answers == ()
    assert heard.silence


def test_what_no_database_keeps_is_left_out_of_what_the_bank_says() -> None:
    with saying(answer(b"200 OK", (WORDS % "").encode())) as bank:
        (said,) = bank.pay([order()]).answers
    assert (said.outcome, said.reason, said.bank_reference) == ("refused", "closed !", "R-1")


@pytest.mark.parametrize("books", BROKEN_BOOKS.values(), ids=BROKEN_BOOKS)
def test_books_that_nobody_can_read_are_not_shown(books: bytes) -> None:
    with saying(answer(b"200 OK", books)) as bank, pytest.raises(BooksUnavailable):
        list(bank.list_executed())


def test_the_silence_never_repeats_what_was_asked() -> None:
    with saying(GARBLED["half an answer"]) as bank:
        heard = bank.pay([order()])
    assert order().payee_account not in heard.silence


def test_nobody_there_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    bank = HttpBank(url=f"http://127.0.0.1:{port}", token="t", timeout_seconds=2)
    assert bank.pay([order()]).silence == "no connection to the bank (ConnectError)"
    bank.close()


@pytest.mark.parametrize("faults", [Faults(drop_reply_rate=1), Faults(timeout_rate=1, seed=3)])
def test_a_lost_reply_is_no_answer_and_the_bank_can_be_asked(tmp_path: Path, faults: Faults) -> None:
    # The payment's request times out; the question about its outcome does not.
    with simulated(tmp_path, faults=faults) as (server, bank), connected(server, timeout_seconds=1) as impatient:
        assert impatient.pay([order()]).answers == ()
        server.set_faults(Faults())
        known = {each.end_to_end_id for each in bank.list_executed()}
        outcome = bank.ask(["Q1A01"]).answers[0].outcome
    assert outcome == ("paid" if known else "unknown")
