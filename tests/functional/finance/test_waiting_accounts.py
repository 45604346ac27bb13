"""Two clerks put an account that waits in use; each of them stops one alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from companies.firms.payee_accounts import replace_account
from companies.models import PayeeAccount
from qinqing.proposals.models import Proposal
from tests.factories.clock import NOW
from tests.factories.companies import act_for, make_company
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]


@pytest.fixture
def waiting() -> PayeeAccount:
    """Another account of a firm, which one of its people entered."""
    told = {"holder_name": "杭州清茶有限公司", "bank_name": "杭州银行", "bank_number": "313331000014"}
    firm = make_company("杭州清茶有限公司")
    return replace_account(
        company=firm, number="33050161000000002", **told, actor=act_for(firm, make_user("keeper")), now=NOW
    )


def address(step: str, account: PayeeAccount) -> str:
    return reverse(f"admin:companies_payeeaccount_{step}", args=[account.pk])


def test_one_clerk_proposes_and_another_confirms(browser: Browser, waiting: PayeeAccount) -> None:
    maker, checker = browser("maker", role="finance"), browser("checker", role="finance")
    shown = maker.get(address("change", waiting)).content.decode()
    assert address("propose", waiting) in shown
    assert "330************02" in shown
    maker.post(address("propose", waiting), {"because": "与印鉴卡一致", "document_number": "杭财〔2026〕3号"})
    proposal = Proposal.objects.get(kind="payee_account")
    confirm = reverse("admin:proposals_proposal_confirm", args=[proposal.pk])
    maker.post(confirm)
    waiting.refresh_from_db()
    assert waiting.usable_from is None
    page = checker.get(reverse("admin:proposals_proposal_change", args=[proposal.pk])).content.decode()
    for word in ("杭州银行 622", "杭州银行 330************02", "in use after its cool-off", "24"):
        assert word in page
    checker.post(confirm)
    waiting.refresh_from_db()
    assert (waiting.is_active, waiting.confirmed_by.username) == (True, "checker")
    assert "in its cool-off" in checker.get(address("change", waiting)).content.decode()


def test_a_clerk_stops_it_alone(browser: Browser, waiting: PayeeAccount) -> None:
    clerk = browser("maker", role="finance")
    clerk.post(address("stop", waiting))
    waiting.refresh_from_db()
    assert (waiting.stopped_at is None, waiting.stopped_by.username) == (False, "maker")
    assert address("stop", waiting) not in clerk.get(address("change", waiting)).content.decode()


def test_what_waits_is_work_until_somebody_proposes_it(browser: Browser, waiting: PayeeAccount) -> None:
    clerk = browser("maker", role="finance")
    assert "Accounts of payees that wait" in clerk.get(reverse("admin:index")).content.decode()
    clerk.post(address("propose", waiting), {"because": "与印鉴卡一致"})
    assert "Accounts of payees that wait" not in clerk.get(reverse("admin:index")).content.decode()
