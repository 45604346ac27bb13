"""Policies that exclude each other: each rule, with claims and cancellations in every order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from itertools import permutations

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override

from companies.models import Company
from payouts.claims.refusals import AmountChanged, Excluded
from payouts.ledger.funds import open_funds
from payouts.models import Claim, Fund, Payout, Seating
from policies.models import Entitlement, StackingSeat
from qinqing.kernel.database.integrity import constraint_of
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import make_company
from tests.factories.entitlements import make_entitlement, make_version
from tests.factories.payouts import insert_payout
from tests.factories.people import make_employee
from tests.factories.stacking import click, entitlement_statuses, make_group, paid_amounts, sweep, undo

pytestmark = pytest.mark.django_db


@contextmanager
def _refused(promise: str) -> Iterator[None]:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        yield
    assert constraint_of(refusal.value) in (promise, f"{promise}_whole")


def two(
    low: int = 100, high: int = 250, *, company: Company | None = None, **rule: object
) -> tuple[Entitlement, Entitlement]:
    """A lower and a higher award of one company whose policies are a group."""
    firm, versions = company or make_company(), [make_version(), make_version()]
    make_group(*versions, **rule)
    lower, higher = (
        make_entitlement(of=version, company=firm, amount_cny=amount)
        for version, amount in zip(versions, (low, high), strict=True)
    )
    return lower, higher


class TestHigherOnly:
    def test_the_higher_supersedes_the_lower_with_the_click(self) -> None:
        lower, higher = two()
        claimed = click(higher)
        assert claimed.superseded == (lower.pk,)
        assert entitlement_statuses(lower, higher) == ["superseded", "claimed"]

    def test_the_lower_is_refused_while_the_higher_can_be_claimed(self) -> None:
        lower, higher = two()
        with override("en"), pytest.raises(Excluded, match="“A trial” pays more"):
            click(lower)
        assert entitlement_statuses(lower, higher) == ["open", "open"]

    def test_both_at_once_are_refused_for_the_owner_chooses(self) -> None:
        with pytest.raises(Excluded):
            click(*two())
        assert not Payout.objects.exists()

    def test_the_lower_is_claimed_when_the_higher_cannot_be(self) -> None:
        firm = make_company()
        later = make_version(opens_on=TODAY.replace(month=6))
        now_open = make_version()
        make_group(now_open, later)
        lower = make_entitlement(of=now_open, company=firm)
        higher = make_entitlement(of=later, company=firm, amount_cny=900)
        assert click(lower).superseded == (higher.pk,)

    def test_a_later_higher_one_is_refused_naming_what_was_claimed(self) -> None:
        lower, higher = two()
        Entitlement.objects.filter(pk=higher.pk).update(status="withdrawn")
        click(lower)
        Entitlement.objects.filter(pk=higher.pk).update(status="open")
        with override("en"), pytest.raises(Excluded, match="“A trial” has been claimed already"):
            click(higher)

    def test_a_superseded_one_is_refused_with_the_same_sentence(self) -> None:
        lower, higher = two()
        click(higher)
        with override("en"), pytest.raises(Excluded, match="claimed already"):
            click(lower)

    def test_undoing_the_claim_opens_both_again(self) -> None:
        lower, higher = two()
        click(higher)
        undo(higher)
        assert entitlement_statuses(lower, higher) == ["open", "open"]
        assert StackingSeat.objects.get().policies == []
        assert click(higher).superseded == (lower.pk,)

    def test_the_platform_claims_the_winners_only_in_any_order(self) -> None:
        for order in permutations((100, 250, 250, 40)):
            versions = [make_version() for _each in order]
            make_group(*versions)
            firm = make_company()
            rights = [
                make_entitlement(of=version, company=firm, amount_cny=amount)
                for version, amount in zip(versions, order, strict=True)
            ]
            claimed = sweep(*rights)
            assert [amount for amount in paid_amounts(*rights) if amount] == [250]
            assert len(claimed.excluded) == len(claimed.superseded) == 3

    def test_the_awards_of_a_policy_count_together(self) -> None:
        firm, many, one = make_company(), make_version(), make_version()
        make_group(many, one)
        monthly = [make_entitlement(of=many, company=firm, amount_cny=100) for _month in range(3)]
        single = make_entitlement(of=one, company=firm, amount_cny=250)
        assert sweep(single, *monthly).excluded == (single.pk,)
        assert paid_amounts(*monthly) == [100, 100, 100]

    def test_other_companies_are_not_concerned(self) -> None:
        lower, higher = two()
        elsewhere = make_entitlement(of=lower.version)
        click(higher)
        assert click(elsewhere).payout_ids


class TestFirstWins:
    def test_the_first_click_wins_whatever_it_pays(self) -> None:
        lower, higher = two(rule="first_wins")
        assert click(lower).superseded == (higher.pk,)
        with pytest.raises(Excluded):
            click(higher)

    def test_the_platform_takes_what_was_decided_first(self) -> None:
        first, second = two(rule="first_wins")
        assert sweep(second, first).excluded == (second.pk,)
        assert paid_amounts(first, second) == [100, None]

    def test_undone_the_other_may_be_claimed(self) -> None:
        lower, higher = two(rule="first_wins")
        click(lower)
        undo(lower)
        assert click(higher).superseded == (lower.pk,)


class TestTheDifference:
    def test_a_later_higher_award_pays_the_difference(self) -> None:
        lower, higher = two(pays_difference=True)
        click(lower)
        assert entitlement_statuses(higher) == ["open"]
        click(higher, shown_cny=Decimal(150))
        assert paid_amounts(lower, higher) == [100, 150]

    def test_the_lower_one_comes_to_nothing_after_the_higher(self) -> None:
        lower, higher = two(pays_difference=True)
        assert click(higher).superseded == (lower.pk,)
        with override("en"), pytest.raises(Excluded, match="paid as much already"):
            click(lower)

    def test_an_award_as_high_as_what_was_paid_comes_to_nothing(self) -> None:
        first, equal = two(250, 250, pays_difference=True)
        assert click(first).superseded == (equal.pk,)
        with override("en"), pytest.raises(Excluded, match="paid as much already"):
            click(equal)

    def test_the_platform_pays_the_higher_alone(self) -> None:
        lower, higher = two(pays_difference=True)
        assert sweep(lower, higher).excluded == (lower.pk,)
        assert paid_amounts(lower, higher) == [None, 250]

    def test_three_steps_come_to_the_highest(self) -> None:
        firm, versions = make_company(), [make_version() for _step in range(3)]
        make_group(*versions, pays_difference=True)
        steps = [
            make_entitlement(of=version, company=firm, amount_cny=amount)
            for version, amount in zip(versions, (100, 250, 300), strict=True)
        ]
        for step in steps:
            click(step)
        assert paid_amounts(*steps) == [100, 150, 50]

    def test_an_undone_step_is_paid_by_the_next(self) -> None:
        lower, higher = two(pays_difference=True)
        click(lower)
        undo(lower)
        click(higher)
        assert paid_amounts(lower, higher) == [None, 250]


class TestTheCap:
    def test_a_claim_is_cut_to_the_rest_and_then_refused(self) -> None:
        first, second = two(rule="cap_together", cap_cny=300)
        third = make_entitlement(of=first.version, company=first.company)
        click(first)
        with pytest.raises(AmountChanged):
            click(second, shown_cny=Decimal(250))
        claimed = click(second, shown_cny=Decimal(200))
        assert (paid_amounts(first, second), claimed.superseded) == ([100, 200], (third.pk,))
        with override("en"), pytest.raises(Excluded, match="up to its limit"):
            click(third)

    def test_one_click_on_all_is_cut_in_the_order_of_decision(self) -> None:
        first, second = two(rule="cap_together", cap_cny=300)
        sweep(second, first)
        assert paid_amounts(first, second) == [100, 200]

    def test_what_is_cancelled_is_free_again(self) -> None:
        first, second = two(rule="cap_together", cap_cny=250)
        click(second)
        assert entitlement_statuses(first) == ["superseded"]
        undo(second)
        assert entitlement_statuses(first) == ["open"]
        assert click(first).payout_ids

    def test_a_second_group_cuts_further(self) -> None:
        first, second = two(rule="cap_together", cap_cny=300)
        make_group(second.version, rule="cap_together", cap_cny=120)
        click(first, second)
        assert paid_amounts(first, second) == [100, 120]


def test_may_coexist_is_for_people_to_read() -> None:
    assert len(click(*two(rule="may_coexist")).payout_ids) == 2
    assert not StackingSeat.objects.exists()


class TestWhoHolds:
    def test_a_couple_sits_on_both_places(self) -> None:
        one, other = make_employee("甲"), make_employee("乙")
        one.spouse, other.spouse = other, one
        one.save()
        other.save()
        of_couples, of_persons = make_version(subject="couple"), make_version(subject="employee")
        make_group(of_couples, of_persons, rule="first_wins", holder="person")
        firm = make_company()
        theirs = make_entitlement(of=of_couples, company=firm, employee=one)
        second = make_entitlement(of=of_persons, company=firm, employee=other)
        assert click(theirs).superseded == (second.pk,)
        one.spouse = other.spouse = None
        one.save()
        other.save()
        undo(theirs)
        assert [seat.policies for seat in StackingSeat.objects.all()] == [[], []]
        assert entitlement_statuses(second) == ["open"]

    def test_a_couple_sits_where_it_was_decided_whomever_one_of_them_marries_before_the_click(self) -> None:
        one, other, newcomer = make_employee("甲"), make_employee("乙"), make_employee("丙")
        one.spouse = other
        of_couples, of_persons = make_version(subject="couple"), make_version(subject="employee")
        make_group(of_couples, of_persons, rule="first_wins", holder="person")
        firm = make_company()
        theirs = make_entitlement(of=of_couples, company=firm, employee=one)
        others, newcomers = (make_entitlement(of=of_persons, company=firm, employee=each) for each in (other, newcomer))
        one.spouse = newcomer
        one.save()
        assert click(theirs).superseded == (others.pk,)
        assert entitlement_statuses(newcomers) == ["open"]

    def test_two_people_of_one_firm_do_not_exclude_each_other(self) -> None:
        versions = [make_version(subject="employee"), make_version(subject="employee")]
        make_group(*versions, rule="first_wins", holder="person")
        firm = make_company()
        rights = [make_entitlement(of=version, company=firm, employee=make_employee()) for version in versions]
        assert len(click(*rights).payout_ids) == 2

    def test_the_same_loan_takes_one_subsidy_from_whichever_firm(self) -> None:
        versions = [make_version(subject="loan"), make_version(subject="loan")]
        make_group(*versions, rule="first_wins", holder="subject")
        rights = [make_entitlement(of=version) for version in versions]
        same = make_entitlement(of=versions[1], subject_key=rights[0].subject_key)
        assert click(rights[0]).superseded == (same.pk,)
        assert click(rights[1]).payout_ids

    @pytest.mark.parametrize(
        ("span", "periods", "both"),
        [
            ("ever", ("2022", "2023"), False),
            ("year", ("2022", "2023"), True),
            ("year", ("2023Q1", "2023-07"), False),
            ("year", ("2026-01", ""), False),
            ("period", ("2023Q1", "2023Q2"), True),
            ("period", ("2023Q1", "2023Q1"), False),
        ],
    )
    def test_the_span_says_what_counts(self, span: str, periods: tuple[str, str], both: bool) -> None:
        versions = [make_version(), make_version()]
        make_group(*versions, rule="first_wins", span=span)
        firm = make_company()
        rights = [
            make_entitlement(of=version, company=firm, period_key=period)
            for version, period in zip(versions, periods, strict=True)
        ]
        click(rights[0])
        assert entitlement_statuses(rights[1]) == ["open" if both else "superseded"]


class TestTheDatabase:
    """The database enforces the rules, whoever writes and by whatever way."""

    @staticmethod
    def raw(right: Entitlement, **fields: object) -> Payout:
        open_funds(version_ids=[right.version_id], now=NOW)
        claim = Claim.objects.create(company=right.company, claimed_at=NOW)
        fund = Fund.objects.get(version=right.version)
        return insert_payout(right, fund_id=fund.pk, claim=claim, **fields)

    def test_a_second_policy_at_a_place(self) -> None:
        lower, higher = two()
        self.raw(lower)
        with _refused("stacking_seat_for_one_policy"):
            self.raw(higher)

    def test_more_than_the_cap(self) -> None:
        first, second = two(rule="cap_together", cap_cny=300)
        self.raw(first)
        with _refused("stacking_seat_within_its_limit"):
            self.raw(second)

    def test_more_than_the_difference(self) -> None:
        lower, higher = two(pays_difference=True)
        self.raw(lower)
        with _refused("stacking_seat_within_its_limit"):
            self.raw(higher)

    def test_less_than_the_entitlement_without_a_reason(self) -> None:
        alone = make_entitlement()
        with _refused("payout_copies_its_entitlement"):
            self.raw(alone, amount_cny=99)
        first, _second = two(rule="cap_together", cap_cny=300)
        with _refused("payout_copies_its_entitlement"):
            self.raw(first, amount_cny=99)

    def test_more_than_the_entitlement(self) -> None:
        with _refused("payout_copies_its_entitlement"):
            self.raw(make_entitlement(), amount_cny=101)

    @pytest.mark.parametrize(
        ("statement", "promise"),
        [
            ("UPDATE policies_stackingseat SET policies = '{}'", "stacking_seat_follows_its_payouts"),
            ("UPDATE policies_stackingseat SET total_cny = 0", "stacking_seat_follows_its_payouts"),
            ("DELETE FROM policies_stackingseat", "stacking_seat_is_kept"),
            ("DELETE FROM payouts_seating", "seating_is_kept"),
            ("UPDATE payouts_seating SET seat_id = seat_id + 1", "seating_is_kept"),
            (
                "INSERT INTO payouts_seating (payout_id, seat_id) SELECT payout_id, seat_id FROM payouts_seating",
                "seating_is_written_by_the_payout",
            ),
            ("UPDATE policies_stackinggroup SET rule = 'first_wins'", "stacking_group_is_held"),
            ("UPDATE policies_stackinggroup SET span = 'year'", "stacking_group_is_held"),
        ],
    )
    def test_a_place_is_not_given_by_hand(self, statement: str, promise: str) -> None:
        _lower, higher = two()
        click(higher)
        with _refused(promise), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_a_place_cannot_be_written_taken(self) -> None:
        opened = make_group(make_version())
        with _refused("stacking_seat_follows_its_payouts"):
            StackingSeat.objects.create(group=opened, holder_key="company:1", policies=[1])
        StackingSeat.objects.create(group=opened, holder_key="company:1")
        with _refused("stacking_seat_once_per_holder"):
            StackingSeat.objects.create(group=opened, holder_key="company:1")


def test_what_the_places_hold_is_what_the_payouts_say() -> None:
    _lower, higher = two()
    click(higher)
    seat = StackingSeat.objects.get()
    assert (seat.policies, seat.total_cny, seat.is_exclusive) == ([higher.policy_id], 250, True)
    assert Seating.objects.get().seat == seat
