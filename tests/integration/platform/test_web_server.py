"""The web server of production holds no token of a bank, and tells nobody what it is."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.db import connection

from payouts.banks.interface import HELD_BY_SENDERS
from qinqing.services.ports import LOOPBACK, free_port, wait_until_listening
from tests.migrated import address_of
from tests.unit.tools.test_environment import TOLD

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """Where a web server of production listens that was told nothing about any bank."""
    chosen, log = free_port(), tmp_path / "log"
    name = connection.settings_dict["NAME"]
    told = TOLD | {variable: address_of(name, role=variable) for variable in ("DATABASE_URL", "READER_DATABASE_URL")}
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "LANG", "REDIS_URL")}
    command = ["gunicorn", "qinqing.wsgi:application", "--bind", f"{LOOPBACK}:{chosen}", "--no-control-socket"]
    with log.open("wb") as out:
        program = subprocess.Popen(
            [sys.executable, "-m", *command, "--worker-class", "gthread"],
            cwd=settings.BASE_DIR,
            env=told | kept | {"QINQING_ENV": "production"},
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        wait_until_listening(chosen, program, log=str(log))
        yield chosen
    finally:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()


def test_it_starts_without_a_bank_speaks_tls_alone_and_has_no_banner(port: int) -> None:
    assert not set(TOLD) & set(HELD_BY_SENDERS)
    through_the_proxy = {"Host": "qinqing.example.org", "X-Forwarded-Proto": "https"}
    answer = httpx.get(f"http://{LOOPBACK}:{port}/healthz", headers=through_the_proxy, trust_env=False, timeout=60)
    assert answer.status_code == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert not re.search(r"\d", answer.headers.get("Server", ""))
    assert "X-Powered-By" not in answer.headers


def test_an_odd_request_is_answered_without_a_word_about_the_inside(port: int) -> None:
    with socket.create_connection((LOOPBACK, port), timeout=60) as visitor:
        visitor.sendall(b"GET / HTTP/9.9\r\nHost: x\r\n\r\n")
        said = visitor.recv(1 << 14).decode()
    assert said.startswith("HTTP/1.1 4")
    assert not re.search(r"gunicorn/\d|Python|Traceback|/venv/|site-packages", said)
