"""A receipt names the account that the bank paid, and calls no other account paid."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from companies.models import Membership, PayeeAccount
from payouts.models import Payout
from payouts.states import Status
from tests.factories.payouts import make_payout, make_sealed_batch
from tests.factories.people import make_user
from tests.integration.replies.test_paid_after_all import (
    another_account,
    apply,
    cancel,
    failed,
    hear,
    retry,
    send,
    standing,
)

pytestmark = pytest.mark.django_db


def receipt(payout: Payout) -> str:
    client = Client(headers={"accept-language": "en"})
    person = make_user("its owner")
    Membership.objects.get_or_create(user=person, company=payout.company)
    client.force_login(person)
    text: str = client.get(reverse("receipt", args=[payout.company.credit_code, payout.pk])).content.decode()
    return text


def moved_to_another_account() -> tuple[Payout, str, str]:
    """A payout that the bank refused at one account and that waits for another; with both masked numbers."""
    payout = failed()
    refused_at = payout.account.number_masked
    # Test accounts have consecutive numbers, so their two visible last digits may be the same.
    number = next(each for each in ("6222021234567894", "6222021234567803") if each[-2:] != refused_at[-2:])
    another_account(payout, number)
    told = PayeeAccount.objects.get(company=payout.company, is_active=True)
    retry(payout)
    assert standing(payout).account == told
    return payout, refused_at, told.number_masked


def test_the_account_that_was_paid_after_all_stands_on_the_receipt() -> None:
    payout, paid_at, told = moved_to_another_account()
    hear(payout, "paid")
    apply()
    shown = receipt(payout)
    assert "<dt>Paid to</dt>" in shown
    assert paid_at in shown
    assert told not in shown
    assert f"Q{payout.pk:015d}A01" in shown


def test_what_is_sent_again_names_the_account_it_goes_to() -> None:
    payout, refused_at, told = moved_to_another_account()
    assert told in receipt(payout)
    send()
    shown = receipt(payout)
    assert "<dt>Paid to</dt>" in shown
    assert told in shown
    assert refused_at not in shown
    assert f"Q{payout.pk:015d}A02" in shown


def test_what_is_sent_later_names_the_account_that_it_will_go_to() -> None:
    payout = make_payout()
    told_before = payout.account.number_masked
    another_account(payout)
    told = PayeeAccount.objects.get(company=payout.company, is_active=True).number_masked
    shown = receipt(payout)
    assert told in shown
    assert told_before not in shown
    send()
    shown = receipt(payout)
    assert told in shown
    assert told_before not in shown


def test_what_stands_in_a_sealed_batch_goes_to_the_account_in_it() -> None:
    make_sealed_batch(1)
    payout = Payout.objects.get()
    told_before = payout.account.number_masked
    another_account(payout)
    assert told_before in receipt(payout)


def test_what_was_not_paid_is_not_called_paid() -> None:
    payout = make_payout()
    assert "<dt>To be paid to</dt>" in receipt(payout)
    send("refused")
    assert "<dt>To be paid to</dt>" in receipt(payout)
    cancel(payout)
    assert "<dt>To be paid to</dt>" in receipt(payout)


def test_an_attempt_that_came_back_is_not_the_one_that_arrived() -> None:
    payout, paid_at, told = moved_to_another_account()
    send()
    hear(payout, "paid")
    apply()
    hear(payout, "returned", attempt=2)
    apply()
    assert standing(payout).status == Status.PAID
    shown = receipt(payout)
    assert "<dt>Paid to</dt>" in shown
    assert f"Q{payout.pk:015d}A01" in shown
    assert paid_at in shown
    assert told not in shown
