"""
A refusal that no view catches still becomes a sentence: on a page of the portal or the admin, in JSON, or as a line.
"""

from __future__ import annotations

import sys
from typing import NoReturn

import pytest
from django.contrib import admin
from django.core.management import ManagementUtility
from django.http import HttpRequest
from django.test import Client
from django.urls import include, path
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

import manage
from qinqing.kernel.refusals import NotAllowed, NotFound, Refusal
from tests.factories.clients import sign_in_official

pytestmark = pytest.mark.django_db

# Any sentence that has a Chinese wording.
SENTENCE = _("There is no instruction with this end-to-end id.")
ENGLISH, CHINESE = "There is no instruction with this end-to-end id.", "没有该端到端编号的支付指令。"
STATUSES = [("refused", 409), ("not-found", 404), ("not-allowed", 403)]


class SeldomRefused(Refusal):
    """A refusal that no view catches."""


REFUSALS: dict[str, type[Refusal]] = {"refused": SeldomRefused, "not-found": NotFound, "not-allowed": NotAllowed}


def refuse(request: HttpRequest, kind: str) -> NoReturn:
    raise REFUSALS[kind](SENTENCE)


class RefusingView(APIView):
    """A view of the API that refuses."""

    permission_classes = [AllowAny]

    def get(self, request: Request, kind: str) -> NoReturn:
        raise REFUSALS[kind](SENTENCE)


urlpatterns = [
    path("portal/<slug:kind>/", refuse),
    path("admin/refuses/<slug:kind>/", admin.site.admin_view(refuse)),
    path("api/v1/refuses/<slug:kind>/", RefusingView.as_view()),
    path("api/v1/plain/<slug:kind>/", refuse),
    path("", include("qinqing.urls")),
]
with_refusing_views = pytest.mark.urls(__name__)


@with_refusing_views
@pytest.mark.parametrize(("kind", "status"), STATUSES)
def test_the_portal_shows_a_page_in_the_readers_language(kind: str, status: int) -> None:
    answer = Client(headers={"accept-language": "en"}).get(f"/portal/{kind}/")
    page = answer.content.decode()
    assert (answer.status_code, ENGLISH in page, "To the front page" in page) == (status, True, True)
    chinese = Client(headers={"accept-language": "zh-hans"}).get(f"/portal/{kind}/").content.decode()
    assert CHINESE in chinese
    assert ENGLISH not in chinese


@with_refusing_views
@pytest.mark.parametrize(("kind", "status"), STATUSES)
def test_the_desk_shows_a_page_in_its_own_frame(kind: str, status: int) -> None:
    answer = sign_in_official("officer").get(f"/admin/refuses/{kind}/")
    page = answer.content.decode()
    assert (answer.status_code, ENGLISH in page, 'id="main"' in page and "officer-card" in page) == (
        status,
        True,
        True,
    )


@with_refusing_views
@pytest.mark.parametrize(("kind", "status"), STATUSES)
@pytest.mark.parametrize("view", ["refuses", "plain"])
def test_a_machine_reads_json(view: str, kind: str, status: int) -> None:
    answer = Client(headers={"accept-language": "en"}).get(f"/api/v1/{view}/{kind}/")
    assert (answer.status_code, answer.json()) == (status, {"detail": ENGLISH})


@with_refusing_views
def test_what_a_refusal_says_is_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.SENTENCE", "<script>alert(1)</script>")
    assert "<script>alert" not in Client().get("/portal/refused/").content.decode()


def test_a_policy_that_is_not_there_is_answered_with_its_sentence() -> None:
    answer = Client(headers={"accept-language": "en"}).get("/policies/N-1/")
    assert answer.status_code == 404
    assert "N-1" in answer.content.decode()


def test_a_command_ends_with_the_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def execute(self: ManagementUtility) -> NoReturn:
        raise SeldomRefused("Nothing is left to pay.")

    monkeypatch.setattr(ManagementUtility, "execute", execute)
    monkeypatch.setattr(sys, "argv", ["manage.py", "anything"])
    with pytest.raises(SystemExit) as ended:
        manage.main()
    assert str(ended.value) == "Nothing is left to pay."
    monkeypatch.setattr(sys, "argv", ["manage.py", "anything", "--traceback"])
    with pytest.raises(SeldomRefused):
        manage.main()
