"""Whatever is not a complete answer about an order leaves it in doubt."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from payouts.banks.http import HttpBank
from payouts.banks.simulator.faults import Faults
from tests.tellers import simulated
from tests.unit.test_bank_simulator import order

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


@contextmanager
def saying(words: bytes) -> Iterator[HttpBank]:
    """A server that says the words to whoever connects, and hangs up."""
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
    with simulated(tmp_path, faults=faults, timeout_seconds=0.3) as (server, bank):
        assert bank.pay([order()]).answers == ()
        server.set_faults(Faults())
        known = {each.end_to_end_id for each in bank.executed()}
        outcome = bank.ask(["Q1A01"]).answers[0].outcome
    assert outcome == ("paid" if known else "unknown")
