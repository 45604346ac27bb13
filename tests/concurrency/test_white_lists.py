"""Lists of departments at the same moment: two publishers, two files, a claim beside a withdrawal, two reminders."""

from __future__ import annotations

import pytest

from companies.models import Company
from payouts.claims.claim import Claimed, claim_entitlements
from payouts.claims.refusals import NotOpen
from payouts.models import Payout
from policies.deadlines.remind import remind_due
from policies.models import (
    Entitlement,
    EntitlementStatus,
    ListStatus,
    Reminder,
    ReminderRound,
    WhiteList,
    WhiteListEntry,
)
from policies.white_lists.lists import Brought, ListRefused, NamedTwice, publish_list, withdraw_entry
from tests.concurrency.racing import together
from tests.factories import payouts as paid
from tests.factories.policies import NOW, all_delivered, firm, matched, officer
from tests.factories.white_lists import FIRMS, bring, checked, listed_version, published_list, row, table

pytestmark = pytest.mark.django_db(transaction=True)


def with_account(number: int) -> list[Company]:
    firms = [firm() for _each in range(number)]
    for company in firms:
        paid.account(company=company)
    return firms


def test_two_publishers_of_one_list() -> None:
    white_list = checked(listed_version(), row(firm(), 5))
    names = [officer(f"publisher {number}") for number in range(4)]

    def publish(actor) -> object:
        return publish_list(white_list=WhiteList.objects.get(pk=white_list.pk), actor=actor, now=NOW)

    outcomes = together([lambda actor=actor: publish(actor) for actor in names])
    assert sorted(type(each).__name__ for each in outcomes) == ["ListRefused"] * 3 + ["WhiteList"]
    white_list.refresh_from_db()
    assert white_list.published_by in names


def test_two_lists_that_name_the_same_firm_are_not_both_published() -> None:
    version, company = listed_version(), firm()
    lists = [checked(version, row(company, amount)) for amount in (5, 6, 7)]
    second = officer()
    outcomes = together([lambda one=one: publish_list(white_list=one, actor=second, now=NOW) for one in lists])
    assert sorted(type(each).__name__ for each in outcomes) == ["NamedTwice", "NamedTwice", "WhiteList"]
    assert all(isinstance(each, WhiteList | NamedTwice) for each in outcomes)
    assert WhiteListEntry.objects.filter(version=version, standing="live").count() == 1
    assert WhiteList.objects.filter(version=version, status=ListStatus.PUBLISHED).count() == 1


def test_the_same_file_at_the_same_moment_is_one_list() -> None:
    version, company = listed_version(), firm()
    content = table(FIRMS, row(company, 5))
    for name in ("a", "b", "c"):
        officer(name)
    outcomes = together([lambda name=name: bring(version, content, by=name) for name in ("a", "b", "c")])
    assert WhiteList.objects.count() == 1
    assert all(isinstance(each, Brought | ListRefused) for each in outcomes)


def test_a_claim_and_a_withdrawal_do_not_both_win() -> None:
    all_delivered()
    firms, version = with_account(8), listed_version()
    published_list(version, *(row(company, 10) for company in firms))
    matched()
    owner, clerk = paid.person(), officer()
    rights = {right.company_id: right for right in Entitlement.objects.all()}

    def claim(company: Company) -> object:
        return claim_entitlements(
            entitlement_ids=[rights[company.pk].pk], company=company, commitment="", actor=owner, now=NOW
        )

    def withdraw(company: Company) -> object:
        entry = WhiteListEntry.objects.get(credit_code=company.credit_code)
        return withdraw_entry(entry=entry, because="误列", actor=clerk, now=NOW)

    outcomes = together(
        [lambda one=one: claim(one) for one in firms] + [lambda one=one: withdraw(one) for one in firms]
    )
    claims, withdrawals = outcomes[: len(firms)], outcomes[len(firms) :]
    for company, claimed, withdrawn in zip(firms, claims, withdrawals, strict=True):
        right = Entitlement.objects.get(company=company)
        if isinstance(claimed, Claimed):
            assert (right.status, withdrawn) == (EntitlementStatus.CLAIMED, False)
        else:
            assert isinstance(claimed, NotOpen)
            assert (right.status, withdrawn) == (EntitlementStatus.WITHDRAWN, True)
    assert Payout.objects.count() == sum(isinstance(each, Claimed) for each in claims)
    # However it went, deciding anew changes nothing of it.
    before = dict(Entitlement.objects.values_list("pk", "status"))
    matched()
    assert dict(Entitlement.objects.values_list("pk", "status")) == before


def test_a_list_is_published_while_firms_claim() -> None:
    all_delivered()
    firms, version = with_account(12), listed_version()
    first, second = firms[:6], firms[6:]
    published_list(version, *(row(company, 10) for company in first))
    matched()
    waiting = checked(version, *(row(company, 20) for company in second))
    owner, clerk = paid.person(), officer()
    rights = {right.company_id: right for right in Entitlement.objects.all()}

    def claim(company: Company) -> object:
        return claim_entitlements(
            entitlement_ids=[rights[company.pk].pk], company=company, commitment="", actor=owner, now=NOW
        )

    outcomes = together(
        [lambda one=one: claim(one) for one in first]
        + [lambda: publish_list(white_list=waiting, actor=clerk, now=NOW), lambda: matched()]
    )
    assert all(isinstance(each, Claimed) for each in outcomes[: len(first)])
    matched()
    statuses = dict(Entitlement.objects.values_list("company", "status"))
    assert {statuses[company.pk] for company in first} == {EntitlementStatus.CLAIMED}
    assert {statuses[company.pk] for company in second} == {EntitlementStatus.OPEN}


def test_two_workers_remind_once() -> None:
    all_delivered()
    firms, version = with_account(3), listed_version(reminders=["opening"])
    published_list(version, *(row(company, 10) for company in firms))
    matched()
    outcomes = together([lambda: remind_due(now=NOW)] * 4)
    assert sum(outcomes) == 1
    assert Reminder.objects.count() == 3
    assert ReminderRound.objects.count() == 1
