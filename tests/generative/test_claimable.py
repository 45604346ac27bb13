"""The firm's page, the list of firms, the sweep and the claim never disagree about what may be claimed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from hypothesis import example, given, settings
from hypothesis import strategies as some
from hypothesis.extra.django import TestCase

from companies.models import Company, User
from payouts.claims.automatic import claim_automatic
from payouts.claims.claim import Outcome, claim
from payouts.claims.clicks import Claimed, Click
from payouts.claims.refusals import AlreadyClaimed, Blacklisted, ClaimRefused, Contended, Excluded, NotOpen
from payouts.models import Payout
from payouts.offers.claimable import IS_CLAIMABLE, OBSTACLE, RIGHTS, SHOWN, Obstacle
from payouts.offers.firms import Trouble
from payouts.offers.queries import list_firms, list_offers
from payouts.offers.types import Offer
from policies.models import Entitlement, MatchRun, PolicyVersion
from qinqing.kernel.database.statements import fetch_rows
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import act_for, make_company
from tests.factories.entitlements import make_entitlement, make_version
from tests.factories.people import make_employee, make_user
from tests.factories.rows import insert
from tests.profiles import examples
from tests.superuser import unguarded

OF_THE_RIGHT = [Obstacle.CLAIMED, Obstacle.WITHDRAWN, Obstacle.LAPSED, Obstacle.SUPERSEDED]
OF_THE_VERSION = [Obstacle.SUSPENDED, Obstacle.CLOSED]
OF_THE_WINDOW = [Obstacle.OVER, Obstacle.NOT_YET]
OF_THE_FIRM = [Obstacle.BLACKLISTED, Obstacle.NO_ACCOUNT]


class State(NamedTuple):
    """The obstacles of an entitlement, those of its firm aside, with its track and amount."""

    obstacles: frozenset[Obstacle]
    track: str
    amount_cny: int


def subsets(*obstacles: Obstacle) -> some.SearchStrategy[frozenset[Obstacle]]:
    """Up to two of these obstacles, often none."""
    return some.one_of(some.just(frozenset()), some.frozensets(some.sampled_from(obstacles), max_size=2))


def at_most_one(obstacles: Collection[Obstacle]) -> some.SearchStrategy[frozenset[Obstacle]]:
    """None or one of these obstacles, which exclude each other."""
    return some.one_of(some.just(frozenset()), some.sampled_from([frozenset({each}) for each in obstacles]))


OBSTACLES = some.builds(
    lambda *parts: frozenset().union(*parts),
    at_most_one(OF_THE_RIGHT),
    at_most_one(OF_THE_VERSION),
    at_most_one(OF_THE_WINDOW),
    subsets(Obstacle.UNDECIDED, Obstacle.TAKEN, Obstacle.PAID_THOUGH_CANCELLED, Obstacle.UNDIVIDED),
)
STATES = some.builds(
    State,
    OBSTACLES,
    some.sampled_from(["instant", "automatic"]),
    some.integers(1, 3).map(lambda n: n * 100),
)
PAID_THOUGH_CANCELLED = State(frozenset({Obstacle.UNDECIDED, Obstacle.PAID_THOUGH_CANCELLED}), "instant", 100)


class TestAgreement(TestCase):
    @settings(max_examples=examples(40))
    @given(states=some.lists(STATES, min_size=1, max_size=4), of_the_firm=subsets(*OF_THE_FIRM))
    @example(states=[PAID_THOUGH_CANCELLED] * 2, of_the_firm=frozenset())
    def test_page_list_sweep_and_claim(self, states: list[State], of_the_firm: frozenset[Obstacle]) -> None:
        firm, owner = make_firm(of_the_firm), make_user("owner")
        act_for(firm, owner)
        expected = {make_right(state, firm): first(state.obstacles | of_the_firm) for state in states}
        self.check_texts(expected)
        self.check_page(expected, firm)
        self.check_list(expected, firm, owner)
        self.check_claims(expected, owner)
        self.check_sweep(expected)

    def check_texts(self, expected: dict[Entitlement, Obstacle | None]) -> None:
        rows = fetch_rows(
            f"SELECT e.id, {OBSTACLE}, {IS_CLAIMABLE} FROM {RIGHTS} WHERE e.id = ANY(%(ids)s)",
            ids=[right.pk for right in expected],
            today=TODAY,
        )
        assert {right: (obstacle, is_claimable) for right, obstacle, is_claimable in rows} == {
            right.pk: (obstacle and obstacle.value, obstacle is None) for right, obstacle in expected.items()
        }

    def check_page(self, expected: dict[Entitlement, Obstacle | None], firm: Company) -> None:
        page = list_offers(company=firm, on=TODAY)
        by_itself = {right.pk for right in expected if comes_by_itself(right)}
        is_listed = Obstacle.BLACKLISTED in expected.values() or not page.has_account
        now = {right.pk for right, obstacle in expected.items() if obstacle is None}
        if Obstacle.BLACKLISTED in expected.values() and page.has_account:
            now |= {right.pk for right, obstacle in expected.items() if obstacle is Obstacle.BLACKLISTED}
        assert shown(page.claimable) == now - by_itself
        assert shown(page.automatic) == now & by_itself
        assert is_listed or not page.waiting
        later = {
            right.version_id
            for right, obstacle in expected.items()
            if obstacle in (Obstacle.NOT_YET, Obstacle.UNDIVIDED)
        }
        assert {offer.version_id for offer in page.later} == later
        hidden = {right.policy.code for right, each in expected.items() if each is not None and each not in SHOWN}
        assert page.codes.isdisjoint(hidden)

    def check_list(self, expected: dict[Entitlement, Obstacle | None], firm: Company, owner: User) -> None:
        (listed,) = list_firms(user=owner, on=TODAY)
        page = list_offers(company=firm, on=TODAY)
        is_barred = listed.trouble is Trouble.BARRED
        assert listed.claimable_cny == (Decimal(0) if is_barred else page.amount_cny)
        clicked = [right for right, each in expected.items() if each is None and not comes_by_itself(right)]
        assert listed.claimable_cny == sum(right.amount_cny for right in clicked)
        assert is_barred or (listed.trouble is Trouble.UNPAYABLE) == (Obstacle.NO_ACCOUNT in expected.values())
        assert is_barred or (listed.trouble is Trouble.UNPAYABLE) == bool(page.waiting)

    def check_claims(self, expected: dict[Entitlement, Obstacle | None], owner: User) -> None:
        with rolled_back():
            clicks = [Click([right.pk], right.company_id, "I commit.", owner.pk, NOW) for right in expected]
            outcomes = claim(clicks=clicks, now=NOW)
        for outcome, obstacle in zip(outcomes, expected.values(), strict=True):
            assert kind_of(outcome) == REFUSALS.get(obstacle, NotOpen), (outcome, obstacle)

    def check_sweep(self, expected: dict[Entitlement, Obstacle | None]) -> None:
        with rolled_back():
            claim_automatic(limit=100, now=NOW)
            swept = set(Payout.objects.exclude(status="cancelled").values_list("entitlement", flat=True))
        due = {right.pk for right, obstacle in expected.items() if obstacle is None and comes_by_itself(right)}
        assert swept == due


REFUSALS: dict[Obstacle | None, object] = {
    None: "claimed",
    Obstacle.NO_ACCOUNT: "open",
    Obstacle.SUPERSEDED: Excluded,
    Obstacle.BLACKLISTED: Blacklisted,
}


def kind_of(outcome: Outcome) -> object:
    """The kind of an outcome: claimed, left open, or the class of its refusal, which has a sentence."""
    if isinstance(outcome, ClaimRefused):
        assert str(outcome)
        assert not isinstance(outcome, AlreadyClaimed | Contended)
        return type(outcome)
    assert isinstance(outcome, Claimed)
    return "claimed" if outcome.payout_ids else "open"


def first(obstacles: Collection[Obstacle]) -> Obstacle | None:
    """The obstacle that the refusal names when several hold."""
    return min(obstacles, key=list(Obstacle).index, default=None)


def comes_by_itself(right: Entitlement) -> bool:
    """Whether the sweep claims the entitlement without a click; it does not once a payout of it was cancelled."""
    was_cancelled = Payout.objects.filter(entitlement=right, status="cancelled").exists()
    return right.version.track == "automatic" and not was_cancelled


def shown(offers: Collection[Offer]) -> set[int]:
    """The ids of the entitlements in these offers."""
    return {line.entitlement_id for offer in offers for line in offer.lines}


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo what the block writes."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def make_firm(obstacles: frozenset[Obstacle]) -> Company:
    """A firm with these obstacles."""
    firm = make_company(has_account=Obstacle.NO_ACCOUNT not in obstacles)
    if Obstacle.BLACKLISTED in obstacles:
        insert("payouts_blacklisting", company_id=firm.pk, begins_on=TODAY, ends_on=TODAY + timedelta(days=400))
    return firm


def make_right(state: State, firm: Company) -> Entitlement:
    """An entitlement with these obstacles, of a version of its own."""
    obstacles = state.obstacles
    opens_on, closes_on = date(2026, 1, 1), date(2026, 12, 31)
    if Obstacle.OVER in obstacles:
        closes_on = TODAY - timedelta(days=1)
    if Obstacle.NOT_YET in obstacles:
        opens_on = TODAY + timedelta(days=1)
    pool = "proportional" if Obstacle.UNDIVIDED in obstacles else "first_come"
    version = make_version(track=state.track, opens_on=opens_on, closes_on=closes_on, pool=pool)
    right = make_entitlement(of=version, company=firm, amount_cny=state.amount_cny)
    with unguarded():
        _hinder(right, version, obstacles)
    return Entitlement.objects.select_related("policy", "version").get(pk=right.pk)


def _hinder(right: Entitlement, version: PolicyVersion, obstacles: frozenset[Obstacle]) -> None:
    for each in obstacles.intersection(OF_THE_VERSION):
        end = {"closed_at": NOW, "closed_by": make_user("officer")} if each is Obstacle.CLOSED else {}
        PolicyVersion.objects.filter(pk=version.pk).update(status=each.value, **end)
    for each in obstacles.intersection(OF_THE_RIGHT):
        Entitlement.objects.filter(pk=right.pk).update(status=each.value)
    if Obstacle.UNDECIDED in obstacles:
        MatchRun.objects.create(version=version, asked_at=NOW, holds_claims=True)
    if Obstacle.TAKEN in obstacles:
        person = make_employee().pk
        Entitlement.objects.filter(pk=right.pk).update(persons=[person])
        insert("policies_claimedperson", policy_id=version.policy_id, period_key="", person_id=person)
    if Obstacle.PAID_THOUGH_CANCELLED in obstacles:
        rights = {"entitlement_id": right.pk, "status": "cancelled", "company_id": right.company_id}
        payout = insert("payouts_payout", **rights)
        instruction = insert("payouts_instruction", payout_id=payout, end_to_end_id=f"paid-{payout}")
        insert("payouts_reply", instruction_id=instruction, outcome="paid")
