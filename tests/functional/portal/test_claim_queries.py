"""How many statements a click and its progress page send, however much is claimed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company
from payouts.ledger.funds import open_funds
from payouts.models import Claim, Payout
from qinqing.demo.campaign.stages.forms import form_to
from tests.factories.entitlements import make_entitlement
from tests.factories.payouts import settle_payouts
from tests.functional.conftest import in_force

pytestmark = pytest.mark.django_db

Counting = Callable[[int], AbstractContextManager[object]]


@pytest.mark.parametrize("count", [1, 7])
def test_a_click_takes_ten_messages(
    owner: Client, firm: Company, count: int, django_assert_num_queries: Counting
) -> None:
    version = in_force()
    # The first claim of a version opens its fund, which would cost more statements.
    open_funds(version_ids=[version.pk], now=timezone.now())
    for _each in range(count):
        make_entitlement(of=version, company=firm)
    path = reverse("claim", args=[firm.credit_code])
    sent = form_to(owner.get(reverse("firm", args=[firm.credit_code])).content.decode(), path=path).filled_in()
    # Session, account, firm; the accepted text; and seven statements of the claim, between the two of its transaction.
    # The claim sends its time limit for locks with its first statement, one message locks the fund and judges the
    # claim, and another takes the payouts through two moves: ten messages in all.
    with django_assert_num_queries(3 + 1 + 7 + 2):
        answer = owner.post(path, sent)
    assert answer.status_code == 302
    assert Payout.objects.filter(company=firm).count() == count


@pytest.mark.parametrize("is_paid", [False, True])
def test_a_look_at_the_progress_takes_six(
    owner: Client, firm: Company, is_paid: bool, django_assert_num_queries: Counting
) -> None:
    for _each in range(3):
        make_entitlement(of=in_force(), company=firm)
    path = reverse("claim", args=[firm.credit_code])
    owner.post(
        path, form_to(owner.get(reverse("firm", args=[firm.credit_code])).content.decode(), path=path).filled_in()
    )
    if is_paid:
        settle_payouts(now=timezone.now())
    progress = reverse("claim-progress", args=[firm.credit_code, Claim.objects.get().pk])
    with django_assert_num_queries(6):
        answer = owner.get(progress, headers={"HX-Request": "true"})
    assert answer.status_code == (286 if is_paid else 200)
