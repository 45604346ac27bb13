"""Officers act on departments' lists at the same moment: two publish, two upload, a claim meets a withdrawal."""

from __future__ import annotations

import pytest

from companies.models import Company
from payouts.claims.clicks import Claimed
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
from policies.white_lists.lists import ListRefused, NamedTwice, UploadedList, publish_list, withdraw_entry
from tests.concurrency.racing import together
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.deliveries import make_all_deliveries
from tests.factories.people import make_officer, make_user
from tests.factories.policies import match_all
from tests.factories.white_lists import (
    FIRMS,
    bring,
    list_file,
    list_row,
    make_checked_list,
    make_list_version,
    make_published_list,
)

pytestmark = pytest.mark.django_db(transaction=True)


def with_account(number: int) -> list[Company]:
    return [make_company() for _each in range(number)]


def test_two_publishers_of_one_list() -> None:
    white_list = make_checked_list(make_list_version(), list_row(make_company(), 5))
    names = [make_officer(f"publisher {number}") for number in range(4)]

    def publish(actor) -> object:
        return publish_list(white_list=WhiteList.objects.get(pk=white_list.pk), actor=actor, now=NOW)

    outcomes = together([lambda actor=actor: publish(actor) for actor in names])
    assert sorted(type(each).__name__ for each in outcomes) == ["ListRefused"] * 3 + ["WhiteList"]
    white_list.refresh_from_db()
    assert white_list.published_by in names


def test_two_lists_that_name_the_same_firm_are_not_both_published() -> None:
    version, company = make_list_version(), make_company()
    lists = [make_checked_list(version, list_row(company, amount)) for amount in (5, 6, 7)]
    second = make_officer()
    outcomes = together([lambda one=one: publish_list(white_list=one, actor=second, now=NOW) for one in lists])
    assert sorted(type(each).__name__ for each in outcomes) == ["NamedTwice", "NamedTwice", "WhiteList"]
    assert all(isinstance(each, WhiteList | NamedTwice) for each in outcomes)
    assert WhiteListEntry.objects.filter(version=version, standing="live").count() == 1
    assert WhiteList.objects.filter(version=version, status=ListStatus.PUBLISHED).count() == 1


def test_the_same_file_at_the_same_moment_is_one_list() -> None:
    version, company = make_list_version(), make_company()
    content = list_file(FIRMS, list_row(company, 5))
    for name in ("a", "b", "c"):
        make_officer(name)
    outcomes = together([lambda name=name: bring(version, content, by=name) for name in ("a", "b", "c")])
    assert WhiteList.objects.count() == 1
    assert all(isinstance(each, UploadedList | ListRefused) for each in outcomes)


def test_a_claim_and_a_withdrawal_do_not_both_win() -> None:
    make_all_deliveries()
    firms, version = with_account(8), make_list_version()
    make_published_list(version, *(list_row(company, 10) for company in firms))
    match_all()
    owner, clerk = make_user("owner"), make_officer()
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
    # Whoever won each race, a new decision changes no status.
    before = dict(Entitlement.objects.values_list("pk", "status"))
    match_all()
    assert dict(Entitlement.objects.values_list("pk", "status")) == before


def test_a_list_is_published_while_firms_claim() -> None:
    make_all_deliveries()
    firms, version = with_account(12), make_list_version()
    first, second = firms[:6], firms[6:]
    make_published_list(version, *(list_row(company, 10) for company in first))
    match_all()
    waiting = make_checked_list(version, *(list_row(company, 20) for company in second))
    owner, clerk = make_user("owner"), make_officer()
    rights = {right.company_id: right for right in Entitlement.objects.all()}

    def claim(company: Company) -> object:
        return claim_entitlements(
            entitlement_ids=[rights[company.pk].pk], company=company, commitment="", actor=owner, now=NOW
        )

    outcomes = together(
        [lambda one=one: claim(one) for one in first]
        + [lambda: publish_list(white_list=waiting, actor=clerk, now=NOW), lambda: match_all()]
    )
    assert all(isinstance(each, Claimed) for each in outcomes[: len(first)])
    match_all()
    statuses = dict(Entitlement.objects.values_list("company", "status"))
    assert {statuses[company.pk] for company in first} == {EntitlementStatus.CLAIMED}
    assert {statuses[company.pk] for company in second} == {EntitlementStatus.OPEN}


def test_two_workers_remind_once() -> None:
    make_all_deliveries()
    firms, version = with_account(3), make_list_version(reminders=["opening"])
    make_published_list(version, *(list_row(company, 10) for company in firms))
    match_all()
    outcomes = together([lambda: remind_due(now=NOW)] * 4)
    assert sum(outcomes) == 1
    assert Reminder.objects.count() == 3
    assert ReminderRound.objects.count() == 1
