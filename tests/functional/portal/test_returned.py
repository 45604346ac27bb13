"""The bank returned money: the firm reads by when to name another account, the clerk sees which firms have not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from companies.models import Company
from payouts.banks.gateway import Answer
from payouts.ledger.waiting_accounts import (
    ACCOUNT_REQUEST_PERIOD,
    AUTOMATIC_ATTEMPT_LIMIT,
    compute_account_deadline,
    filter_for_account,
    sum_stopped_payouts,
)
from payouts.models import Payout
from payouts.replies.apply import apply_replies, record_answers
from payouts.sending.account_replaced import resume_mended
from payouts.states import Status
from tests.factories.claims import claim_entitlements
from tests.factories.companies import confirm_by_officials
from tests.factories.entitlements import make_entitlement
from tests.factories.payouts import settle_payouts
from tests.factories.people import make_user
from tests.functional.conftest import in_force
from tests.integration.exceptions.test_resuming import store

pytestmark = pytest.mark.django_db


@pytest.fixture
def returned(firm: Company) -> Payout:
    right = make_entitlement(of=in_force(), company=firm)
    now = timezone.now()
    claim_entitlements(entitlement_ids=[right.pk], company=firm, commitment="yes", actor=make_user("owner"), now=now)
    settle_payouts(now=timezone.now())
    payout = Payout.objects.get(entitlement=right)
    record_answers(answers=[Answer(f"Q{payout.pk:015d}A01", "returned", now, reason="no such account")], now=now)
    apply_replies(limit=10, now=now)
    return Payout.objects.get(pk=payout.pk)


def test_the_firm_reads_by_when_to_tell_another_account(owner: Client, returned: Payout) -> None:
    code = returned.company.credit_code
    page = owner.get(reverse("firm", args=[code])).content.decode()
    assert "or sent it back" in page
    assert reverse("account", args=[code]) in page
    history = owner.get(reverse("history", args=[code])).content.decode()
    assert "account to be mended by" in history
    found = sum_stopped_payouts(company=returned.company).account_request
    assert found is not None
    assert (found.count, found.amount_cny, found.due_on) == (
        1,
        returned.amount_cny,
        compute_account_deadline(returned.moved_at),
    )


def test_a_day_that_is_past_is_none_to_do_it_by(
    owner: Client, returned: Payout, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = reverse("firm", args=[returned.company.credit_code])
    assert "Tell us another account by" in owner.get(address).content.decode()
    monkeypatch.setattr("payouts.ledger.waiting_accounts.ACCOUNT_REQUEST_PERIOD", timedelta(days=-1))
    page = owner.get(address).content.decode()
    assert "Tell us another account by" not in page
    assert "Tell us another account<" in page


def test_the_firm_reads_who_decides_after_too_many_accounts(owner: Client, returned: Payout) -> None:
    for attempt in range(2, AUTOMATIC_ATTEMPT_LIMIT + 1):
        store(returned, attempt)
    page = owner.get(reverse("firm", args=[returned.company.credit_code])).content.decode()
    assert "an official decides about it" in page
    assert "Tell us another account" not in page
    history = owner.get(reverse("history", args=[returned.company.credit_code])).content.decode()
    assert "account to be mended by" not in history
    assert "an official decides whether it is paid again" in history


def test_a_new_account_is_enough(owner: Client, returned: Payout) -> None:
    company = returned.company
    number = "6222021234567894"
    filled = {"holder_name": company.name, "bank_name": "杭州银行", "bank_number": "313331000014"}
    filled |= {"number": number, "number_again": number, "is_confirmed": "on"}
    assert owner.post(reverse("account", args=[company.credit_code]), filled).status_code == 302
    with override_settings(ACCOUNT_COOL_OFF_HOURS=0):
        confirm_by_officials(company.accounts.get(usable_from=None), now=timezone.now())
    # The request disappears at once, before the worker sends the payout again.
    assert sum_stopped_payouts(company=company).account_request is None
    assert resume_mended(limit=10, now=timezone.now()) == 1
    settle_payouts(now=timezone.now())
    returned.refresh_from_db()
    assert returned.status == Status.PAID
    assert sum_stopped_payouts(company=company).account_request is None


def test_the_clerk_sees_who_waits_and_who_is_overdue(browser: Callable[..., Client], returned: Payout) -> None:
    clerk = browser("clerk", role="finance")
    listed = reverse("admin:payouts_payout_changelist")
    own_page = f"/{returned.pk}/change"
    for choice, is_there in {"all": True, "in_time": True, "overdue": False}.items():
        assert (own_page in clerk.get(listed, {"mending": choice}).content.decode()) is is_there
    page = clerk.get(reverse("admin:payouts_payout_change", args=[returned.pk])).content.decode()
    assert "Account to be mended by" in page
    later = timezone.now() + ACCOUNT_REQUEST_PERIOD + timedelta(days=1)
    overdue = filter_for_account(Payout.objects.all(), now=later, is_overdue=True)
    assert list(overdue) == [returned]


def test_the_last_day_is_in_time_until_it_ends(returned: Payout) -> None:
    last = compute_account_deadline(returned.moved_at)
    midnight = timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min))
    for now, is_overdue in ((midnight - timedelta(seconds=1), False), (midnight, True)):
        assert list(filter_for_account(Payout.objects.all(), now=now, is_overdue=is_overdue)) == [returned]
        assert not filter_for_account(Payout.objects.all(), now=now, is_overdue=not is_overdue)
