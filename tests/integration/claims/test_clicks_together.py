"""Clicks claimed as one set: each gets what it would get alone, whatever clicks stand beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.db.models import Sum

from payouts.claims.claim import Outcome, claim
from payouts.claims.clicks import Claimed, Click
from payouts.claims.refusals import (
    AlreadyClaimed,
    AmountChanged,
    Blacklisted,
    ClaimRefused,
    CommitmentChanged,
    Contended,
    Excluded,
    NotCommitted,
    NotEntitled,
    NotOpen,
)
from payouts.ledger.funds import open_funds
from payouts.models import Claim, Fund, Payout
from policies.authoring.publish import close_version
from policies.models import Entitlement, PolicyVersion
from tests.factories.clock import NOW
from tests.factories.companies import act_for, make_company
from tests.factories.entitlements import make_entitlement, make_version
from tests.factories.people import make_employee, make_user
from tests.factories.stacking import make_group
from tests.integration.recovery.test_recovering import demanded
from tests.superuser import as_superuser

pytestmark = pytest.mark.django_db


def funded(**fields: object) -> PolicyVersion:
    """A published version whose fund is open."""
    version = make_version(**fields)  # type: ignore[arg-type]
    open_funds(version_ids=[version.pk], now=NOW)
    return version


def click_on(*rights: Entitlement, commitment: str = "I commit.", actor: str = "owner") -> Click:
    """The click of a firm's owner on these entitlements, with the sum that the page showed."""
    return Click(
        entitlement_ids=[right.pk for right in rights],
        company_id=rights[0].company_id,
        commitment=commitment,
        actor_id=act_for(rights[0].company, make_user(actor)).pk,
        now=NOW,
        shown_cny=sum((Decimal(right.amount_cny) for right in rights), Decimal(0)),
        read=frozenset(right.version_id for right in rights),
    )


def together(*clicks: Click) -> list[Outcome]:
    """The outcomes of clicks claimed as one set."""
    return claim(clicks=clicks, now=max(each.now for each in clicks))


def opened(*clicks: Click) -> list[Claimed]:
    """The outcomes of clicks claimed as one set, none of them refused."""
    outcomes = [each for each in together(*clicks) if isinstance(each, Claimed)]
    assert len(outcomes) == len(clicks)
    return outcomes


def test_each_click_is_a_claim_of_its_own() -> None:
    version = funded()
    firm = make_company()
    two = [make_entitlement(of=version), make_entitlement(of=funded(), company=firm)]
    also = make_entitlement(of=funded(), company=firm)
    clicks = [
        click_on(two[0], commitment="甲承诺", actor="甲"),
        click_on(two[1], also, commitment="乙承诺", actor="乙"),
    ]
    claimed = opened(*clicks)
    assert [len(claimed[place].payout_ids) for place in (0, 1)] == [1, 2]
    for place, click in enumerate(clicks):
        (signed,) = Claim.objects.filter(pk__in=claimed[place].claim_ids)
        assert (signed.company_id, signed.claimed_by_id) == (click.company_id, click.actor_id)
        assert signed.commitment == click.commitment
        paid = Payout.objects.filter(pk__in=claimed[place].payout_ids)
        assert {payout.claim for payout in paid} == {signed}
        assert sorted(payout.entitlement_id for payout in paid) == sorted(click.entitlement_ids)
        opening = {each.transitions.get(sequence=0) for each in paid}
        assert {(each.moved_by_id, each.moved_as) for each in opening} == {(click.actor_id, "owner")}
    assert Payout.objects.filter(status="approved", is_clicked=True).count() == 3


def _none_there(version: PolicyVersion) -> Click:
    return replace(click_on(make_entitlement(of=version)), entitlement_ids=[0])


def _somebody_elses(version: PolicyVersion) -> Click:
    return replace(click_on(make_entitlement(of=version)), company_id=make_company().pk)


def _half_somebody_elses(version: PolicyVersion) -> Click:
    return click_on(make_entitlement(of=version), make_entitlement(of=version))


def _other_amount(version: PolicyVersion) -> Click:
    return replace(click_on(make_entitlement(of=version)), shown_cny=Decimal("1.00"))


def _closed(version: PolicyVersion) -> Click:
    right = make_entitlement(of=funded())
    close_version(version=right.version, actor=make_user("officer"), because="no money left", now=NOW)
    return click_on(right)


def _unsigned(version: PolicyVersion) -> Click:
    return click_on(make_entitlement(of=funded(commitment_zh="我承诺")), commitment=" ")


def _other_commitment(version: PolicyVersion) -> Click:
    """A click whose owner read the text of another version than the entitlement's."""
    right = make_entitlement(of=funded(commitment_zh="我承诺"))
    return replace(click_on(right), read=frozenset({version.pk}))


def _claimed_before(version: PolicyVersion) -> Click:
    click = click_on(make_entitlement(of=version))
    together(click)
    return click


def _blacklisted(version: PolicyVersion) -> Click:
    right = make_entitlement(of=version, company=demanded().payout.company)
    return click_on(right)


def _superseded(version: PolicyVersion) -> Click:
    winner = make_entitlement(of=funded())
    loser = make_entitlement(of=funded(), company=winner.company)
    make_group(winner.version, loser.version, rule="first_wins")
    together(click_on(winner))
    return click_on(loser)


