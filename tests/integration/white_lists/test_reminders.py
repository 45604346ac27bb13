"""
Firms get three reminders on the days of the version, and then what is unclaimed is waived; no reminder is a refusal.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from structlog.testing import capture_logs

from companies.models import Company
from payouts.models import Blacklisting
from policies.authoring.publish import match_version_again
from policies.deadlines.lapse import lapse_entitlements
from policies.deadlines.remind import remind_due
from policies.deadlines.reminders import export_rows, lapsed_by_version, reminders_for, rounds_of
from policies.models import EntitlementStatus, MatchRun, PolicyVersion, Reminder, ReminderRound
from policies.white_lists.queries import lapsed_totals
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import make_all_deliveries, make_row
from tests.factories.entitlements import make_entitlement, make_version
from tests.factories.penalties import lift_ban
from tests.factories.policies import entitlements_of, make_published, match_all
from tests.factories.white_lists import LAST_DAY, list_row, make_list_version, make_published_list
from tests.integration.exceptions import test_third_parties as third_party
from tests.integration.ledger.test_received import award, pay
from tests.integration.recovery.test_recovering import demanded

pytestmark = pytest.mark.django_db

THREE = ["opening", "halfway", "three_days"]


def on(days: int) -> dt.datetime:
    return NOW + dt.timedelta(days=days)


def reminding(*clauses: str, **fields: object) -> PolicyVersion:
    return make_list_version(*clauses, **({"reminders": THREE} | fields))


def sent(version: PolicyVersion) -> list[tuple[int, int, str, Decimal]]:
    rows = Reminder.objects.filter(version=version).order_by("number", "company")
    return [(each.number, each.company_id, each.reason, each.open_cny) for each in rows]


def test_the_rounds_follow_from_the_window() -> None:
    version = reminding()
    days = [(each.number, each.moment.value, (each.due_on - TODAY).days) for each in rounds_of(version=version)]
    assert days == [(1, "opening", 0), (2, "halfway", 15), (3, "three_days", 27)]
    # In a window of three days, the last reminder falls on the day of the first one, and is left out.
    short = reminding(closes_on=TODAY + dt.timedelta(days=3))
    assert [(each.moment.value, (each.due_on - TODAY).days) for each in rounds_of(version=short)] == [
        ("opening", 0),
        ("halfway", 1),
    ]
    assert rounds_of(version=make_published("true")) == ()


def test_what_goes_to_a_third_party_waits_for_no_account_of_the_firm() -> None:
    make_all_deliveries()
    third_party.registered()
    company = third_party.billed()
    third_party.billed(third_party.OTHER, company=make_company(has_account=False))
    version = make_published(
        "true", amount="bill.amount", closes_on=LAST_DAY, reminders=THREE, **(third_party.RULES | {"track": "instant"})
    )
    match_all()
    remind_due(now=NOW)
    # Nobody knows an account of the other firm's supplier, and that firm can do nothing about it.
    assert [(each[1], each[2]) for each in sent(version)] == [(company.pk, "unclaimed")]


def test_three_reminders_then_it_is_waived_and_listed() -> None:
    make_all_deliveries()
    company, version = make_company(), reminding()
    assert remind_due(now=NOW) == 0, "there is no list yet"
    make_published_list(version, list_row(company, 900))
    assert remind_due(now=NOW) == 0, "matching has not seen the list yet"
    match_all()
    assert remind_due(now=NOW) == 1
    assert remind_due(now=NOW) == 0
    for days in (14, 15, 26, 27, 30):
        make_all_deliveries(as_of_on=on(days).date())
        remind_due(now=on(days))
    assert sent(version) == [(number, company.pk, "unclaimed", Decimal(900)) for number in (1, 2, 3)]
    notice = reminders_for(company=company, on=TODAY)[0]
    assert (notice.number, notice.rounds, notice.open_cny, notice.closes_on) == (3, 3, Decimal(900), LAST_DAY)
    assert lapse_entitlements(now=on(30)) == 0
    assert lapse_entitlements(now=on(31)) == 1
    assert entitlements_of(version) == {f"company:{company.pk}": (Decimal(900), EntitlementStatus.LAPSED)}
    gone = lapsed_by_version(company=company)[0]
    assert (gone.code, gone.count, gone.amount_cny, gone.expired_on) == (
        version.policy.code,
        1,
        Decimal(900),
        LAST_DAY,
    )
    assert lapsed_totals(version=version) == (1, Decimal(900))
    assert reminders_for(company=company, on=TODAY) == ()


def test_a_missing_account_and_missing_facts_are_reminded_of_and_refuse_nobody() -> None:
    make_all_deliveries()
    homeless, unknown, poor, fine, unlisted = (
        make_company(has_account=False),
        make_company(),
        make_company(),
        make_company(),
        make_company(),
    )
    for company, revenue in ((homeless, 100), (poor, 1), (fine, 100)):
        make_row(TaxYear, company, year=2024, revenue=revenue)
    version = reminding("tax[year = 2024].revenue >= 100")
    make_published_list(version, *(list_row(company, 10) for company in (homeless, unknown, poor, fine)))
    match_all()
    remind_due(now=NOW)
    assert sent(version) == [
        (1, homeless.pk, "account", Decimal(10)),
        (1, unknown.pk, "facts", Decimal(0)),
        (1, fine.pk, "unclaimed", Decimal(10)),
    ]
    notice = reminders_for(company=unknown, on=TODAY)[0]
    assert len(notice.missing) == 1
    assert "税务" in notice.missing[0]
    # The fact arrives: the reminder about the fact ends, and one about the entitlement follows.
    make_row(TaxYear, unknown, year=2024, revenue=200)
    match_version_again(version=version, now=NOW)
    match_all()
    assert reminders_for(company=unknown, on=TODAY)[0].reason == "unclaimed"
    assert not Reminder.objects.filter(company=unlisted).exists()


def test_late_data_of_a_department_is_nothing_to_remind_a_firm_of() -> None:
    make_all_deliveries(but=["lists"])
    company = make_company()
    version = reminding('count(lists[name = "top_100"]) = 0')
    make_published_list(version, list_row(company, 10))
    match_all()
    assert remind_due(now=NOW) == 1
    assert sent(version) == []


def test_other_tracks_remind_when_they_say_so() -> None:
    make_all_deliveries()
    rich, homeless = make_company(), make_company(has_account=False)
    automatic = make_published("true", track="automatic", reminders=THREE, closes_on=LAST_DAY)
    silent = make_published("true", closes_on=LAST_DAY)
    match_all()
    assert remind_due(now=NOW) == 1
    # Money that comes by itself needs no reminder, unless it has no account to go to.
    assert sent(automatic) == [(1, homeless.pk, "account", Decimal(100))]
    assert sent(silent) == []
    assert reminders_for(company=rich, on=TODAY) == ()


def test_rounds_that_were_missed_are_passed_over() -> None:
    make_all_deliveries(as_of_on=on(20).date())
    company, version = make_company(), reminding()
    make_published_list(version, list_row(company, 10))
    match_all(now=on(20))
    assert remind_due(now=on(20)) == 2
    rounds = ReminderRound.objects.filter(version=version).order_by("number")
    assert [(each.number, each.reminded_count) for each in rounds] == [(1, None), (2, 1)]
    assert [number for number, *_rest in sent(version)] == [2]


def test_a_version_that_is_being_matched_or_suspended_waits() -> None:
    make_all_deliveries()
    company, version = make_company(), reminding()
    make_published_list(version, list_row(company, 10))
    match_all()
    MatchRun.objects.create(version=version, asked_at=NOW)
    assert remind_due(now=NOW) == 0
    match_all()
    assert remind_due(now=NOW) == 1


def test_a_version_whose_matching_was_set_aside_waits() -> None:
    make_all_deliveries()
    version = reminding()
    make_published_list(version, list_row(make_company(), 10))
    match_all()
    MatchRun.objects.create(version=version, asked_at=NOW, refusal="It took too long.", holds_claims=True)
    assert remind_due(now=NOW) == 0
    assert sent(version) == []


def test_a_version_whose_rules_do_not_run_stops_no_other_reminders() -> None:
    make_all_deliveries()
    company = make_company()
    window = {"opens_on": TODAY, "closes_on": LAST_DAY, "reminders": THREE}
    broken, version = make_version(amount_feel="company.what_was_renamed", **window), make_version(**window)
    for each in (broken, version):
        make_entitlement(of=each, company=company, amount_cny=10)
    with capture_logs() as logged:
        assert remind_due(now=NOW) == 1
    (event,) = [each for each in logged if each["event"] == "firms_not_reminded"]
    assert event["version"] == str(broken)
    assert (sent(broken), sent(version)) == ([], [(1, company.pk, "unclaimed", Decimal(10))])
    assert not ReminderRound.objects.filter(version=broken).exists()


def test_who_may_claim_nothing_is_reminded_of_nothing() -> None:
    make_all_deliveries()
    barred, paid_before = [make_company() for _each in range(3)], award(100)
    for company in barred:
        demanded(pay(company, paid_before))
    open_to, _unknown, told = barred
    for company in (open_to, told):
        make_row(TaxYear, company, year=2024, revenue=100)
    lifted = Blacklisting.objects.get(company=told)
    lift_ban(lifted)
    version = reminding("tax[year = 2024].revenue >= 100")
    make_published_list(version, *(list_row(company, 10) for company in barred))
    match_all()
    remind_due(now=NOW)
    assert [(each[1], each[2]) for each in sent(version)] == [(told.pk, "unclaimed")]


def test_the_export_is_safe_to_open_in_a_spreadsheet() -> None:
    make_all_deliveries()
    company = make_company()
    Company.objects.filter(pk=company.pk).update(name="=1+1公司")
    version = reminding()
    make_published_list(version, (company.credit_code, "=1+1公司", 10, ""))
    match_all()
    remind_due(now=NOW)
    titles, line = list(export_rows(reminders=Reminder.objects.filter(version=version)))
    assert line[4] == "'=1+1公司"
    assert (line[0], line[3], line[6], line[7]) == ("1", company.credit_code, "10.00", LAST_DAY.isoformat())
    assert "逾期视为放弃" in line[8]
    assert len(titles) == len(line)
