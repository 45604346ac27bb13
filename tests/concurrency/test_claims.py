"""Claims, sweeps and replies that race for the same entitlements and funds, on real connections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from threading import Event
from typing import Any

import pytest
from django.db import transaction

from payouts.banks.gateway import Answer
from payouts.batches.seal import seal_sent_instructions
from payouts.claims.automatic import claim_automatic
from payouts.claims.clicks import Claimed
from payouts.claims.locked_rows import LockedRows, lock_free, lock_waiting
from payouts.claims.refusals import AlreadyClaimed, NotOpen
from payouts.claims.reserve import serve_waitlist
from payouts.controls.reconcile import invariants
from payouts.exceptions.manual import cancel_payouts
from payouts.ledger.move import IllegalMove
from payouts.models import Instruction, Payout, Transition
from payouts.replies.apply import apply_replies, record_answers
from payouts.sending.send import send_due
from payouts.states import Role
from policies.models import Entitlement, Track
from tests.concurrency.racing import PATIENCE_SECONDS, count_waiting, together, wait_until_somebody_waits
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.entitlements import make_entitlement, make_entitlements, make_version
from tests.factories.payouts import make_payout
from tests.factories.people import make_employee, make_user
from tests.integration.batches.test_batches import Shown, statement
from tests.tellers import Teller

pytestmark = pytest.mark.django_db(transaction=True)


def click(*rights: Entitlement) -> Callable[[], Claimed]:
    person = make_user("owner")
    return lambda: claim_entitlements(
        entitlement_ids=[right.pk for right in rights],
        company=rights[0].company,
        commitment="I commit.",
        actor=person,
        now=NOW,
    )


def test_eight_clicks_on_one_entitlement_open_one_payout() -> None:
    outcomes = together([click(make_entitlement())] * 8)
    assert Counter(type(each) for each in outcomes) == {Claimed: 1, AlreadyClaimed: 7}
    payout = Payout.objects.get()
    assert {each.payout_ids for each in outcomes} == {(payout.pk,)}


def lock_at_once(ids: Sequence[int], today: date) -> LockedRows:
    return lock_free(ids, today, patience_ms=None)


@pytest.mark.parametrize("lock", [lock_waiting, lock_at_once])
def test_what_one_claim_has_locked_another_passes_over(lock: Callable[..., LockedRows]) -> None:
    right = make_entitlement()
    with transaction.atomic():
        assert set(lock([right.pk], TODAY).asked) == {right.pk}
        (others,) = together([lambda: lock_at_once([right.pk], TODAY)])
    assert others.asked == {}


def test_clicks_on_overlapping_sets_neither_double_nor_hang() -> None:
    firm = make_company()
    rights = [make_entitlement(company=firm) for _each in range(4)]
    sets = [rights, rights[::-1], rights[:2], rights[2:]] * 2
    outcomes = together([click(*each) for each in sets])
    assert {Claimed} < {type(each) for each in outcomes} <= {Claimed, AlreadyClaimed, NotOpen}
    assert Payout.objects.values("entitlement").distinct().count() == Payout.objects.count()


def test_workers_share_the_automatic_track() -> None:
    make_entitlements(40, of=make_version(track=Track.AUTOMATIC))
    counts = together([lambda: claim_automatic(limit=15, now=NOW)] * 4)
    assert sum(counts) == Payout.objects.count() == 40


def test_workers_share_what_is_due_and_send_it_once() -> None:
    claim_entitlements(
        entitlement_ids=make_entitlements(60, of=make_version()),
        company=None,
        commitment="",
        actor=None,
        now=NOW,
    )
    bank = Teller()
    sent = together([lambda: send_due(gateway=bank, limit=20, now=NOW)] * 4)
    assert sum(each.count for each in sent) == 60
    assert len({order.end_to_end_id for order in bank.orders}) == len(bank.orders) == Instruction.objects.count()
    applied = together([lambda: apply_replies(limit=40, now=NOW)] * 4)
    assert sum(applied) == 60
    assert invariants(bank_books=statement(bank)).hold


def test_a_cancellation_and_a_sender_do_not_both_win() -> None:
    payouts = [make_payout().pk for _each in range(10)]
    clerk, bank = make_user("clerk"), Teller()

    def cancel_one(payout: int) -> Callable[[], Any]:
        return lambda: cancel_payouts(payout_ids=[payout], role=Role.FINANCE, actor=clerk, because="a race", now=NOW)

    outcomes = together([cancel_one(each) for each in payouts] + [lambda: send_due(gateway=bank, limit=10, now=NOW)])
    cancelled = sum(isinstance(each, list) for each in outcomes)
    assert {type(each) for each in outcomes[:-1]} <= {list, IllegalMove}
    assert cancelled + len(bank.orders) <= 10
    while send_due(gateway=bank, limit=10, now=NOW).count:
        pass
    assert cancelled + len(bank.orders) == 10


def test_contradicting_replies_at_once_settle_once() -> None:
    payout = make_payout()
    send_due(gateway=Teller(deaf=lambda _id: True), limit=1, now=NOW)
    said = [Answer(f"Q{payout.pk:015d}A01", outcome, NOW) for outcome in ("paid", "refused")]
    record_answers(answers=said, now=NOW)
    together([lambda: apply_replies(limit=1, now=NOW)] * 4)
    while apply_replies(limit=1, now=NOW):
        pass
    assert Transition.objects.filter(payout=payout, before="in_doubt").count() == 1


def test_two_sealers_seal_each_line_once() -> None:
    make_payout()
    send_due(gateway=Teller(), limit=1, now=NOW)
    sealed = together([lambda: seal_sent_instructions(actor=None, now=NOW)] * 4)
    assert sorted(len(each) for each in sealed) == [0, 0, 0, 1]


def test_claims_waitlist_and_cancellations_together_keep_the_books() -> None:
    small = make_version(granted_cny=500)
    first = [make_payout(of=small).pk for _each in range(8)]
    clerk = make_user("clerk")
    cancellations = [
        lambda payout=payout: cancel_payouts(
            payout_ids=[payout], role=Role.FINANCE, actor=clerk, because="a race", now=NOW
        )
        for payout in first
    ]
    clicks = [click(make_entitlement(of=small)) for _each in range(8)]
    serving = [lambda: serve_waitlist(limit=5, now=NOW)] * 4
    outcomes = together([*cancellations, *clicks, *serving])
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    serve_waitlist(limit=100, now=NOW)
    small.fund.refresh_from_db()
    assert (small.fund.available_cny, small.fund.reserved_cny) == (0, 500)
    assert invariants(bank_books=Shown([])).hold


def test_a_click_waits_for_one_turn_of_replies_and_is_served() -> None:
    version = make_version()
    rights = make_entitlements(40, of=version)
    claim_entitlements(entitlement_ids=rights, company=None, commitment="", actor=None, now=NOW)
    bank = Teller()
    send_due(gateway=bank, limit=40, now=NOW)
    asked, is_booked, may_end = click(make_entitlement(of=version)), Event(), Event()

    def book() -> int:
        """Book replies in a transaction that stays open, and so holds the fund until `may_end`."""
        with transaction.atomic():
            applied = apply_replies(limit=20, now=NOW)
            is_booked.set()
            assert may_end.wait(PATIENCE_SECONDS)
            return applied

    def after(ready: Event, call: Callable[[], Any]) -> Callable[[], Any]:
        return lambda: ready.wait(PATIENCE_SECONDS) and call()

    def let_it_end() -> int:
        """
        Wait until the click waits for a lock, then let the transaction of the replies end; no other one follows it.
        """
        wait_until_somebody_waits()
        waits = count_waiting()
        may_end.set()
        return waits

    turn, clicked, waited = together([book, after(is_booked, asked), after(is_booked, let_it_end)])
    assert (turn, type(clicked), waited) == (20, Claimed, 1)
    assert Transition.objects.filter(after="paid").count() == 20
    assert apply_replies(limit=40, now=NOW) == 20
    send_due(gateway=bank, limit=1, now=NOW)
    apply_replies(limit=40, now=NOW)
    assert invariants(bank_books=statement(bank)).hold


def test_the_two_of_a_couple_are_claimed_for_once_whoever_is_faster() -> None:
    version = make_version(subject="couple")
    shared, firms = make_employee(), [make_company() for _each in range(6)]
    rights = [make_entitlement(of=version, company=each) for each in firms]
    for right in rights:
        Entitlement.objects.filter(pk=right.pk).update(persons=[shared.pk, make_employee().pk])
    outcomes = together([click(right) for right in rights])
    assert Counter(type(each) for each in outcomes) == {Claimed: 1, NotOpen: 5}
    assert Payout.objects.count() == 1


def test_a_sweep_and_a_click_for_the_two_of_a_couple() -> None:
    version = make_version(subject="couple", track=Track.AUTOMATIC)
    shared = make_employee()
    rights = [make_entitlement(of=version) for _each in range(2)]
    Entitlement.objects.update(persons=[shared.pk])
    together([click(rights[0]), click(rights[1]), *[lambda: claim_automatic(limit=10, now=NOW)] * 3])
    assert Payout.objects.count() == 1
    claim_automatic(limit=10, now=NOW)
    assert Payout.objects.count() == 1