@pytest.mark.parametrize(
    ("make_refused", "refusal"),
    [
        (_none_there, NotEntitled),
        (_somebody_elses, NotEntitled),
        (_half_somebody_elses, NotEntitled),
        (_other_amount, AmountChanged),
        (_closed, NotOpen),
        (_unsigned, NotCommitted),
        (_other_commitment, CommitmentChanged),
        (_claimed_before, AlreadyClaimed),
        (_blacklisted, Blacklisted),
        (_superseded, Excluded),
    ],
)
def test_a_refused_click_costs_its_neighbour_nothing(
    make_refused: Callable[[PolicyVersion], Click], refusal: type[ClaimRefused]
) -> None:
    version = funded()
    bad, good = make_refused(version), click_on(make_entitlement(of=version))
    before = Payout.objects.count()
    refused, claimed = together(bad, good)
    assert type(refused) is refusal
    assert isinstance(claimed, Claimed)
    assert Payout.objects.count() == before + len(claimed.payout_ids) == before + 1
    (alone,) = together(bad)
    assert (type(alone), str(alone)) == (refusal, str(refused))


def test_a_set_opens_funds_and_takes_places() -> None:
    unfunded = make_entitlement()
    stacked = make_entitlement(of=funded())
    make_group(stacked.version, rule="one_of")
    assert [len(each.payout_ids) for each in opened(click_on(unfunded), click_on(stacked))] == [1, 1]


def test_two_firms_that_want_one_place_are_decided_one_after_the_other() -> None:
    versions = [funded(subject="loan"), funded(subject="loan")]
    make_group(*versions, rule="first_wins", holder="subject")
    first = make_entitlement(of=versions[0])
    second = make_entitlement(of=versions[1], subject_key=first.subject_key)
    beside = make_entitlement(of=versions[1])
    won, lost, other = together(click_on(first), click_on(second), click_on(beside))
    assert isinstance(won, Claimed)
    assert won.superseded == (second.pk,)
    assert isinstance(lost, Excluded)
    assert isinstance(other, Claimed)
    assert not other.superseded


def test_the_two_of_a_couple_in_one_set_are_claimed_for_once() -> None:
    version, shared = funded(subject="couple"), make_employee()
    rights = [make_entitlement(of=version) for _each in range(2)]
    Entitlement.objects.update(persons=[shared.pk])
    first, second = together(*(click_on(right) for right in rights))
    assert isinstance(first, Claimed)
    assert isinstance(second, NotOpen)
    assert Payout.objects.count() == 1


def test_without_an_account_nothing_is_opened() -> None:
    right = make_entitlement(of=funded(), company=make_company(has_account=False))
    beside = make_entitlement(of=right.version)
    bare, claimed = opened(click_on(right), click_on(beside))
    assert bare == Claimed(without_account=(right.pk,))
    assert claimed.payout_ids


def test_the_same_click_twice_is_served_once() -> None:
    once = click_on(make_entitlement(of=funded()))
    claimed, again = together(once, replace(once))
    assert isinstance(claimed, Claimed)
    assert isinstance(again, AlreadyClaimed)
    assert again.payout_ids == claimed.payout_ids


def test_a_fund_is_not_overdrawn_by_clicks_together() -> None:
    small = funded(granted_cny=250)
    claimed = opened(*(click_on(make_entitlement(of=small, amount_cny=100)) for _each in range(4)))
    assert [len(each.waitlisted) for each in claimed] == [0, 0, 1, 1]
    assert Fund.objects.get(version=small).available_cny == 50
    assert Payout.objects.filter(status="approved").aggregate(total=Sum("amount_cny"))["total"] == 200


def test_the_last_money_goes_to_whoever_clicked_first() -> None:
    small = funded(granted_cny=100)
    first, second = (make_entitlement(of=small, amount_cny=60) for _each in range(2))
    later = NOW + timedelta(seconds=1)
    claimed = opened(click_on(second), replace(click_on(first), now=later))
    assert [len(each.waitlisted) for each in claimed] == [0, 1]
    times = [Claim.objects.get(pk__in=each.claim_ids).claimed_at for each in claimed]
    assert times == [NOW, later]
    assert list(Payout.objects.order_by("pk").values_list("claimed_at", flat=True)) == times


def test_a_click_that_the_database_refuses_leaves_the_others_their_claims() -> None:
    version = funded()
    clicks = [click_on(make_entitlement(of=version)) for _each in range(3)]
    broken = [clicks[0], clicks[1], replace(clicks[2], commitment="never")]
    with as_superuser() as cursor:
        cursor.execute("ALTER TABLE payouts_claim ADD CONSTRAINT one_only CHECK (commitment <> 'never')")
    outcomes = claim(clicks=broken, now=NOW, patience_ms=100)
    assert {type(each) for each in outcomes} == {Contended}
    assert not Payout.objects.exists()
    with pytest.raises(IntegrityError):
        claim(clicks=broken, now=NOW)
    assert set(Payout.objects.values_list("entitlement", flat=True)) == {
        clicks[0].entitlement_ids[0],
        clicks[1].entitlement_ids[0],
    }
