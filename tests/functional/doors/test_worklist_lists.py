"""Behind each number of the officials' start page stands a list with so many rows, and no others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from companies.models import Delivery, DeliveryStatus, User
from payouts.ledger.funds import open_funds
from payouts.ledger.grants import propose_grant
from payouts.models import FundAlarm, Payout, Recovery
from payouts.states import Status
from policies.authoring.review import submit_version
from policies.authoring.suspend import suspend_version
from policies.models import MatchRun, PolicyVersion
from qinqing.worklist import WORK_ITEMS, WorkItem, list_work
from tests.factories.clients import sign_in
from tests.factories.clock import NOW, TODAY
from tests.factories.decisions import lift_by_two
from tests.factories.entitlements import make_version
from tests.factories.payouts import check_batch, make_open_batch, make_payout, make_released_batch, make_sealed_batch
from tests.factories.people import make_user
from tests.factories.policies import make_draft, make_published, make_submitted
from tests.factories.stacking import make_group, make_group_proposal
from tests.integration.exceptions.test_third_parties import entered
from tests.integration.recovery.test_recovering import demanded
from tests.superuser import unguarded
from tests.worlds import world_of_a_module

pytestmark = pytest.mark.django_db

LISTS = [item for item in WORK_ITEMS if item.url_name.endswith("_changelist")]


@pytest.fixture(scope="module")
def admin(django_db_setup: None, django_db_blocker: Any) -> Iterator[User]:
    """
    An official with every right, who took part in some of the work.

    For each kind of work a row waits, beside similar rows that do not.
    """
    with world_of_a_module(django_db_blocker), translation.override("en"):
        admin = make_user("maker", is_staff=True, is_superuser=True)
        _versions(admin)
        _batches(admin)
        _money(admin)
        _deliveries(admin)
        yield admin


@pytest.fixture
def client(admin: User) -> Client:
    return sign_in(admin)


def _versions(admin: User) -> None:
    make_submitted("true")
    submit_version(version=make_draft("true", actor=admin), actor=admin, now=NOW)
    make_draft("true")
    make_draft("true", actor=admin)
    for is_over in (True, False):
        suspend_version(version=(version := make_published("true")), actor=admin, reason="a doubt", now=NOW)
        if is_over:
            lift_by_two(version)
    MatchRun.objects.filter(finished_at=None).update(refusal="It took too long.", holds_claims=True)
    make_published("true")
    for proposer in ("maker", "somebody"):
        make_group_proposal(make_group(make_published("true")), None, by=proposer)
    make_group(make_published("true"))


def _batches(admin: User) -> None:
    make_open_batch()
    make_sealed_batch()
    by_another = make_sealed_batch()
    with unguarded():
        type(by_another).objects.filter(pk=by_another.pk).update(
            sealed_by=make_user("somebody"), opened_by=make_user("somebody")
        )
    check_batch(batch=make_sealed_batch(), actor=make_user("checker"), now=NOW)
    make_released_batch()
    in_time = make_released_batch()
    with unguarded():
        type(in_time).objects.filter(pk=in_time.pk).update(answer_due_on=timezone.localdate() + dt.timedelta(days=3))


def _money(admin: User) -> None:
    for name in ("maker", "somebody"):
        version = make_version()
        open_funds(version_ids=[version.pk], now=NOW)
        propose_grant(version=version, amount_cny=5, because="预算", actor=make_user(name), now=NOW)
    for status in (Status.FAILED, Status.RETURNED):
        for moved_at in (NOW, timezone.now()):
            payout = make_payout()
            with unguarded():
                Payout.objects.filter(pk=payout.pk).update(status=status, moved_at=moved_at)
    for due_on in (TODAY, timezone.localdate() + dt.timedelta(days=9)):
        recovery = demanded()
        with unguarded():
            Recovery.objects.filter(pk=recovery.pk).update(due_on=due_on)
    for granted_cny in (payout.fund.granted_cny, payout.fund.granted_cny - 1):
        FundAlarm.objects.create(
            fund=payout.fund,
            percentage=95 if granted_cny == payout.fund.granted_cny else 80,
            granted_cny=granted_cny,
            available_cny=1,
            raised_at=NOW,
        )
    with unguarded():
        # The version stays open without an end, so that the test passes on any day.
        PolicyVersion.objects.filter(pk=payout.fund.version_id).update(closes_on=None)
    entered(by="maker")
    entered(by="somebody", number="33010000000000002")


def _deliveries(admin: User) -> None:
    for dataset, quarantined, sender in (("tax", 3, admin), ("honours", 0, admin), ("credit", 2, None)):
        Delivery.objects.create(
            delivery_id=dataset,
            dataset=dataset,
            as_of_on=TODAY,
            sha256="0" * 64,
            byte_count=1,
            status=DeliveryStatus.LANDED,
            quarantined_count=quarantined,
            received_at=timezone.now(),
            delivered_by=sender,
        )


@pytest.mark.parametrize("item", LISTS, ids=lambda item: f"{item.url_name}-{item.name or item.query}")
def test_the_number_is_that_of_the_rows_behind_it(item: WorkItem, admin: User, client: Client) -> None:
    found = item.find_rows(admin, timezone.now())
    assert not isinstance(found, int)
    answer = client.get(item.link)
    assert answer.status_code == 200
    shown = {row.pk for row in answer.context["cl"].result_list}
    assert shown == {row.pk for row in found}


def test_something_waits_of_every_kind_whose_list_leaves_something_out(admin: User) -> None:
    with translation.override("en"):
        titles = {str(each.title) for each in list_work(user=admin, now=timezone.now())}
    assert titles >= {
        "Versions to review and publish",
        "Your drafts",
        "Proposals of colleagues to decide",
        "Policies that are paused",
        "Matching that stopped",
        "Batches to check",
        "Batches whose answer is overdue",
        "Refused payouts whose payee told no other account in time",
        "Returned payouts whose payee told no other account in time",
        "Repayments that are overdue",
        "Funds that are nearly used up",
        "Accounts of third parties to check",
        "Deliveries with rows in quarantine",
    }


def test_a_duty_that_nobody_knows_leaves_nothing_out(client: Client) -> None:
    item = next(each for each in WORK_ITEMS if each.name == "overdue" and "batch" in each.url_name)
    everything = client.get(item.link.split("?")[0]).context["cl"].queryset.count()
    assert client.get(f"{item.link.split('?')[0]}?waits=nonsense").context["cl"].queryset.count() == everything
