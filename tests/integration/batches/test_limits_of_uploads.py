"""The largest files go through the web server and through the worker that reads them; both keep within their memory."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from companies.models import Delivery
from payouts.models import ReplyFile, ReplyFileStatus, ReplyLine
from qinqing.services.ports import LOOPBACK, free_port, wait_until_listening
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.people import make_department_user, make_user
from tests.integration.batches.test_limits_of_files import LARGE_BYTES, LIMIT_BYTES, bomb, cut_report, status_report

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PATIENCE_SECONDS = 500
READ = """
import re
import django
django.setup()
from django.utils import timezone
from payouts.replies.files import read_reply_files
assert read_reply_files(clock=timezone.now) == 1
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


@dataclass(frozen=True)
class Web:
    """A web server of one process, and its address."""

    address: str
    pid: int

    def peak_bytes(self) -> int:
        """The most memory that the server or one of its children ever held."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return max(peak_bytes(int(pid)) for pid in (self.pid, *children))


def peak_bytes(pid: int) -> int:
    told = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    assert told
    return int(told[1]) * 1024


def environment() -> dict[str, str]:
    return os.environ | {"DJANGO_SETTINGS_MODULE": "qinqing.settings"}


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    port, log = free_port(), tmp_path / "log"
    command = ["gunicorn", "qinqing.wsgi:application", "--bind", f"{LOOPBACK}:{port}", "--no-control-socket"]
    command += ["--worker-class", "gthread", "--threads", "2", "--timeout", str(PATIENCE_SECONDS)]
    with log.open("wb") as out:
        program = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=settings.BASE_DIR,
            env=environment(),
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        wait_until_listening(port, program, log=str(log))
        yield Web(f"http://{LOOPBACK}:{port}", program.pid)
    finally:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()


def uploaded(web: Web, file: Path) -> ReplyFile:
    """Upload the file on the admin's page, as a browser does."""
    clerk = Client()
    clerk.force_login(make_user("clerk", is_staff=True, is_superuser=True))
    page = "/admin/payouts/replyfile/upload/"
    cookies = {"sessionid": clerk.cookies["sessionid"].value}
    with httpx.Client(
        base_url=web.address, cookies=cookies, trust_env=False, timeout=PATIENCE_SECONDS, follow_redirects=True
    ) as visitor:
        form = visitor.get(page).raise_for_status().text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
        assert token
        with file.open("rb") as content:
            asked = {"data": {"csrfmiddlewaretoken": token[1]}, "files": {"file": ("reply.xml", content)}}
            answer = visitor.post(page, headers={"Referer": f"{web.address}{page}"}, **asked)
    assert answer.is_success, answer.text
    return ReplyFile.objects.get()


