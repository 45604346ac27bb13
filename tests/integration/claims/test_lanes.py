"""A payout that somebody clicked for does not wait behind the payouts of a whole city."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection

from payouts import tasks
from payouts.banks.gateway import BankResponse, PaymentOrder
from payouts.models import Fund, Payout
from payouts.replies.apply import apply_replies
from payouts.sending.send import _DUE, Lane, send_due
from payouts.states import Status
from policies.authoring.suspend import suspend_version
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.entitlements import make_entitlements, make_version
from tests.factories.payouts import choose_bank, make_bank, make_payout
from tests.factories.people import make_user
from tests.superuser import as_superuser
from tests.tellers import Teller

pytestmark = pytest.mark.django_db


def in_bulk(count: int) -> list[int]:
    """Approved payouts that the platform claimed without clicks."""
    rights = make_entitlements(count, of=make_version())
    return list(claim_entitlements(entitlement_ids=rights, company=None, commitment="", actor=None, now=NOW).payout_ids)


def sent() -> set[int]:
    return set(Payout.objects.exclude(status=Status.APPROVED).values_list("pk", flat=True))


def standing(*payouts: int) -> set[str]:
    return set(Payout.objects.filter(pk__in=payouts).values_list("status", flat=True))


def test_the_newest_click_goes_first_and_the_bulk_stays_where_it_is() -> None:
    in_bulk(5)
    first, second = make_payout().pk, make_payout().pk
    in_bulk(5)
    for expected in ({second}, {second, first}, {second, first}):
        send_due(gateway=Teller(), limit=1, now=NOW, lane=Lane.CLICKED)
        assert sent() == expected


def test_the_other_lane_leaves_nothing_behind() -> None:
    bulk, click = in_bulk(2), make_payout().pk
    send_due(gateway=Teller(), limit=2, now=NOW)
    assert sent() == set(bulk)
    send_due(gateway=Teller(), limit=2, now=NOW)
    assert sent() == {*bulk, click}


def test_replies_to_clicks_do_not_wait_for_those_before_them() -> None:
    bulk = in_bulk(3)
    send_due(gateway=Teller(), limit=3, now=NOW)
    click = make_payout().pk
    heard_of = send_due(gateway=Teller(), limit=1, now=NOW, lane=Lane.CLICKED).answered
    assert apply_replies(limit=10, now=NOW, payouts=heard_of) == 1
    assert standing(click) == {Status.PAID}
    assert standing(*bulk) == {Status.SENT}


@dataclass
class Interrupted(Teller):
    """A bank during whose first large request somebody clicks."""

    seen: list[tuple[set[str], set[str]]] = field(default_factory=list)

    def pay(self, orders: Sequence[PaymentOrder]) -> BankResponse:
        if len(orders) > 1 and not self.seen:
            self.seen.append((set(), set()))
            click = make_payout().pk
            tasks.send_clicked()
            self.seen = [(standing(click), set(Payout.objects.exclude(pk=click).values_list("status", flat=True)))]
        return super().pay(orders)


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Interrupted:
    teller = Interrupted()
    monkeypatch.setattr(tasks, "bank", lambda: teller)
    monkeypatch.setattr(tasks, "ORDERS_PER_REQUEST", 4)
    return teller


def test_a_click_is_paid_while_the_bulk_is_on_its_way(bank: Interrupted) -> None:
    bulk = in_bulk(8)
    tasks.send_due()
    assert bank.seen == [({Status.PAID}, {Status.SENT, Status.APPROVED})]
    tasks.apply_replies()
    assert standing(*bulk) == {Status.PAID}


@pytest.mark.parametrize(("by_click", "task"), [(True, "send_clicked"), (False, "send_due")])
def test_a_claim_wakes_the_lane_it_is_in(by_click: bool, task: str, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as nudges:
        make_payout() if by_click else in_bulk(1)
    assert [task in str(each) for each in nudges] == [True]


def test_a_click_walks_past_those_that_wait_for_a_batch_or_a_suspension() -> None:
    click = make_payout().pk
    by_file, held = make_version(), make_version()
    waiting = [make_payout(of=version).pk for version in (by_file, held) for _each in range(5)]
    choose_bank(fund=Fund.objects.get(version=by_file), bank=make_bank())
    suspend_version(version=held, reason="一看", actor=make_user("owner"), now=NOW)
    assert send_due(gateway=Teller(), limit=1, now=NOW, lane=Lane.CLICKED).count == 1
    assert sent() == {click}
    assert send_due(gateway=Teller(), limit=1, now=NOW, lane=Lane.CLICKED).count == 0
    assert standing(*waiting) == {Status.APPROVED}


def waiting_by_hundreds() -> None:
    """Make the oldest payouts, all clicked for: half wait for a batch, half for the end of a suspension."""
    by_file, held = make_version(), make_version()
    for version in (by_file, held):
        rights = make_entitlements(400, of=version)
        claim_entitlements(entitlement_ids=rights, company=None, commitment="", actor=make_user("owner"), now=NOW)
    choose_bank(fund=Fund.objects.get(version=by_file), bank=make_bank())
    suspend_version(version=held, reason="一看", actor=make_user("owner"), now=NOW)


def rows_read(lane: Lane, *, limit: int) -> int:
    """The number of payouts that the statement of a lane reads, those that it passes over included."""
    with as_superuser() as cursor:
        cursor.execute("ANALYZE payouts_payout, payouts_fund")
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {_DUE[lane]}", {"limit": limit, "now": NOW})
        ((((plan,),),),) = [cursor.fetchall()]
    return sum(
        each["Actual Loops"] * (each["Actual Rows"] + each.get("Rows Removed by Filter", 0))
        for each in _nodes(plan["Plan"])
        if each.get("Relation Name") == "payouts_payout"
    )


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


@pytest.mark.parametrize("lane", list(Lane))
def test_no_lane_reads_what_waits_for_a_batch_or_a_suspension(lane: Lane) -> None:
    waiting_by_hundreds()
    due = [make_payout(of=version).pk for version in (make_version(), make_version()) for _each in range(3)]
    assert rows_read(lane, limit=5) <= 4 * len(due)
    while send_due(gateway=Teller(), limit=5, now=NOW, lane=lane).count:
        pass
    assert sent() == set(due)


def test_the_fund_of_the_oldest_goes_first_and_the_next_fills_up() -> None:
    older, newer = make_version(), make_version()
    first = make_payout(of=older).pk
    second, third = make_payout(of=newer).pk, make_payout(of=newer).pk
    last = make_payout(of=older).pk
    send_due(gateway=Teller(), limit=1, now=NOW)
    assert sent() == {first}
    send_due(gateway=Teller(), limit=3, now=NOW)
    assert sent() == {first, second, third, last}
