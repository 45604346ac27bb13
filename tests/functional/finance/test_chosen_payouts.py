"""A clerk ticks payouts in a list: the step takes all of them or none, whatever became of them before the press."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpResponse
from django.test import Client

from payouts.exceptions.admin import payouts as page
from payouts.exceptions.manual import cancel_payouts
from payouts.models import Payout
from payouts.states import Role, Status
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.payouts import make_payout, status_of
from tests.factories.people import make_user
from tests.functional.finance.test_finance_desk import address, failed

pytestmark = pytest.mark.django_db
WAITING = "?status__exact=approved"


@pytest.fixture
def clerk() -> Client:
    return sign_in_official("finance")


def press(clerk: Client, *chosen: object, action: str = "cancel_selected", **more: Any) -> HttpResponse:
    sent = {"action": action, ACTION_CHECKBOX_NAME: [str(each) for each in chosen], "because": "重复", **more}
    answer: HttpResponse = clerk.post(address("payout") + WAITING, sent, follow=True)
    return answer


@pytest.mark.parametrize("prepare", [make_payout, failed])
def test_a_second_press_from_a_filtered_list_is_told_what_became_of_it(
    clerk: Client, prepare: Callable[[], Payout]
) -> None:
    payout = prepare()
    action = "cancel_selected" if prepare is make_payout else "retry_selected"
    for _press in range(2):
        answer = press(clerk, payout.pk, action=action, confirmed="1")
        assert answer.status_code == 200
    assert "already; nothing was changed" in answer.content.decode()


def test_who_left_the_filter_is_not_left_out_unseen(clerk: Client) -> None:
    gone, kept = make_payout(), make_payout()
    cancel_payouts(payout_ids=[gone.pk], role=Role.FINANCE, actor=make_user("other"), because="x", now=NOW)
    assert "2 payouts of" in press(clerk, gone.pk, kept.pk).content.decode()
    press(clerk, gone.pk, kept.pk, confirmed="1")
    assert status_of(kept) == Status.APPROVED


@pytest.mark.parametrize("chosen", [str(10**17), str(10**30), "-1"])
def test_what_is_not_there_is_said_and_nothing_is_done(clerk: Client, chosen: str) -> None:
    kept = make_payout()
    assert "choose again" in press(clerk, chosen, kept.pk, confirmed="1").content.decode()
    assert status_of(kept) == Status.APPROVED


def test_more_than_one_confirmation_may_cover_are_refused(clerk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "AT_ONCE", 1)
    both = [make_payout(), make_payout()]
    for everything in ("0", "1"):
        answer = press(clerk, *(each.pk for each in both), confirmed="1", select_across=everything)
        assert "Choose at most 1 payouts" in answer.content.decode()
    assert {status_of(each) for each in both} == {Status.APPROVED}
