"""Workers match at once: no stale view decides anything, nothing is lost, and people who click go first."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from threading import Barrier, Event, Timer
from typing import Any

import pytest
from django.db import transaction

from companies.models import TouchedCompany
from policies.authoring.publish import AnotherInForce, match_version_again, publish_version
from policies.deadlines.lapse import lapse_entitlements
from policies.matching import run as matching
from policies.matching.entitlements import is_settled
from policies.matching.shards import divide_due_runs, finish_shard
from policies.models import (
    Entitlement,
    EntitlementStatus,
    MatchedDelivery,
    MatchRun,
    MatchShard,
    VersionStatus,
)
from tests.concurrency.racing import PATIENCE_SECONDS, together, wait_until_found
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import make_all_deliveries, make_delivery, make_employment, make_row
from tests.factories.people import make_employee, make_officer
from tests.factories.policies import entitlements_of, make_policy, make_published, make_submitted, match_all

pytestmark = pytest.mark.django_db(transaction=True)

SOMEBODY_SLEEPS = """
    SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE l.locktype = 'advisory' AND l.objid = 4711 AND d.datname = current_database()
"""
REVENUE = "tax[year = 2024].revenue"


def work() -> int:
    changed = 0
    while not is_settled():
        changed += matching.match_due(now=NOW, limit_companies=3) or 0
    return changed


def test_workers_share_the_work_and_decide_everything_once() -> None:
    make_all_deliveries()
    firms = [make_company() for _ in range(10)]
    versions = [make_published("true") for _ in range(3)] + [make_published("true", subject="sale")]
    make_delivery("registration", touching=firms)
    results = together([work] * 4)
    assert sum(results) == 30
    for version in versions[:3]:
        assert len(entitlements_of(version)) == 10
    assert not TouchedCompany.objects.exists()
    assert not MatchRun.objects.filter(finished_at=None).exists()


def test_two_workers_decide_two_shards_of_one_run_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    make_all_deliveries()
    firms = [make_company() for _ in range(4)]
    version = make_published("true")
    # Divide first: a worker that comes while another divides finds nothing due and returns.
    divide_due_runs(limit_companies=2, now=NOW)
    both_are_at_work, counts = Barrier(2), matching._run_decision

    def beside_the_other(statement):
        both_are_at_work.wait(timeout=PATIENCE_SECONDS)
        return counts(statement)

    monkeypatch.setattr(matching, "_run_decision", beside_the_other)
    assert together([lambda: matching.match_due(now=NOW, limit_companies=2)] * 2) == [2, 2]
    assert len(entitlements_of(version)) == len(firms)
    run = MatchRun.objects.get(version=version)
    assert (run.entitlement_count, run.finished_at) == (4, NOW)
    assert not MatchShard.objects.exists()


def test_a_delivery_that_another_decides_while_it_is_looked_for_is_decided_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_all_deliveries()
    make_published("true")
    while matching.match_due(now=NOW) is not None:
        continue
    delivery = make_delivery("registration", touching=[make_company()])
    due, looking = matching._due_deliveries, [True]

    def slowly():
        # The first worker has seen that the delivery is due, and has yet to lock it.
        sleep = "pg_advisory_xact_lock(4711) IS NOT NULL AND pg_sleep(1) IS NOT NULL"
        slow = f"companies_delivery.id < {delivery.pk} OR {sleep}"
        return due().extra(where=[slow]) if looking and looking.pop() else due()  # noqa: S610 - a text of our own

    def beside_him() -> int | None:
        wait_until_found(SOMEBODY_SLEEPS)
        return matching.match_due(now=NOW)

    monkeypatch.setattr(matching, "_due_deliveries", slowly)
    assert together([lambda: matching.match_due(now=NOW), beside_him]) == [None, 1]
    assert MatchedDelivery.objects.filter(delivery=delivery).exists()


def test_a_shard_waits_for_a_delivery_that_is_being_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decision by the older view must not be written after a decision by the newer view."""
    make_all_deliveries()
    company = make_company()
    row = make_row(TaxYear, company, year=2024, revenue=5000)
    version = make_published(f"{REVENUE} >= 1000", amount=REVENUE)
    looked, go_on, counts = Event(), Event(), matching._run_decision

    def slowly(statement):
        found = counts(statement)
        looked.set()
        go_on.wait(timeout=PATIENCE_SECONDS)
        return found

    def deliver_and_decide() -> int | None:
        looked.wait(timeout=PATIENCE_SECONDS)
        row.revenue = 7000
        row.save()
        make_delivery("tax", touching=[company])
        monkeypatch.setattr(matching, "_run_decision", counts)
        Timer(0.3, go_on.set).start()
        return matching.match_due(now=NOW)

    monkeypatch.setattr(matching, "_run_decision", slowly)
    assert together([lambda: matching.match_due(now=NOW), deliver_and_decide]) == [1, 1]
    assert entitlements_of(version) == {f"company:{company.pk}": (Decimal(7000), EntitlementStatus.OPEN)}


