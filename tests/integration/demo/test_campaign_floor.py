"""The benchmark's floor writes the same rows as a campaign, and reports a difference."""

from __future__ import annotations

import time

import pytest

from payouts.batches.seal import seal_sent_instructions
from payouts.models import Payout
from payouts.publicity.publicise import end_publicity
from payouts.replies.apply import apply_replies
from payouts.sending.send import send_due
from payouts.states import Status
from policies.models import Track
from tests.benchmarks.campaign import floor
from tests.benchmarks.campaign.cpu import cpu_so_far
from tests.factories.claims import claim_entitlements
from tests.factories.clock import NOW
from tests.factories.entitlements import make_entitlements, make_version
from tests.factories.payouts import count_statuses, make_payout
from tests.tellers import Teller

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid() -> None:
    """The rows that a campaign leaves of three policies: one publicises its payouts, one has too little money."""
    versions = (make_version(), make_version(track=Track.PUBLICISED, publicise_days=7), make_version(granted_cny=250))
    for version in versions:
        rights = make_entitlements(3, of=version)
        claim_entitlements(entitlement_ids=rights, company=None, commitment="", actor=None, now=NOW)
    make_payout()
    end_publicity(limit=10, now=NOW.replace(year=NOW.year + 1))
    send_due(gateway=Teller(), limit=20, now=NOW)
    apply_replies(limit=20, now=NOW)
    seal_sent_instructions(actor=None, now=NOW)
    counts = count_statuses(list(Payout.objects.values_list("pk", flat=True)))
    assert counts == {Status.PAID: 9, Status.WAITLISTED: 1}


@pytest.mark.usefixtures("paid")
def test_the_floor_comes_to_the_same_rows() -> None:
    bare = floor.write_again()
    assert bare.differing == ()
    assert bare.cpu.postgresql_seconds > 0
    assert floor.rows() > 60


@pytest.mark.usefixtures("paid")
def test_a_floor_that_leaves_work_out_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floor, "_settle", lambda: None)
    tables = [said.split()[0] for said in floor.write_again().differing]
    assert tables == [
        *("payouts_fund", "payouts_payout", "payouts_transition", "payouts_posting", "payouts_reply"),
    ]


def test_work_is_seen_where_it_is_done() -> None:
    before = cpu_so_far(parts={})
    deadline = time.process_time() + 0.3
    while time.process_time() < deadline:
        pass
    ours = cpu_so_far(parts={}) - before
    # The system counts hundredths of a second, and the difference of two counts is a float.
    assert ours.python_seconds > 0.28
    assert ours.bank_seconds == 0
