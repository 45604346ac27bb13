"""Proportional pools: two passes, and never a fen too much."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra.django import TestCase

from companies.models import Company
from payouts.claims.refusals import NotOpen
from payouts.ledger.funds import open_funds
from payouts.ledger.pools import NotDivisible, divide_due_pools, divide_pool
from payouts.models import Claim, Fund, Payout
from policies.authoring.draft import BadFields
from policies.models import Entitlement, MatchRun, PolicyVersion, Pool, PoolDivision
from policies.rules.rules import RuleRefused
from qinqing.kernel.database.integrity import constraint_of
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import make_delivery, make_row
from tests.factories.entitlements import make_entitlement, make_version
from tests.factories.payouts import insert_payout
from tests.factories.people import make_user
from tests.factories.policies import make_draft, make_published, match_all
from tests.factories.rows import refusal_of
from tests.factories.stacking import click, entitlement_statuses, make_group, sweep, undo
from tests.profiles import examples

pytestmark = pytest.mark.django_db


def pool(bases: Sequence[Decimal | int], *, granted_cny: Decimal | int, **fields: object) -> list[Entitlement]:
    """Entitlements of these bases under a version with so much money."""
    version = make_version(granted_cny=granted_cny, pool=Pool.PROPORTIONAL, **fields)
    rights = [make_entitlement(of=version, amount_cny=base) for base in bases]
    for right, base in zip(rights, bases, strict=True):
        Entitlement.objects.filter(pk=right.pk).update(base_cny=base)
    return rights


def portions(rights: Sequence[Entitlement]) -> list[Decimal]:
    found = dict(Entitlement.objects.values_list("pk", "amount_cny"))
    return [found[right.pk] for right in rights]


def test_everybody_gets_the_same_part_rounded_down() -> None:
    rights = pool([100, 100, 100], granted_cny=100)
    division = divide_pool(version=rights[0].version, actor=None, now=NOW)
    assert portions(rights) == [Decimal("33.33")] * 3
    assert (division.base_total_cny, division.pool_cny, division.divided_cny) == (300, 100, Decimal("99.99"))
    sweep(*rights)
    assert Fund.objects.get().available_cny == Decimal("0.01")


def test_what_the_cap_cuts_stays_in_the_pool() -> None:
    rights = pool([1_000, 100], granted_cny=550, cap_cny=Decimal(300))
    divide_pool(version=rights[0].version, actor=None, now=NOW)
    assert portions(rights) == [300, 50]


def test_nobody_gets_more_than_the_base() -> None:
    rights = pool([100, 50], granted_cny=1_000)
    divide_pool(version=rights[0].version, actor=None, now=NOW)
    assert portions(rights) == [100, 50]


def test_less_than_the_minimum_or_a_fen_is_withdrawn() -> None:
    rights = pool([1_000_000, 1], granted_cny=1_000)
    divide_pool(version=rights[0].version, actor=None, now=NOW)
    assert entitlement_statuses(*rights) == ["open", "withdrawn"]
    rights = pool([900, 100], granted_cny=100, minimum_cny=Decimal(50))
    divide_pool(version=rights[0].version, actor=None, now=NOW)
    assert entitlement_statuses(*rights) == ["open", "withdrawn"]


def test_before_the_division_nothing_can_be_claimed() -> None:
    (right,) = pool([100], granted_cny=50)
    with override("en"), pytest.raises(NotOpen, match="still to be divided"):
        click(right)
    divide_pool(version=right.version, actor=None, now=NOW)
    assert Payout.objects.get(pk=click(right).payout_ids[0]).amount_cny == 50


def test_a_pool_is_divided_once() -> None:
    (right,) = pool([100], granted_cny=50)
    divide_pool(version=right.version, actor=make_user("clerk"), now=NOW)
    with override("en"), pytest.raises(NotDivisible, match="divided already"):
        divide_pool(version=right.version, actor=None, now=NOW)


@pytest.mark.parametrize(("bases", "granted", "sentence"), [([], 100, "Nobody"), ([100], 0, "no money")])
def test_nothing_to_divide_is_said(bases: list[int], granted: int, sentence: str) -> None:
    rights = pool(bases, granted_cny=granted)
    version = rights[0].version if rights else PolicyVersion.objects.get()
    with override("en"), pytest.raises(NotDivisible, match=sentence):
        divide_pool(version=version, actor=None, now=NOW)


def test_first_come_is_not_divided() -> None:
    with override("en"), pytest.raises(NotDivisible, match="proportional"):
        divide_pool(version=make_version(), actor=None, now=NOW)


def test_matching_comes_first() -> None:
    (right,) = pool([100], granted_cny=50)
    run = MatchRun.objects.create(version=right.version, asked_at=NOW)
    assert divide_due_pools(now=NOW) == 0
    run.delete()
    assert divide_due_pools(now=NOW) == 1
    assert divide_due_pools(now=NOW) == 0


def test_a_pool_waits_for_firms_whose_matching_was_set_aside() -> None:
    (right,) = pool([100], granted_cny=50)
    run = MatchRun.objects.create(version=right.version, asked_at=NOW, refusal="it took too long", holds_claims=True)
    assert divide_due_pools(now=NOW) == 0
    with override("en"), pytest.raises(NotDivisible, match="set aside"):
        divide_pool(version=right.version, actor=make_user("clerk"), now=NOW)
    run.delete()
    assert divide_due_pools(now=NOW) == 1


def test_what_another_claim_excluded_before_the_division_never_comes_back_undivided() -> None:
    shared, other = pool([100_000, 900_000], granted_cny=100_000)
    rival = make_entitlement(of=make_version(), company=shared.company, amount_cny=10)
    make_group(rival.version, shared.version, rule="first_wins")
    click(rival)
    assert entitlement_statuses(shared) == ["superseded"]
    divide_pool(version=shared.version, actor=None, now=NOW)
    undo(rival)
    assert entitlement_statuses(rival, shared) == ["open", "withdrawn"]
    sweep(other)
    assert Payout.objects.get(entitlement=other).amount_cny == 100_000


def test_the_day_that_claims_open_is_awaited() -> None:
    pool([100], granted_cny=50, opens_on=TODAY.replace(month=6))
    assert divide_due_pools(now=NOW) == 0


class TestMatching:
    def test_the_base_is_what_the_rule_says_and_the_amount_what_the_cap_leaves(self) -> None:
        version, firm = self.matched()
        right = Entitlement.objects.get(version=version)
        assert (right.company, right.base_cny, right.amount_cny) == (firm, 900, 500)

    def test_after_the_division_nothing_is_decided_again(self) -> None:
        version, firm = self.matched()
        divide_pool(version=version, actor=None, now=NOW)
        TaxYear.objects.filter(company=firm).update(revenue=1)
        late = make_company()
        make_row(TaxYear, late, year=2025, revenue=900)
        make_delivery("tax", touching=[firm, late])
        match_all()
        assert [e.amount_cny for e in Entitlement.objects.filter(version=version)] == [300]

    def test_a_portion_is_at_most_what_its_limit_says(self) -> None:
        version, _firm = self.matched(limit_feel="tax[year = 2025].tax_paid")
        assert not Entitlement.objects.filter(version=version).exists(), "a limit that is unknown pays nothing"
        TaxYear.objects.update(tax_paid=120)
        make_delivery("tax", touching=list(Company.objects.all()))
        other = make_company()
        make_row(TaxYear, other, year=2025, revenue=100, tax_paid=500)
        make_delivery("tax", touching=[other])
        match_all()
        divide_pool(version=version, actor=None, now=NOW)
        rights = Entitlement.objects.filter(version=version).order_by("company")
        assert [(right.base_cny, right.limit_cny, right.amount_cny) for right in rights] == [
            (900, 120, 120),
            (100, 500, 30),
        ]

    def test_a_limit_is_for_a_pool(self) -> None:
        with override("en"), pytest.raises(BadFields, match="of its own"):
            make_draft("company.size != null", limit_feel="100")
        with override("en"), pytest.raises(RuleRefused, match="Limit, line 1"):
            make_draft("company.size != null", limit_feel="nothing", pool=Pool.PROPORTIONAL)

    @staticmethod
    def matched(**fields: object) -> tuple[PolicyVersion, object]:
        firm = make_company()
        make_row(TaxYear, firm, year=2025, revenue=900)
        version = make_published(
            "tax[year = 2025].revenue > 0",
            amount="tax[year = 2025].revenue",
            pool=Pool.PROPORTIONAL,
            cap_cny=Decimal(500),
            granted_cny=Decimal(300),
            **fields,
        )
        match_all()
        return version, firm


class TestTheDatabase:
    @pytest.mark.parametrize(
        ("statement", "promise"),
        [
            ("UPDATE policies_entitlement SET amount_cny = 60", "entitlement_keeps_its_portion"),
            ("UPDATE policies_entitlement SET base_cny = 60", "entitlement_keeps_its_portion"),
            ("UPDATE policies_pooldivision SET pool_cny = 60", "pool_division_is_kept"),
            ("DELETE FROM policies_pooldivision", "pool_division_is_kept"),
        ],
    )
    def test_shares_are_final(self, statement: str, promise: str) -> None:
        (right,) = pool([100], granted_cny=50)
        divide_pool(version=right.version, actor=None, now=NOW)
        assert refusal_of(statement) == promise

    def test_a_division_says_what_the_shares_are(self) -> None:
        (right,) = pool([100], granted_cny=50)
        money = {"version": right.version, "divided_at": NOW, "base_total_cny": 100}
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            PoolDivision.objects.create(pool_cny=50, divided_cny=100, **money)
        assert constraint_of(refused.value) == "pool_division_within_its_pool"
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            PoolDivision.objects.create(pool_cny=50, divided_cny=50, **money)
        assert constraint_of(refused.value) == "pool_division_is_what_was_divided"

    def test_nothing_is_paid_before(self) -> None:
        (right,) = pool([100], granted_cny=500)
        open_funds(version_ids=[right.version_id], now=NOW)
        claim = Claim.objects.create(company=right.company, claimed_at=NOW)
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            insert_payout(right, fund_id=Fund.objects.get().pk, claim=claim)
        assert constraint_of(refused.value) == "payout_waits_for_the_division"

    def test_nobody_joins_later(self) -> None:
        (right,) = pool([100], granted_cny=50)
        divide_pool(version=right.version, actor=None, now=NOW)
        late = make_entitlement(of=right.version)
        assert refusal_of(f"UPDATE policies_entitlement SET base_cny = 1 WHERE id = {late.pk}") == (
            "entitlement_keeps_its_portion"
        )


MONEY = some.decimals(min_value="0.01", max_value="99999999.99", places=2)


class TestAnyPool(TestCase):
    @settings(max_examples=examples(25))
    @given(bases=some.lists(MONEY, min_size=1, max_size=12), granted=MONEY, cap=some.none() | MONEY)
    def test_never_a_fen_too_much_and_all_of_it_claimable(
        self, bases: list[Decimal], granted: Decimal, cap: Decimal | None
    ) -> None:
        rights = pool(bases, granted_cny=granted, cap_cny=cap)
        division = divide_pool(version=rights[0].version, actor=None, now=NOW)
        assert division.divided_cny <= granted
        ratio = min(granted / sum(bases), Decimal(1))
        for right, base, portion, status in zip(
            rights, bases, portions(rights), entitlement_statuses(*rights), strict=True
        ):
            exact = base * ratio if cap is None else min(base * ratio, cap)
            assert status == "withdrawn" or exact - Decimal("0.01") <= portion <= exact + Decimal("1e-15"), right
        claimable = [
            right for right, status in zip(rights, entitlement_statuses(*rights), strict=True) if status == "open"
        ]
        if claimable:
            assert not sweep(*claimable).waitlisted
