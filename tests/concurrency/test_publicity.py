"""An objection and the end of the publicity at the same moment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payouts.models import Objection, Payout
from payouts.publicity import publicise
from payouts.publicity.publicise import (
    OBJECTIONS_PER_SENDER,
    NotPublicised,
    TooManyObjections,
    end_publicity,
)
from tests.concurrency.racing import together
from tests.factories.clock import NOW
from tests.factories.objections import object_to
from tests.factories.payouts import make_payout
from tests.factories.people import make_officer
from tests.integration.ledger.test_publicity import AFTER, public_version

SAID = {"name": "王五", "text": "不实"}

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_objection_and_the_end_of_publicity_do_not_both_win() -> None:
    payouts = [make_payout(of=public_version()).pk for _each in range(8)]
    make_officer("triage")

    def objection(payout: int) -> object:
        # Each objection has its own sender and contact, because those of one within an hour are limited.
        told = {"name": "王五", "contact": f"wang{payout}@example.com", "text": "不实", "sender": f"192.0.2.{payout}"}
        # The objection is sent on the last day; the publicity ends as the next day begins.
        return object_to(payout_id=payout, **told, now=AFTER - timedelta(days=1))

    outcomes = together(
        [lambda payout=payout: objection(payout) for payout in payouts]
        + [lambda: end_publicity(limit=3, now=AFTER)] * 4
    )
    assert {type(each) for each in outcomes} <= {Objection, NotPublicised, int}
    stopped = set(Objection.objects.filter(triage="taken_up").values_list("publication__payout", flat=True))
    approved = set(Payout.objects.filter(status="approved").values_list("pk", flat=True))
    assert not stopped & approved
    while end_publicity(limit=100, now=AFTER):
        pass
    assert set(Payout.objects.filter(status="publicised").values_list("pk", flat=True)) == stopped


def test_a_sender_reaches_the_limit_once() -> None:
    payouts = [make_payout(of=public_version()).pk for _each in range(OBJECTIONS_PER_SENDER + 3)]

    def objection(payout: int) -> object:
        return publicise.object_to(
            payout_id=payout, now=NOW, sender="192.0.2.7", contact=f"wang{payout}@example.com", **SAID
        )

    outcomes = together([lambda payout=payout: objection(payout) for payout in payouts])
    assert sum(isinstance(each, Objection) for each in outcomes) == OBJECTIONS_PER_SENDER
    assert sum(isinstance(each, TooManyObjections) for each in outcomes) == 3
