"""Servers of departments, for tests: HTTP(S) that answers as a test says, and SFTP over a folder."""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import asyncssh

from tests.certificates import Pair

ACCOUNT, PASSWORD = "qinqing", "correct horse battery"


@dataclass
class Answer:
    """An answer of a server of HTTP; `announced` is the length that it says, None for no word of it."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    announced: int | None = -1
    # The test decides when the server goes on, in the middle of the body.
    waits_for: Event | None = None


@dataclass
class Question:
    """What a server of HTTP was asked."""

    path: str
    headers: Mapping[str, str]


class WebServer(ThreadingHTTPServer):
    """A server of HTTP, or of HTTPS where it has a certificate."""

    daemon_threads = True

    def __init__(self, own: Pair | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Desk)
        self.answers: dict[str, Answer | Callable[[Question], Answer]] = {}
        self.asked: list[Question] = []
        self.scheme = "https" if own else "http"
        if own:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(own.certificate, own.key)
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, _request: Any, _address: Any) -> None:
        """A client that does not trust us hangs up; that is no news."""

    def address(self, path: str) -> str:
        """The address of a path."""
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}{path}"


class _Desk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: WebServer

    def do_GET(self) -> None:
        question = Question(self.path, {name.lower(): value for name, value in self.headers.items()})
        self.server.asked.append(question)
        found = self.server.answers.get(urlsplit(self.path).path, Answer(status=404))
        answer = found if isinstance(found, Answer) else found(question)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.announced is not None:
            self.send_header("Content-Length", str(len(answer.body) if answer.announced < 0 else answer.announced))
        self.end_headers()
        self._write(answer)
        self.close_connection = True

    def _write(self, answer: Answer) -> None:
        if answer.waits_for is not None:
            self.wfile.write(answer.body[:1])
            self.wfile.flush()
            answer.waits_for.wait(20)
            self.wfile.write(answer.body[1:])
        else:
            self.wfile.write(answer.body)

    def log_message(self, *_told: Any) -> None:
        """Say nothing."""


@contextmanager
def web_server(own: Pair | None = None) -> Iterator[WebServer]:
    """A server of HTTP(S) for the block."""
    server = WebServer(own)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class FileServer:
    """A server of SFTP over a folder."""

    port: int
    folder: Path
    host_key: str
    # The public keys that it lets in beside the password.
    authorized: list[asyncssh.SSHKey]

    @property
    def address(self) -> str:
        """The address of its folder."""
        return f"sftp://127.0.0.1:{self.port}/out"

    def put(self, name: str, content: bytes, *, modified: float) -> None:
        """Lay a file into the folder, last changed at this moment."""
        (self.folder / "out" / name).write_bytes(content)
        os.utime(self.folder / "out" / name, (modified, modified))


class _Porter(asyncssh.SSHServer):
    """Lets in one account by its password or by a key."""

    def __init__(self, authorized: list[asyncssh.SSHKey]) -> None:
        self._authorized = authorized

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (ACCOUNT, PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == ACCOUNT and key in self._authorized


@contextmanager
def file_server(
    folder: Path,
    *,
    sftp: Callable[..., asyncssh.SFTPServer] | None = None,
    other_keys: Sequence[asyncssh.SSHKey] = (),
) -> Iterator[FileServer]:
    """A server of SFTP for the block, in a thread with a loop of its own; it has a host key of each of some kinds."""
    (folder / "out").mkdir(parents=True, exist_ok=True)
    key, loop, authorized = asyncssh.generate_private_key("ssh-ed25519"), asyncio.new_event_loop(), []
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    make = sftp or asyncssh.SFTPServer

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=list(other_keys) or [key],
            server_factory=lambda: _Porter(authorized),
            sftp_factory=lambda channel: make(channel, chroot=str(folder).encode()),
        )

    listening = asyncio.run_coroutine_threadsafe(listen(), loop).result(20)
    try:
        host_key = key.export_public_key().decode().strip()
        yield FileServer(listening.get_port(), folder, host_key, authorized)
    finally:
        loop.call_soon_threadsafe(listening.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def moment(year: int, month: int, day: int) -> float:
    """Noon of a day, in seconds."""
    return time.mktime((year, month, day, 12, 0, 0, 0, 0, -1))
