"""Nobody fills the server's memory: forms are short, and files are read only where and from whom they are expected."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from companies.models import Company, User
from payouts.formats.replies.answer import LARGEST_FILE_BYTES
from payouts.models import ReplyFile
from qinqing.uploads import FORM_BYTES, UPLOAD_ADDRESSES
from tests.factories.people import make_department_user

pytestmark = pytest.mark.django_db

UPLOAD = "admin:payouts_replyfile_upload"
# A body of this length would be spooled to the disk if a view read it.
LARGE = b"x" * (FORM_BYTES + 1)


def large() -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile("large.csv", LARGE)}


@pytest.fixture
def _nothing_can_be_spooled(settings: LazySettings, tmp_path: Path) -> None:
    """Make a view that reads a large file fail, because its spool folder does not exist."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "nowhere")


unread = pytest.mark.usefixtures("_nothing_can_be_spooled")


@unread
@pytest.mark.parametrize("address", ["/sign-in/", "/", "/no-such-page/", "/admin/payouts/replyfile/upload/"])
def test_a_stranger_sends_no_file_anywhere(address: str) -> None:
    stranger = Client(enforce_csrf_checks=True, headers={"accept-language": "en", "cookie": "csrftoken=" + "c" * 32})
    answer = stranger.post(address, large())
    assert answer.status_code == 413
    assert "nothing was stored" in answer.content.decode()


def test_twenty_gigabytes_are_refused_by_what_they_announce() -> None:
    answer = Client(headers={"accept-language": "zh-hans"}).generic("POST", "/sign-in/", CONTENT_LENGTH=str(20 << 30))
    assert answer.status_code == 413
    assert "太大" in answer.content.decode()


@unread
def test_a_made_up_session_opens_no_door() -> None:
    client = Client(headers={"cookie": "sessionid=abcdefghijklmnopqrstuvwxyz"})
    assert client.post(reverse(UPLOAD), large()).status_code == 413


@unread
def test_an_owner_and_the_wrong_officials_bring_no_file(owner: Client, browser: Callable[..., Client]) -> None:
    for client in (owner, browser("auditor", role="auditor"), browser("department", role="department")):
        assert client.post(reverse(UPLOAD), large()).status_code == 413


def test_who_may_bring_a_file_brings_a_large_one(browser: Callable[..., Client]) -> None:
    clerk = browser("clerk", role="finance")
    assert clerk.post(reverse(UPLOAD), large()).status_code in (302, 422)
    assert clerk.post("/sign-in/", large()).status_code == 413
    too_large = clerk.generic("POST", reverse(UPLOAD), CONTENT_LENGTH=str(LARGEST_FILE_BYTES + FORM_BYTES + 1))
    assert too_large.status_code == 413
    assert ReplyFile.objects.count() <= 1


def test_an_owner_still_sends_a_form(owner: Client, firm: Company) -> None:
    assert owner.post(reverse("account", args=[firm.credit_code]), {"holder_name": "x" * 10_000}).status_code == 422


@unread
@pytest.mark.parametrize("headers", [{}, {"transfer-encoding": "chunked"}])
def test_a_stranger_at_the_departments_door_reads_json(headers: dict[str, str]) -> None:
    answer = Client(headers=headers).post(reverse("api-deliveries"), large())
    assert answer.status_code == (411 if headers else 413)
    assert "detail" in answer.json()


def test_what_does_not_say_its_length_is_asked_for_it() -> None:
    answer = Client(headers={"transfer-encoding": "chunked", "accept-language": "en"}).post("/sign-in/")
    assert (answer.status_code, b"Content-Length" in answer.content) == (411, True)


@unread
def test_a_wrong_password_has_no_file_read() -> None:
    User.objects.create(username="tax-office")
    wrong = "Basic " + base64.b64encode(b"tax-office:wrong").decode()
    answer = Client(headers={"authorization": wrong}).post(reverse("api-deliveries"), large())
    assert answer.status_code == 401


def test_a_departments_form_with_a_large_file_is_read() -> None:
    _kept, token = AuthToken.objects.create(user=make_department_user())
    answer = Client(headers={"authorization": f"Token {token}"}).post(
        reverse("api-deliveries") + "?delivery_id=large&dataset=tax", large()
    )
    # The view read the file, and found that it is no table of taxes.
    assert answer.status_code == 422, answer.content


def test_every_door_is_an_address() -> None:
    assert all(reverse(name) for name in UPLOAD_ADDRESSES)