def read_by_a_worker() -> int:
    """Let a process of its own read the uploaded file; its largest memory in bytes."""
    done = subprocess.run(
        [sys.executable, "-c", READ],
        cwd=settings.BASE_DIR,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return int(done.stdout.split()[-1]) * 1024


def answered(web: Web, *headers: str, body: bytes = b"") -> str:
    """The first line of the answer to a stranger's form, of which the test sends this much and no more."""
    address, port = web.address.removeprefix("http://").split(":")
    asked = ["POST /sign-in/ HTTP/1.1", f"Host: {address}", "Cookie: csrftoken=" + "c" * 32, *headers]
    asked.append("Content-Type: multipart/form-data; boundary=b")
    with socket.create_connection((address, int(port)), timeout=30) as visitor:
        visitor.sendall("\r\n".join([*asked, "", ""]).encode() + body)
        return visitor.recv(1 << 10).decode(errors="replace").partition("\r\n")[0]


def test_a_strangers_twenty_gigabytes_are_refused_before_they_are_sent(web: Web) -> None:
    assert answered(web, f"Content-Length: {20 << 30}") == "HTTP/1.1 413 Request Entity Too Large"
    chunk = b"5\r\n--b\r\n\r\n"
    assert answered(web, "Transfer-Encoding: chunked", body=chunk) == "HTTP/1.1 411 Length Required"
    assert answered(web, "Transfer-Encoding: chunked", "Content-Length: 5", body=chunk).startswith("HTTP/1.1 400 ")


def test_a_hundred_megabytes_of_replies_go_through_the_admin(web: Web, tmp_path: Path) -> None:
    file = tmp_path / "reply.xml"
    status_report(file)
    kept = uploaded(web, file)
    assert (kept.status, kept.stored.byte_count >= LARGE_BYTES) == (ReplyFileStatus.UPLOADED, True)
    assert web.peak_bytes() < LIMIT_BYTES
    assert read_by_a_worker() < LIMIT_BYTES
    kept.refresh_from_db()
    assert (kept.status, kept.refusal) == (ReplyFileStatus.READ, "")
    assert kept.row_count == ReplyLine.objects.count() > 400_000


@pytest.mark.parametrize("make", [bomb, cut_report], ids=lambda make: make.__name__)
def test_a_hundred_megabytes_that_cannot_be_read_leave_a_sentence_and_no_row(
    make: Callable[[Path], None], web: Web, tmp_path: Path
) -> None:
    file = tmp_path / "reply.xml"
    make(file)
    kept = uploaded(web, file)
    assert web.peak_bytes() < LIMIT_BYTES
    assert read_by_a_worker() < LIMIT_BYTES
    kept.refresh_from_db()
    assert kept.status == ReplyFileStatus.REFUSED
    assert len(kept.refusal) > 10
    assert not ReplyLine.objects.exists()


def delivered(web: Web, file: Path) -> httpx.Response:
    _kept, token = AuthToken.objects.create(user=make_department_user())
    with file.open("rb") as content:
        return httpx.post(
            f"{web.address}{reverse('api-deliveries')}",
            params={"delivery_id": "large", "dataset": "tax", "as_of": timezone.localdate().isoformat()},
            content=content,
            headers={
                "Authorization": f"Token {token}",
                "Content-Type": "text/csv",
                "Content-Length": str(file.stat().st_size),
            },
            trust_env=False,
            timeout=PATIENCE_SECONDS,
        )


def test_a_hundred_megabytes_of_a_department_are_streamed_and_rows_that_are_wrong_set_aside(
    web: Web, tmp_path: Path
) -> None:
    code, file = make_company(has_account=False).credit_code, tmp_path / "tax.csv"
    with file.open("wb") as target:
        target.write(b"credit_code,year,revenue,tax_paid\n")
        target.write(f"{code},2024,1,1\n".encode())
        # Rows for the quarantine, fewer than would make the whole file a mistake.
        block = f"{code},{'9' * 1_800},1,1\n".encode() * 1_000
        while target.tell() < LARGE_BYTES:
            target.write(block)
    answer = delivered(web, file)
    assert answer.status_code < 300, answer.text
    assert web.peak_bytes() < LIMIT_BYTES
    assert TaxYear.objects.count() == 1
    assert Delivery.objects.count() == 1


def test_a_hundred_megabytes_that_are_no_text_are_refused_and_change_nothing(web: Web, tmp_path: Path) -> None:
    code, file = make_company(has_account=False).credit_code, tmp_path / "tax.csv"
    with file.open("wb") as target:
        target.write(b"credit_code,year,revenue,tax_paid\n")
        block = f"{code},2024,1,{'9' * 900}\n".encode() * 1_000
        while target.tell() < LARGE_BYTES:
            target.write(block)
        target.write("最后一行".encode("gb18030"))
    answer = delivered(web, file)
    assert answer.status_code == 422, answer.text
    assert len(answer.json()["detail"]) > 10
    assert web.peak_bytes() < LIMIT_BYTES
    assert not TaxYear.objects.exists()
