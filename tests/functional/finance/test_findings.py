"""The pages on which one clerk says whether the bank paid, and another confirms it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from payouts.models import Finding, Payout
from payouts.states import Status
from qinqing.proposals.models import Proposal
from tests.factories.payouts import grant_more
from tests.integration.replies.test_findings import entered, found, payment, torn
from tests.integration.replies.test_paid_though_cancelled import uncovered

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]
STUCK = "/admin/payouts/leaserelease/stuck/"


def text_of(client: Client, address: str) -> str:
    text: str = client.get(address).content.decode()
    return text


@pytest.mark.parametrize(("answer", "status"), [("yes", Status.PAID), ("no", Status.FAILED)])
def test_one_clerk_enters_and_another_confirms(answer: str, status: Status, browser: Browser) -> None:
    payout = torn()
    asker, checker = browser("asker", role="finance"), browser("checker", role="finance")
    page, step = (reverse(f"admin:payouts_reply_{name}", args=[payment(payout).pk]) for name in ("change", "clarify"))
    assert step in text_of(asker, page)
    assert "The bank did not pay it." in text_of(asker, step)
    said = asker.post(step, {"was_paid": answer, "because": "Mr Li at the counter"}, follow=True).content.decode()
    assert "somebody else has to confirm it" in said
    assert step not in text_of(asker, page)
    finding = Proposal.objects.get(kind="finding")
    confirm = reverse("admin:proposals_proposal_confirm", args=[finding.pk])
    assert reverse("admin:proposals_proposal_change", args=[finding.pk]) in text_of(checker, page)
    assert "waits for somebody else to confirm it" in text_of(checker, STUCK)
    shown = reverse("admin:proposals_proposal_change", args=[finding.pk])
    assert confirm not in text_of(asker, shown)
    assert confirm in text_of(checker, shown)
    asked = text_of(checker, confirm)
    assert "Mr Li at the counter" in asked
    assert ("the money goes out twice" in asked) == (answer == "no")
    assert "is now as proposed" in checker.post(confirm, follow=True).content.decode()
    assert Payout.objects.get(pk=payout.pk).status == status
    assert "Nothing is stuck." in text_of(checker, STUCK)


def test_a_fund_that_has_not_the_money_is_told_of_and_granted_more(browser: Browser) -> None:
    payout, _other, finding = uncovered()
    checker = browser("checker", role="finance")
    confirm = reverse("admin:proposals_proposal_confirm", args=[finding.pk])
    assert "taken out of what its fund has available" in text_of(checker, confirm)
    assert "grant some first" in checker.post(confirm, follow=True).content.decode()
    grant_more(100, to=payout.fund.version)
    assert "is now as proposed" in checker.post(confirm, follow=True).content.decode()
    assert Payout.objects.get(pk=payout.pk).status == Status.PAID


@pytest.mark.parametrize("given", [{"because": "so"}, {"was_paid": "maybe", "because": "so"}, {"was_paid": "yes"}])
def test_bad_input_is_told_and_nothing_is_written(given: dict[str, str], browser: Browser) -> None:
    step = reverse("admin:payouts_reply_clarify", args=[payment(torn()).pk])
    assert browser("asker", role="finance").post(step, given).status_code == 200
    assert not Finding.objects.exists()


@pytest.mark.parametrize("role", ["auditor", "officer"])
def test_nobody_but_finance_finds_out_or_confirms(role: str, browser: Browser) -> None:
    finding = entered(payment(torn()), was_paid=True)
    client = browser("official", role=role)
    for step in ("confirm", "turn_down"):
        assert client.post(reverse(f"admin:proposals_proposal_{step}", args=[finding.pk])).status_code == 403
    assert not Finding.objects.exists()


def test_an_auditor_reads_it_in_chinese(browser: Browser) -> None:
    finding = entered(payment(torn()), was_paid=False)
    shown = reverse("admin:proposals_proposal_change", args=[finding.pk])
    text = text_of(browser("reader", role="auditor", language="zh-hans"), shown)
    assert "银行未支付" in text
    assert "柜台答复" in text


def test_that_a_finding_waits_is_read_in_chinese(browser: Browser) -> None:
    entered(payment(torn()), was_paid=False)
    text = text_of(browser("reader", role="finance", language="zh-hans"), STUCK)
    assert "核实结果待他人确认。" in text
    assert "What was found" not in text


@pytest.mark.parametrize(("language", "outcome"), [("en", "paid"), ("zh-hans", "已到账")])
def test_a_reply_is_named_by_its_payment_and_the_banks_word(language: str, outcome: str, browser: Browser) -> None:
    payout = torn()
    found(payment(payout), was_paid=False)
    reader = browser("reader", role="auditor", language=language)
    for model, row in (("reply", payment(payout).pk), ("finding", Finding.objects.get().pk)):
        shown = text_of(reader, reverse(f"admin:payouts_{model}_change", args=[row]))
        assert f"Q{payout.pk:015d}A01 · {outcome}" in shown
