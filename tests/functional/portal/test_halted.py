"""What a firm reads of a claim that does not arrive in seconds: its policy is suspended, or its bank takes files."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company
from payouts.batches.assemble import open_batch, seal_batch
from payouts.batches.release import release_batch
from payouts.ledger.funds import open_funds
from payouts.models import Fund, Payout
from payouts.states import Status
from policies.authoring.suspend import suspend_version
from policies.models import PolicyVersion
from tests.factories.claims import claim_entitlements
from tests.factories.decisions import lift_by_two
from tests.factories.entitlements import make_entitlement
from tests.factories.payouts import check_batch, choose_bank, make_bank, settle_payouts
from tests.factories.people import make_user
from tests.functional.conftest import in_force
from tests.tellers import Teller

pytestmark = pytest.mark.django_db


def by_files() -> PolicyVersion:
    """A version whose fund is with a bank that takes files."""
    version = in_force()
    open_funds(version_ids=[version.pk], now=timezone.now())
    choose_bank(fund=Fund.objects.get(version=version), bank=make_bank())
    return version


def claimed(firm: Company, *versions: PolicyVersion) -> Payout:
    """Claim one entitlement of each version, two days ago; the last payout."""
    rights = [make_entitlement(of=version, company=firm) for version in versions]
    done = claim_entitlements(
        entitlement_ids=[right.pk for right in rights],
        company=firm,
        commitment="yes",
        actor=make_user("owner"),
        now=timezone.now() - timedelta(hours=50),
    )
    return Payout.objects.get(pk=done.payout_ids[-1])


def stopped(version: PolicyVersion) -> None:
    suspend_version(version=version, reason="核查资料", actor=make_user("first"), now=timezone.now())


def progress(client: Client, payout: Payout, *, status: int = 200) -> str:
    """The progress page; htmx gets the expected status as well."""
    address = reverse("claim-progress", args=[payout.company.credit_code, payout.claim_id])
    assert client.get(address, headers={"HX-Request": "true"}).status_code == status
    return client.get(address).content.decode()


def is_watched(text: str) -> bool:
    return "hx-trigger" in text or "step-now" in text or "http-equiv" in text


def firm_page(client: Client, firm: Company) -> str:
    return client.get(reverse("firm", args=[firm.credit_code])).content.decode()


def test_who_claimed_before_a_suspension_reads_of_it(owner: Client, firm: Company) -> None:
    version = in_force()
    payout = claimed(firm, version)
    assert is_watched(progress(owner, payout))
    assert "is suspended since" not in firm_page(owner, firm)
    stopped(version)
    settle_payouts(now=timezone.now())
    text = progress(owner, payout, status=286)
    assert "Your money waits: its policy is suspended" in text
    assert "on its way" not in text
    assert "核查资料" in text
    assert not is_watched(text)
    page = firm_page(owner, firm)
    assert "核查资料" in page
    assert "What was claimed under it is kept and is paid by itself once it goes on." in page


def test_when_it_is_lifted_the_money_moves_again(owner: Client, firm: Company) -> None:
    version = in_force()
    payout = claimed(firm, version)
    stopped(version)
    lift_by_two(version, now=timezone.now())
    assert is_watched(progress(owner, payout))
    settle_payouts(now=timezone.now())
    assert "The money has arrived" in progress(owner, payout, status=286)
    assert "is suspended since" not in firm_page(owner, firm)


def test_what_is_paid_already_is_not_held(owner: Client, firm: Company) -> None:
    version = in_force()
    payout = claimed(firm, version)
    settle_payouts(now=timezone.now())
    stopped(version)
    assert "The money has arrived" in progress(owner, payout, status=286)
    assert "is suspended since" not in firm_page(owner, firm)


def test_beside_what_is_held_the_rest_is_watched(owner: Client, firm: Company) -> None:
    held = in_force()
    payout = claimed(firm, held, in_force())
    stopped(held)
    text = progress(owner, payout)
    assert "Your money is on its way" in text
    assert "1 payout is not sent while its policy is suspended." in text
    settle_payouts(now=timezone.now())
    text = progress(owner, payout, status=286)
    assert "Part of the money has arrived" in text
    assert "1 payout is not sent" in text


def test_what_a_bank_takes_in_files_comes_with_the_next_batch(owner: Client, firm: Company) -> None:
    payout = claimed(firm, by_files())
    text = progress(owner, payout, status=286)
    assert "Your money is paid with the next batch" in text
    assert "1 payout is paid with the next batch" in text
    assert not is_watched(text)


def test_and_is_with_the_bank_until_it_answers(owner: Client, firm: Company) -> None:
    payout, now = claimed(firm, by_files()), timezone.now()
    batch = open_batch(fund=payout.fund, actor=make_user("maker"), now=now)
    declared = {"declared_count": 1, "declared_sum_cny": Decimal(100)}
    batch = seal_batch(batch=batch, **declared, actor=make_user("maker"), now=now)
    batch = check_batch(batch=batch, actor=make_user("checker"), now=now)
    release_batch(batch=batch, actor=make_user("releaser"), now=now)
    payout.refresh_from_db()
    assert payout.status == Status.SENT
    text = progress(owner, payout, status=286)
    assert "Your money is with the bank" in text
    assert "1 payout is with its bank in a file." in text
    assert not is_watched(text)


def listed(client: Client, payout: Payout) -> str:
    """What the history says of a payout; the receipt says so as well."""
    code = payout.company.credit_code
    pages = reverse("history", args=[code]), reverse("receipt", args=[code, payout.pk])
    texts = [client.get(page).content.decode() for page in pages]
    assert len({text.count("data-halt") for text in texts}) == 1
    return texts[0]


def test_the_history_says_why_the_money_does_not_come(owner: Client, firm: Company) -> None:
    version = in_force()
    payout = claimed(firm, version)
    assert "data-halt" not in listed(owner, payout)
    stopped(version)
    assert "its policy is suspended; it is sent when the suspension is lifted" in listed(owner, payout)
    lift_by_two(version, now=timezone.now())
    settle_payouts(now=timezone.now())
    assert "data-halt" not in listed(owner, payout)


def remarks(client: Client, payout: Payout) -> str:
    """The last column of the payout's row in the spreadsheet."""
    answer: Any = client.get(reverse("history-file", args=[payout.company.credit_code]))
    _titles, row = csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    return row[-1]


def test_the_spreadsheet_says_it_too(owner: Client, firm: Company) -> None:
    version = in_force()
    payout = claimed(firm, version)
    assert remarks(owner, payout) == ""
    stopped(version)
    assert remarks(owner, payout) == "its policy is suspended; it is sent when the suspension is lifted"
    lift_by_two(version, now=timezone.now())
    settle_payouts(Teller(outcome="refused"), now=timezone.now())
    assert "account to be mended by" in remarks(owner, payout)


def test_the_history_says_that_a_bank_takes_files(owner: Client, firm: Company) -> None:
    payout = claimed(firm, by_files())
    assert "paid with the next batch of its bank, in some days" in listed(owner, payout)
