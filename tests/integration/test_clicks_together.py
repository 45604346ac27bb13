"""Clicks that share a transaction: each gets what it would get alone, whoever stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Sum

from payouts.claims.claim import Claimed
from payouts.claims.group_commit import Click, claim_together, claim_with_others
from payouts.claims.refusals import AlreadyClaimed, ClaimRefused
from payouts.ledger.funds import open_funds
from payouts.models import Claim, Fund, Payout
from policies.authoring.publish import close_version
from policies.models import Entitlement, PolicyVersion
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.entitlements import make_entitlement, make_version
from tests.factories.people import make_user
from tests.factories.stacking import make_group
from tests.integration.test_recovering import demanded

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
        company=rights[0].company,
        commitment=commitment,
        actor=make_user(actor),
        now=NOW,
        shown_cny=sum((Decimal(right.amount_cny) for right in rights), Decimal(0)),
        read=frozenset(right.version_id for right in rights),
    )


def test_each_click_is_a_claim_of_its_own() -> None:
    version = funded()
    firm = make_company()
    two = [make_entitlement(of=version), make_entitlement(of=funded(), company=firm)]
    also = make_entitlement(of=funded(), company=firm)
    clicks = [
        click_on(two[0], commitment="甲承诺", actor="甲"),
        click_on(two[1], also, commitment="乙承诺", actor="乙"),
    ]
    claimed = claim_together(clicks)
    assert [len(claimed[place].payout_ids) for place in (0, 1)] == [1, 2]
    for place, click in enumerate(clicks):
        (signed,) = Claim.objects.filter(pk__in=claimed[place].claim_ids)
        assert (signed.company, signed.claimed_by, signed.commitment) == (click.company, click.actor, click.commitment)
        paid = Payout.objects.filter(pk__in=claimed[place].payout_ids)
        assert {payout.claim for payout in paid} == {signed}
        assert sorted(payout.entitlement_id for payout in paid) == sorted(click.entitlement_ids)
        opening = {each.transitions.get(sequence=0) for each in paid}
        assert {(each.moved_by, each.moved_as) for each in opening} == {(click.actor, "owner")}
    assert Payout.objects.filter(status="approved", is_clicked=True).count() == 3


def _none_there(version: PolicyVersion) -> Click:
    return replace(click_on(make_entitlement(of=version)), entitlement_ids=[0])


def _somebody_elses(version: PolicyVersion) -> Click:
    return replace(click_on(make_entitlement(of=version)), company=make_company())


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
    """The entitlement came to another version after the text was read."""
    right = make_entitlement(of=funded(commitment_zh="我承诺"))
    return replace(click_on(right), read=frozenset({version.pk}))


def _claimed_before(version: PolicyVersion) -> Click:
    click = click_on(make_entitlement(of=version))
    click.alone()
    return click


def _blacklisted(version: PolicyVersion) -> Click:
    right = make_entitlement(of=version, company=demanded().payout.company)
    return click_on(right)


@pytest.mark.parametrize(
    "refused",
    [
        _none_there,
        _somebody_elses,
        _half_somebody_elses,
        _other_amount,
        _closed,
        _unsigned,
        _other_commitment,
        _claimed_before,
        _blacklisted,
    ],
)
def test_a_refused_click_costs_its_neighbour_nothing(refused: Callable[[PolicyVersion], Click]) -> None:
    version = funded()
    bad, good = refused(version), click_on(make_entitlement(of=version))
    before = Payout.objects.count()
    claimed = claim_together([bad, good])
    assert list(claimed) == [1]
    assert Payout.objects.count() == before + 1
    with pytest.raises(ClaimRefused):
        claim_with_others(bad)
    assert Payout.objects.count() == before + 1


def test_what_is_not_plain_claims_alone() -> None:
    unfunded = make_entitlement()
    stacked = make_entitlement(of=funded())
    make_group(stacked.version, rule="one_of")
    clicks = [click_on(unfunded), click_on(stacked)]
    assert claim_together(clicks) == {}
    assert [len(claim_with_others(each).payout_ids) for each in clicks] == [1, 1]


def test_without_an_account_nothing_is_opened() -> None:
    right = make_entitlement(of=funded(), company=make_company(has_account=False))
    assert claim_together([click_on(right)]) == {}
    assert claim_with_others(click_on(right)) == Claimed(without_account=(right.pk,))


def test_the_same_click_twice_is_served_once() -> None:
    once = click_on(make_entitlement(of=funded()))
    claimed = claim_together([once, replace(once)])
    assert list(claimed) == [0]
    with pytest.raises(AlreadyClaimed) as refusal:
        claim_with_others(once)
    assert refusal.value.payout_ids == claimed[0].payout_ids


def test_a_fund_is_not_overdrawn_by_clicks_together() -> None:
    small = funded(granted_cny=250)
    claimed = claim_together([click_on(make_entitlement(of=small, amount_cny=100)) for _each in range(4)])
    assert [len(claimed[place].waitlisted) for place in range(4)] == [0, 0, 1, 1]
    assert Fund.objects.get(version=small).available_cny == 50
    assert Payout.objects.filter(status="approved").aggregate(total=Sum("amount_cny"))["total"] == 200


def test_the_last_money_goes_to_whoever_clicked_first() -> None:
    small = funded(granted_cny=100)
    first, second = (make_entitlement(of=small, amount_cny=60) for _each in range(2))
    later = NOW + timedelta(seconds=1)
    claimed = claim_together([click_on(second), replace(click_on(first), now=later)])
    assert [len(claimed[place].waitlisted) for place in (0, 1)] == [0, 1]
    times = [Claim.objects.get(pk__in=claimed[place].claim_ids).claimed_at for place in (0, 1)]
    assert times == [NOW, later]
    assert list(Payout.objects.order_by("pk").values_list("claimed_at", flat=True)) == times


def test_what_breaks_the_transaction_leaves_everybody_to_claim_alone() -> None:
    version = funded()
    clicks = [click_on(make_entitlement(of=version)) for _each in range(2)]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payouts_claim ADD CONSTRAINT one_only CHECK (commitment <> 'never')")
    assert claim_together([clicks[0], replace(clicks[1], commitment="never")]) == {}
    assert not Payout.objects.exists()
    assert claim_with_others(clicks[0]).payout_ids
