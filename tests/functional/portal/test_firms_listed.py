"""The list of an owner's firms and the history of each: searched, summed up and downloaded."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company, Membership
from payouts.exceptions.manual import cancel_payouts
from payouts.models import Payout
from payouts.offers.firms import FIRMS_SHOWN
from payouts.states import Role
from policies.models import MatchRun, Policy, PolicyVersion, Reminder
from tests.factories.claims import claim_entitlements
from tests.factories.companies import make_account, make_company
from tests.factories.entitlements import make_entitlement
from tests.factories.payouts import settle_payouts
from tests.factories.people import make_user
from tests.functional.conftest import in_force
from tests.integration.recovery.test_recovering import demanded
from tests.tellers import Teller

pytestmark = pytest.mark.django_db


def claimed(version: PolicyVersion, firm: Company, **fields: Any) -> Payout:
    right = make_entitlement(of=version, company=firm, **fields)
    done = claim_entitlements(
        entitlement_ids=[right.pk], company=firm, commitment="yes", actor=make_user("owner"), now=timezone.now()
    )
    return Payout.objects.get(pk=done.payout_ids[0])


def refused(firm: Company) -> None:
    claimed(in_force(), firm)
    settle_payouts(Teller(outcome="refused"), now=timezone.now())


def page(client: Client, **sent: str) -> str:
    return client.get(reverse("firms"), sent).content.decode()


def order(text: str, *firms: Company) -> list[str]:
    return sorted((firm.name for firm in firms), key=lambda name: text.index(name))


def test_trouble_comes_first_then_what_can_be_claimed(browser: Callable[..., Client]) -> None:
    idle, small, large, hurt = (make_company(name) for name in ("甲公司", "乙公司", "丙公司", "丁公司"))
    make_entitlement(of=in_force(), company=small, amount_cny=10)
    make_entitlement(of=in_force(), company=large, amount_cny=90)
    refused(hurt)
    text = page(browser("accountant", idle, small, large, hurt))
    assert order(text, idle, small, large, hurt) == [hurt.name, large.name, small.name, idle.name]
    assert "4 firms" in text
    assert "2 can claim ¥100.00 now" in text
    assert "1 needs attention" in text
    assert text.count("pill-failed") == 1
    assert "the bank refused a payment" in text


def test_the_worst_is_said_and_one_pill_of_it(browser: Callable[..., Client]) -> None:
    recovery = demanded()
    firm = recovery.payout.company
    make_entitlement(of=in_force(), company=firm)
    text = page(browser("accountant", firm))
    assert "may not claim" in text
    assert text.count('class="pill') == 1
    client = browser("another", make_company("戊公司"))
    assert 'class="pill' not in page(client)


def test_whose_money_waits_for_an_account_is_seen_in_the_list(browser: Callable[..., Client]) -> None:
    bare = make_company("己公司", has_account=False)
    client, version = browser("accountant", bare), in_force()
    assert "no account on file" not in page(client)
    make_entitlement(of=version, company=bare)
    assert "no account on file" in page(client)
    make_account(company=bare)
    assert "no account on file" not in page(client)


def test_what_no_account_would_bring_now_is_not_said_to_wait_for_one(browser: Callable[..., Client]) -> None:
    bare = make_company("己公司", has_account=False)
    client, version = browser("accountant", bare), in_force()
    make_entitlement(of=version, company=bare)
    run = MatchRun.objects.create(version=version, asked_at=timezone.now(), holds_claims=True)
    assert "no account on file" not in page(client)
    MatchRun.objects.filter(pk=run.pk).update(finished_at=timezone.now())
    assert "no account on file" in page(client)


def test_a_reminder_counts_until_it_is_done(browser: Callable[..., Client], firm: Company) -> None:
    version = in_force()
    make_entitlement(of=version, company=firm)
    about = {"open_count": 1, "open_cny": 70, "waiting_count": 0, "missing": []}
    days = {"due_on": timezone.localdate(), "reminded_at": timezone.now()}
    Reminder.objects.create(version=version, company=firm, number=1, reason="unclaimed", **about, **days)
    client = browser("accountant", firm)
    assert ">reminded<" in page(client)
    claimed(version, firm)
    claim_entitlements(
        entitlement_ids=list(firm.entitlements.filter(status="open").values_list("pk", flat=True)),
        company=firm,
        commitment="yes",
        actor=make_user("owner"),
        now=timezone.now(),
    )
    assert ">reminded<" not in page(client)


def test_many_firms_are_found_by_name_or_code(browser: Callable[..., Client]) -> None:
    firms = [make_company(f"企业{number:03d}") for number in range(FIRMS_SHOWN + 3)]
    client = browser("accountant", *firms)
    text = page(client)
    assert "and 3 more" in text
    assert text.count('scope="row"') == FIRMS_SHOWN
    for words in (firms[7].name, firms[7].credit_code.lower()):
        found = page(client, q=words)
        assert firms[7].name in found
        assert firms[8].name not in found
    assert "None of your firms has this name or code." in page(client, q="别家")
    assert Membership.objects.filter(user__username="accountant").count() == len(firms)


def history(client: Client, firm: Company, **sent: str) -> str:
    """The text of the history, with all white space as one blank."""
    return " ".join(client.get(reverse("history", args=[firm.credit_code]), sent).content.decode().split())


@pytest.fixture
def two_policies(firm: Company) -> tuple[PolicyVersion, PolicyVersion]:
    """Payouts of one policy in two quarters, and one payout of another policy."""
    rent, wages = in_force(), in_force()
    Policy.objects.filter(pk=rent.policy_id).update(title_zh="房租补贴", title_en="Rent aid")
    Policy.objects.filter(pk=wages.policy_id).update(title_zh="=工资补贴", title_en="Wage aid")
    for period, amount_cny in (("2024Q1", 30), ("2024Q2", 40)):
        claimed(rent, firm, period_key=period, amount_cny=amount_cny)
    claimed(wages, firm, amount_cny=500)
    return rent, wages


def test_the_history_is_searched_and_summed(
    owner: Client, firm: Company, two_policies: tuple[PolicyVersion, PolicyVersion]
) -> None:
    assert "3 payouts · paid ¥0.00 · still to be paid ¥570.00" in history(owner, firm)
    for words in ("rent", "房租", two_policies[0].policy.code.lower(), "2024"):
        assert "2 payouts · paid ¥0.00 · still to be paid ¥70.00" in history(owner, firm, q=words), words
    assert "1 payout · paid ¥0.00 · still to be paid ¥40.00" in history(owner, firm, q="2024q2")
    assert "1 payout · paid ¥0.00 · still to be paid ¥30.00" in history(owner, firm, q="2024Q1", stage="reserved")
    assert "No payout is of such a policy or period." in history(owner, firm, q="没有")


def test_the_sum_tells_what_was_paid_from_what_is_to_come_and_leaves_out_what_was_cancelled(
    owner: Client, firm: Company, two_policies: tuple[PolicyVersion, PolicyVersion]
) -> None:
    first = Payout.objects.filter(company=firm, amount_cny=30).get()
    told = {"role": Role.FINANCE, "actor": make_user("clerk"), "because": "a mistake", "now": timezone.now()}
    cancel_payouts(payout_ids=[first.pk], **told)
    settle_payouts(now=timezone.now())
    claimed(two_policies[1], firm, period_key="2024Q3", amount_cny=60)
    assert "4 payouts (1 cancelled) · paid ¥540.00 · still to be paid ¥60.00" in history(owner, firm)
    assert "1 payout (1 cancelled) · paid ¥0.00 · still to be paid ¥0.00" in history(owner, firm, stage="ended")


def rows(client: Client, firm: Company, **sent: str) -> list[list[str]]:
    answer: Any = client.get(reverse("history-file", args=[firm.credit_code]), sent)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_history_is_taken_away_as_it_is_shown(
    browser: Callable[..., Client], firm: Company, two_policies: tuple[PolicyVersion, PolicyVersion]
) -> None:
    client = browser("chinese", firm, language="zh-CN")
    titles, newest, *others = rows(client, firm)
    assert len(titles) == len(newest)
    assert (newest[1], newest[2], newest[4]) == (two_policies[1].policy.code, "'=工资补贴", "500.00")
    assert [row[3] for row in others] == ["2024Q2", "2024Q1"]
    assert [row[4] for row in rows(client, firm, q="2024Q1")[1:]] == ["30.00"]
    stranger = browser("stranger", make_company())
    assert stranger.get(reverse("history-file", args=[firm.credit_code])).status_code == 404
