"""The progress of a claim whose money arrived and is demanded back never says that the bank could not pay."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from payouts.models import Fund, Payout, Recovery
from payouts.recovery.recover import appeal_against, decide_appeal, demand_repayment, end_recovery, record_repayment
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import act_for
from tests.factories.payouts import choose_bank, make_bank, make_paid
from tests.factories.people import make_user
from tests.integration.recovery.test_recovering import breach

pytestmark = pytest.mark.django_db


def demanded(payout: Payout, amount_cny: int) -> Recovery:
    terms = {"amount_cny": Decimal(amount_cny), "because": "已停业"}
    return demand_repayment(check=breach(payout), **terms, actor=make_user("finance"), now=NOW)


def received(recovery: Recovery) -> None:
    record_repayment(
        recovery_id=recovery.pk,
        amount_cny=recovery.amount_cny,
        received_on=TODAY,
        bank_reference="R-1",
        actor=make_user("cashier"),
        now=NOW,
    )


def repaid(recovery: Recovery) -> None:
    received(recovery)
    end_recovery(recovery_id=recovery.pk, actor=make_user("closer"), now=NOW)


def progress(payout: Payout) -> str:
    client = Client(headers={"accept-language": "en"})
    client.force_login(act_for(payout.company, make_user("its owner")))
    address = reverse("claim-progress", args=[payout.company.credit_code, payout.claim_id])
    text: str = client.get(address).content.decode()
    assert "could not be paid" not in text
    assert "1 / 1" in text
    return text


@pytest.mark.parametrize(("amount", "said"), [(100, "all of it is asked back"), (40, "part of it is asked back")])
def test_what_is_asked_back_was_paid(amount: int, said: str) -> None:
    payout = make_paid()
    recovery = demanded(payout, amount)
    text = progress(payout)
    assert f"The money was paid; {said}" in text
    assert reverse("recovery", args=[payout.company.credit_code, recovery.pk]) in text
    assert f"¥{amount}.00" in text


@pytest.mark.parametrize(("amount", "said"), [(100, "all of it was paid back"), (40, "part of it was paid back")])
def test_what_was_paid_back_was_paid(amount: int, said: str) -> None:
    payout = make_paid()
    repaid(demanded(payout, amount))
    assert f"The money was paid; {said}" in progress(payout)


def test_a_demand_that_was_withdrawn_is_gone() -> None:
    payout = make_paid()
    owner = act_for(payout.company, make_user("its owner"))
    filed = appeal_against(recovery=demanded(payout, 100), text="材料属实", actor=owner, now=NOW)
    decide_appeal(appeal_id=filed.pk, is_upheld=True, decision="属实", actor=make_user("judge"), now=NOW)
    assert "The money has arrived" in progress(payout)


def demand_page(recovery: Recovery) -> str:
    client = Client(headers={"accept-language": "en"})
    company = recovery.payout.company
    client.force_login(act_for(company, make_user("its owner")))
    text: str = client.get(reverse("recovery", args=[company.credit_code, recovery.pk])).content.decode()
    return text


def test_a_demand_says_where_it_is_repaid_to() -> None:
    recovery = demanded(make_paid(), 100)
    text = demand_page(recovery)
    for told in (settings.PAYER_NAME, settings.PAYER_ACCOUNT, settings.PAYER_BANK_NUMBER):
        assert told in text
    assert f"payout number {recovery.payout_id}" in text


def test_it_is_repaid_to_the_bank_of_its_fund() -> None:
    payout = make_paid()
    bank = make_bank(
        channel="http", payer_name="余杭区财政局", payer_account="330100777", payer_bank_number="313331000999"
    )
    choose_bank(fund=Fund.objects.get(pk=payout.fund_id), bank=bank)
    recovery = demanded(payout, 100)
    text = demand_page(recovery)
    for told in (bank.payer_name, bank.payer_account, bank.payer_bank_number):
        assert told in text
    assert settings.PAYER_ACCOUNT not in text


def test_what_was_repaid_names_no_account() -> None:
    recovery = demanded(make_paid(), 100)
    repaid(recovery)
    assert settings.PAYER_ACCOUNT not in demand_page(recovery)


def test_what_has_come_in_is_not_asked_for_until_a_clerk_closes_the_demand() -> None:
    payout = make_paid()
    recovery = demanded(payout, 100)
    client, code = Client(headers={"accept-language": "en"}), payout.company.credit_code
    client.force_login(act_for(payout.company, make_user("pays back")))
    firm, page = reverse("firm", args=[code]), reverse("recovery", args=[code, recovery.pk])
    assert page in client.get(firm).content.decode()
    received(recovery)
    assert page not in client.get(firm).content.decode()
    text = client.get(page).content.decode()
    assert "All of it has come in" in text
    assert "Where to repay it" not in text
    assert "all of it was paid back" in progress(payout)
