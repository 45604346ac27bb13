"""Who decides about whose work: counts and shares, and the auditor's page of them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from payouts.controls.pairs import ALWAYS_FROM, list_pairs
from payouts.controls.pairs_page import KINDS
from payouts.ledger.grants import propose_grant
from payouts.publicity.publicise import decide_objection, object_to
from payouts.publicity.triage import take_up
from policies.authoring.breaker_terms import save_breaker
from policies.authoring.lift import propose_lifting
from policies.authoring.suspend import suspend_version
from policies.models import Breaker, Track
from qinqing.proposals.decide import confirm, turn_down
from qinqing.proposals.kinds import list_kinds
from tests.factories import objections
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.entitlements import make_version
from tests.factories.payouts import make_payout, make_released_batch
from tests.factories.people import make_user
from tests.factories.policies import make_published

pytestmark = pytest.mark.django_db


def granted(first: str, second: str, *, times: int = 1) -> None:
    version = make_version()
    for number in range(times):
        terms = {"amount_cny": Decimal(5), "because": f"{first} {second} {number}"}
        entered = propose_grant(version=version, **terms, actor=make_user(first), now=NOW)
        confirm(proposal_id=entered.pk, actor=make_user(second), now=NOW)


def test_shares_are_of_what_each_of_the_two_did() -> None:
    granted("a", "b", times=3)
    granted("a", "c")
    granted("d", "b")
    found = {(pair.first, pair.second): pair for pair in list_pairs() if pair.kind == "grant"}
    assert {pair: (each.count, each.of_first, each.of_second) for pair, each in found.items()} == {
        ("a", "b"): (3, Decimal("0.75"), Decimal("0.75")),
        ("a", "c"): (1, Decimal("0.25"), Decimal(1)),
        ("d", "b"): (1, Decimal(1), Decimal("0.25")),
    }
    assert not any(each.is_always for each in found.values())


def test_two_who_always_decide_for_each_other_stand_first() -> None:
    granted("a", "b", times=ALWAYS_FROM + 1)
    granted("a", "c")
    granted("e", "f", times=ALWAYS_FROM)
    granted("g", "h", times=ALWAYS_FROM - 1)
    first = next(pair for pair in list_pairs() if pair.kind == "grant")
    assert (first.first, first.second, first.is_always) == ("e", "f", True)
    assert [pair.is_always for pair in list_pairs() if pair.first == "g"] == [False]


def test_who_takes_back_the_own_work_is_no_pair() -> None:
    version = make_version()
    entered = propose_grant(version=version, amount_cny=Decimal(5), because="预算", actor=make_user("a"), now=NOW)
    turn_down(proposal_id=entered.pk, actor=make_user("a"), now=NOW)
    assert not [pair for pair in list_pairs() if pair.kind == "grant"]


def test_the_auditor_reads_the_pairs_and_nobody_else() -> None:
    make_released_batch(1)
    granted("吴", "徐", times=ALWAYS_FROM)
    text = sign_in_official("auditor").get(reverse("admin:payouts_pairs")).content.decode()
    assert text.count("always these two") == 1
    assert all(said in text for said in ("吴", "徐", "100 %", str(KINDS["batch_checked"]), "Grant"))
    assert sign_in_official("officer").get(reverse("admin:payouts_pairs")).status_code == 403


def stopped_and_lifted(stopper: str, proposer: str, second: str) -> None:
    version = make_published("true")
    suspend_version(version=version, actor=make_user(stopper), reason="a doubt", now=NOW)
    proposal = propose_lifting(version=version, because="looked at", actor=make_user(proposer), now=NOW)
    confirm(proposal_id=proposal.pk, actor=make_user(second), now=NOW)


def loosened(proposer: str, second: str) -> None:
    breaker = Breaker.objects.create(policy=make_version().policy)
    breaker.payees_per_account += 1
    proposal = save_breaker(breaker=breaker, because="a group of firms", actor=make_user(proposer), now=NOW)
    assert proposal is not None
    confirm(proposal_id=proposal.pk, actor=make_user(second), now=NOW)


def objected(triager: str, second: str) -> None:
    payout = make_payout(of=make_version(track=Track.PUBLICISED, publicise_days=3))
    told = {"name": "王某", "contact": "wang@example.com", "text": "不属实"}
    objection = objections.confirm(object_to(payout_id=payout.pk, **told, now=NOW), now=NOW)
    take_up(objection_id=objection.pk, actor=make_user(triager), now=NOW)
    said = {"is_upheld": False, "decision": "不成立"}
    decide_objection(objection_id=objection.pk, **said, actor=make_user(second), now=NOW)


def test_stops_breakers_and_objections_are_among_them() -> None:
    stopped_and_lifted("a", "b", "c")
    loosened("d", "e")
    objected("f", "g")
    found = {(pair.kind, pair.first, pair.second) for pair in list_pairs()}
    assert found >= {
        ("stop", "a", "c"),
        ("suspension", "b", "c"),
        ("breaker_terms", "d", "e"),
        ("objection", "f", "g"),
    }
    text = sign_in_official("auditor").get(reverse("admin:payouts_pairs")).content.decode()
    assert all(
        said in text
        for said in (
            str(KINDS["stop"]),
            "Lifting of a suspension",
            "Terms of a circuit breaker",
            str(KINDS["objection"]),
        )
    )


def test_every_kind_of_the_statement_has_its_name() -> None:
    make_released_batch(1)
    assert {pair.kind for pair in list_pairs()} <= set(KINDS) | {kind.name for kind in list_kinds()}
