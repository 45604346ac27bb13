"""Everybody locks seats by key and then funds by id, also who moves payouts of several statuses at once."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any, LiteralString

import pytest
from django.db import transaction

from payouts.banks.gateway import Answer
from payouts.exceptions.manual import cancel_payouts
from payouts.ledger.funds import open_funds
from payouts.models import Payout
from payouts.replies.apply import apply_replies, record_answers
from payouts.sending.send import send_due
from payouts.states import Role
from policies.models import PolicyVersion, StackingSeat
from qinqing.kernel.database.statements import fetch_rows
from tests.concurrency.racing import PATIENCE_SECONDS, together, wait_until_somebody_waits
from tests.factories.clock import NOW
from tests.factories.entitlements import make_version
from tests.factories.payouts import count_statuses, make_payout
from tests.factories.people import make_user
from tests.factories.stacking import make_group
from tests.tellers import Teller

pytestmark = pytest.mark.django_db(transaction=True)

_FUND: LiteralString = "SELECT id FROM payouts_fund WHERE id = %(id)s FOR NO KEY UPDATE"
_SEAT: LiteralString = "SELECT id FROM policies_stackingseat WHERE id = %(id)s FOR NO KEY UPDATE"


def against_one_in_order(call: Callable[[], Any], hold: LiteralString, first: int, second: int) -> list[Any]:
    """
    Race `call` against somebody who holds the first row, waits until `call` waits, and then asks for the second row.

    Returns what `call` returned or raised, and what the other one did.
    """
    is_held, is_awaited = Event(), Event()

    def in_order() -> None:
        with transaction.atomic():
            fetch_rows(hold, id=first)
            is_held.set()
            assert is_awaited.wait(PATIENCE_SECONDS)
            fetch_rows(hold, id=second)

    def look() -> None:
        wait_until_somebody_waits()
        is_awaited.set()

    def after(wanted: Callable[[], Any]) -> Callable[[], Any]:
        return lambda: is_held.wait(PATIENCE_SECONDS) and wanted()

    called, other, _looked = together([after(call), in_order, after(look)])
    return [called, other]


def two_versions() -> tuple[PolicyVersion, PolicyVersion]:
    """Two versions with open funds, the fund with the lower id first."""
    first, second = make_version(), make_version()
    for version in (first, second):
        open_funds(version_ids=[version.pk], now=NOW)
    return first, second


def failed_and_approved(failed: PolicyVersion, approved: PolicyVersion) -> list[int]:
    """A failed payout of one version and an approved one of the other; the failed one was claimed first."""
    refused = make_payout(of=failed)
    send_due(gateway=Teller(outcome="refused"), limit=1, now=NOW)
    apply_replies(limit=1, now=NOW)
    return [refused.pk, make_payout(of=approved).pk]


def cancelling(payouts: list[int]) -> Callable[[], list[int]]:
    clerk = make_user("clerk")
    return lambda: cancel_payouts(payout_ids=payouts, role=Role.FINANCE, actor=clerk, because="a race", now=NOW)


def test_a_turn_of_replies_holds_its_funds_in_order() -> None:
    first, second = two_versions()
    in_doubt = make_payout(of=first)
    send_due(gateway=Teller(deaf=lambda _id: True), limit=1, now=NOW)
    sent = make_payout(of=second)
    send_due(gateway=Teller(), limit=1, now=NOW)
    record_answers(answers=[Answer(f"Q{in_doubt.pk:015d}A01", "paid", NOW)], now=NOW)
    assert count_statuses([in_doubt.pk, sent.pk]) == {"in_doubt": 1, "sent": 1}

    def turn() -> int:
        return apply_replies(limit=10, now=NOW)

    assert against_one_in_order(turn, _FUND, first.fund.pk, second.fund.pk) == [2, None]
    assert count_statuses([in_doubt.pk, sent.pk]) == {"paid": 2}


def test_who_cancels_several_holds_their_funds_in_order() -> None:
    first, second = two_versions()
    payouts = failed_and_approved(second, first)
    assert against_one_in_order(cancelling(payouts), _FUND, first.fund.pk, second.fund.pk) == [payouts, None]


def test_who_cancels_several_holds_their_seats_in_order() -> None:
    # The payouts come in the order of their funds, but not in the order of their seats.
    first, second = two_versions()
    make_group(second), make_group(first)
    payouts = failed_and_approved(first, second)
    low, high = StackingSeat.objects.order_by("group_id").values_list("pk", flat=True)
    assert against_one_in_order(cancelling(payouts), _SEAT, low, high) == [payouts, None]
    assert Payout.objects.filter(status="cancelled").count() == 2