def test_a_person_whom_one_shard_loses_goes_to_the_firm_of_a_shard_decided_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_all_deliveries()
    one, other = make_company(), make_company()
    somebody = make_employee()
    left = make_employment(one, somebody, has_contract=True)
    make_employment(other, somebody, has_contract=True)
    version = make_published("employee.has_contract", subject="employee")
    match_all()
    assert [right.company for right in Entitlement.objects.filter(version=version)] == [one]

    left.has_contract = False
    left.save()
    matching.ask_for_runs(versions=[version], now=NOW)
    taken, other_is_decided, lock_next_shard = Event(), Event(), matching.lock_next_shard

    def first_takes_but_waits(*arguments, **named):
        shard = lock_next_shard(*arguments, **named)
        if not taken.is_set():
            taken.set()
            other_is_decided.wait(timeout=PATIENCE_SECONDS)
        return shard

    def second() -> int | None:
        taken.wait(timeout=PATIENCE_SECONDS)
        decided = matching.match_due(now=NOW, limit_companies=1)
        other_is_decided.set()
        return decided

    monkeypatch.setattr(matching, "lock_next_shard", first_takes_but_waits)
    first = lambda: matching.match_due(now=NOW, limit_companies=1)  # noqa: E731
    assert together([first, second]) == [2, 0]
    right = Entitlement.objects.get(version=version)
    assert (right.company, right.status) == (other, EntitlementStatus.OPEN)
    assert is_settled()


def test_a_delivery_that_lands_while_a_shard_is_decided_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    make_all_deliveries()
    company = make_company()
    row = make_row(TaxYear, company, year=2024, revenue=100)
    version = make_published(f"{REVENUE} >= 1000")
    looked, landed_meanwhile = Event(), Event()
    counts = matching._run_decision

    def after_the_look(statement):
        found = counts(statement)
        looked.set()
        landed_meanwhile.wait(timeout=PATIENCE_SECONDS)
        return found

    def deliver() -> None:
        looked.wait(timeout=PATIENCE_SECONDS)
        with transaction.atomic():
            row.revenue = 5000
            row.save()
            make_delivery("tax", touching=[company])
        landed_meanwhile.set()

    monkeypatch.setattr(matching, "_run_decision", after_the_look)
    assert together([lambda: matching.match_due(now=NOW), deliver]) == [0, None]
    assert entitlements_of(version) == {}
    match_all()
    assert entitlements_of(version) == {f"company:{company.pk}": (Decimal(100), EntitlementStatus.OPEN)}


def test_the_last_decision_about_a_firm_has_seen_the_last_delivery() -> None:
    """Two workers have a delivery each; the second one reads only after the first has finished."""
    make_all_deliveries()
    company = make_company()
    row = make_row(TaxYear, company, year=2024, revenue=5000)
    version = make_published(f"{REVENUE} >= 1000", amount=REVENUE)
    match_all()
    for amount in (6000, 7000):
        row.revenue = amount
        row.save()
        make_delivery("tax", touching=[company])
    together([lambda: matching.match_due(now=NOW)] * 2)
    assert entitlements_of(version) == {f"company:{company.pk}": (Decimal(7000), EntitlementStatus.OPEN)}
    assert is_settled()


def test_matching_gives_way_to_a_claim_and_comes_back() -> None:
    make_all_deliveries()
    company = make_company()
    row = make_row(TaxYear, company, year=2024, revenue=5000)
    version = make_published(f"{REVENUE} >= 1000", amount=REVENUE)
    match_all()
    row.revenue = 9000
    row.save()
    make_delivery("tax", touching=[company])
    claiming, gave_way = Event(), Event()

    def claim() -> None:
        with transaction.atomic():
            Entitlement.objects.select_for_update().get()
            claiming.set()
            gave_way.wait(timeout=PATIENCE_SECONDS)
            Entitlement.objects.update(status=EntitlementStatus.CLAIMED)

    def match() -> int | None:
        claiming.wait(timeout=PATIENCE_SECONDS)
        decided = matching.match_due(now=NOW)
        gave_way.set()
        return decided

    assert together([claim, match]) == [None, 0]
    assert TouchedCompany.objects.count() == 1
    match_all()
    assert entitlements_of(version) == {f"company:{company.pk}": (Decimal(5000), EntitlementStatus.CLAIMED)}


