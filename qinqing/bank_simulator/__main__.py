"""`python -m qinqing.bank_simulator --port 8100 --books bank.sqlite3`; the token comes from BANK_TOKEN."""

from __future__ import annotations

import argparse
import os
import signal
import ssl
from pathlib import Path
from threading import Thread
from types import FrameType

from qinqing.bank_simulator.books import Books
from qinqing.bank_simulator.drop import Drop
from qinqing.bank_simulator.faults import Faults
from qinqing.bank_simulator.server import Bank

_NO_FAULTS = ("host", "port", "books", "certificate", "key", "clients", "drop")


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    asked = _arguments()
    chosen = {name: value for name, value in vars(asked).items() if name not in _NO_FAULTS}
    bank = Bank(
        address=(asked.host, asked.port),
        books=Books(asked.books),
        token=os.environ.get("BANK_TOKEN") or "simulator",
        faults=Faults().changed(chosen),
        drop=Drop(asked.drop) if asked.drop else None,
        tls=_tls(asked) if asked.certificate else None,
    )

    def close(_number: int, _frame: FrameType | None) -> None:
        bank.is_closing.set()
        # `shutdown` waits for the serving loop, which runs in this very thread.
        Thread(target=bank.shutdown).start()

    signal.signal(signal.SIGTERM, close)
    signal.signal(signal.SIGINT, close)
    bank.serve_forever(poll_interval=0.1)


def _tls(asked: argparse.Namespace) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(asked.certificate, asked.key)
    if asked.clients:
        context.load_verify_locations(asked.clients)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="qinqing.bank_simulator", description=main.__doc__)
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on; the loopback address unless told"
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--books", type=Path, required=True, help="the SQLite file of the bank's books")
    parser.add_argument("--drop", type=Path, help="take files, and keep them in this SQLite file")
    parser.add_argument("--certificate", help="speak TLS with this certificate")
    parser.add_argument("--key", help="the certificate's key")
    parser.add_argument("--clients", help="the authority whose certificate each client has to show")
    for name in (
        "slow-seconds",
        "timeout-rate",
        "drop-reply-rate",
        "refuse-rate",
        "return-rate",
        "return-after-seconds",
    ):
        parser.add_argument(f"--{name}", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


main()