def test_lapsing_passes_over_what_somebody_is_claiming() -> None:
    make_all_deliveries()
    make_company()
    make_company()
    make_published("true", closes_on=NOW.date())
    match_all()
    first = Entitlement.objects.order_by("pk").first()
    held, lapsed = Event(), Event()

    def claim() -> None:
        with transaction.atomic():
            Entitlement.objects.select_for_update().get(pk=first.pk)
            held.set()
            lapsed.wait(timeout=PATIENCE_SECONDS)

    def lapse() -> int:
        held.wait(timeout=PATIENCE_SECONDS)
        count = lapse_entitlements(now=NOW + dt.timedelta(days=2))
        lapsed.set()
        return count

    assert together([claim, lapse]) == [None, 1]


def test_a_run_begins_after_what_it_was_asked_for_is_committed() -> None:
    make_all_deliveries()
    company = make_company()
    row = make_row(TaxYear, company, year=2024, revenue=100)
    version = make_published(f"{REVENUE} >= 1000", amount=REVENUE)
    asked, tried = Event(), Event()

    def change_and_ask() -> None:
        with transaction.atomic():
            TaxYear.objects.filter(pk=row.pk).update(revenue=5000)
            match_version_again(version=version, now=NOW)
            asked.set()
            tried.wait(timeout=PATIENCE_SECONDS)

    def match() -> int | None:
        asked.wait(timeout=PATIENCE_SECONDS)
        decided = matching.match_due(now=NOW)
        tried.set()
        return decided

    assert together([change_and_ask, match]) == [None, None]
    match_all()
    assert entitlements_of(version) == {f"company:{company.pk}": (Decimal(5000), EntitlementStatus.OPEN)}


def test_firms_that_an_earlier_run_still_decides_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    make_all_deliveries()
    company = make_company()
    row = make_row(TaxYear, company, year=2024, revenue=5000)
    version = make_published(f"{REVENUE} >= 1000", amount=REVENUE)
    written, tried = Event(), Event()

    def decided_slowly(shard: MatchShard, **given: Any) -> None:
        if not written.is_set():
            written.set()
            assert tried.wait(timeout=PATIENCE_SECONDS)
        finish_shard(shard, **given)

    def ask_again() -> int | None:
        assert written.wait(timeout=PATIENCE_SECONDS)
        TaxYear.objects.filter(pk=row.pk).update(revenue=100)
        match_version_again(version=version, now=NOW)
        decided = matching.match_due(now=NOW)
        tried.set()
        return decided

    monkeypatch.setattr(matching, "finish_shard", decided_slowly)
    # If the second run decided beside the first, it would not see what the first wrote, and leave it open for good.
    assert together([lambda: matching.match_due(now=NOW), ask_again]) == [1, None]
    match_all()
    assert entitlements_of(version) == {f"company:{company.pk}": (Decimal(5000), EntitlementStatus.WITHDRAWN)}


def test_many_who_ask_while_workers_decide_neither_hang_nor_go_unheard() -> None:
    make_all_deliveries()
    firms = [make_company() for _each in range(6)]
    versions = [make_published("true") for _each in range(2)]

    def ask() -> None:
        for _time in range(5):
            matching.ask_for_runs(versions=versions, now=NOW)

    assert together([ask, ask, work, work])[:2] == [None, None]
    match_all()
    assert [len(entitlements_of(version)) for version in versions] == [len(firms)] * 2
    assert not MatchRun.objects.filter(finished_at=None).exists()
    assert not MatchShard.objects.exists()


def test_of_two_officers_who_publish_one_succeeds() -> None:
    policy = make_policy()
    waiting = [make_submitted("true", policy=policy) for _ in range(4)]
    results = together(
        [lambda version=version: publish_version(version=version, actor=make_officer(), now=NOW) for version in waiting]
    )
    refusals = [result for result in results if isinstance(result, AnotherInForce)]
    assert len(refusals) == 3
    assert policy.versions.filter(status=VersionStatus.PUBLISHED).count() == 1
