"""No history of claims, sweeps and cancellations breaks what the stacking groups promise."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as some
from hypothesis.extra.django import TestCase

from payouts.claims.refusals import ClaimRefused
from payouts.models import Fund, Payout
from payouts.offers.seats import SeatRequest, read_allowances
from policies.models import Entitlement, StackingGroup, StackingRule, StackingSeat
from tests.factories.companies import make_company
from tests.factories.entitlements import make_entitlement, make_version
from tests.factories.stacking import click, make_group, sweep, undo
from tests.profiles import examples

POLICIES, FIRMS = 4, 2
RULES = some.sampled_from(
    [
        {"rule": StackingRule.HIGHER_ONLY},
        {"rule": StackingRule.FIRST_WINS},
        {"rule": StackingRule.HIGHER_ONLY, "pays_difference": True},
        {"rule": StackingRule.CAP_TOGETHER, "cap_cny": Decimal(180)},
    ]
)
MEMBERS = some.sets(some.integers(0, POLICIES - 1), min_size=2)
AMOUNTS = some.lists(some.sampled_from([50, 80, 100, 150]), min_size=POLICIES, max_size=POLICIES)
STEP = some.tuples(some.sampled_from(["claim", "undo", "sweep"]), some.integers(0, POLICIES * FIRMS - 1))


class TestHistories(TestCase):
    @settings(max_examples=examples(25))
    @given(
        groups=some.lists(some.tuples(RULES, MEMBERS), min_size=1, max_size=2),
        amounts=AMOUNTS,
        granted=some.sampled_from([1_000, 240]),
        steps=some.lists(STEP, min_size=1, max_size=14),
    )
    def test_no_history_breaks_a_group(
        self,
        groups: list[tuple[dict[str, object], set[int]]],
        amounts: list[int],
        granted: int,
        steps: list[tuple[str, int]],
    ) -> None:
        versions = [make_version(granted_cny=granted) for _policy in range(POLICIES)]
        for rule, members in groups:
            make_group(*(versions[place] for place in members), **rule)
        firms = [make_company() for _firm in range(FIRMS)]
        rights = [
            make_entitlement(of=version, company=firm, amount_cny=amount)
            for firm in firms
            for version, amount in zip(versions, amounts, strict=True)
        ]
        for step, place in steps:
            _do(step, rights[place], rights)
            _check(rights)


def _do(step: str, right: Entitlement, rights: list[Entitlement]) -> None:
    is_live = Payout.objects.exclude(status="cancelled").filter(entitlement=right).exists()
    if step == "undo":
        if is_live:
            undo(right)
        return
    if step == "sweep":
        open_ones = set(Entitlement.objects.filter(status="open").values_list("pk", flat=True))
        sweep(*(each for each in rights if each.pk in open_ones))
        return
    try:
        click(right)
    except ClaimRefused:
        assert is_live or _is_excluded(right)


def _is_excluded(right: Entitlement) -> bool:
    """Whether the group leaves nothing for the entitlement, or a higher entitlement can be claimed."""
    rivals = Entitlement.objects.filter(company=right.company, status="open").exclude(pk=right.pk)
    near = [SeatRequest(each.pk, each.policy_id, each.amount_cny, is_asked=False) for each in rivals]
    wanted = SeatRequest(right.pk, right.policy_id, right.amount_cny)
    return read_allowances(wanted=[wanted, *near])[right.pk].is_excluded


def _check(rights: list[Entitlement]) -> None:
    live: dict[int, list[Payout]] = defaultdict(list)
    for payout in Payout.objects.exclude(status="cancelled").select_related("entitlement"):
        live[payout.company_id].append(payout)
    for stacked in StackingGroup.objects.prefetch_related("members"):
        members = {member.policy_id for member in stacked.members.all()}
        for company, payouts in live.items():
            _check_group(stacked, company, [payout for payout in payouts if payout.policy_id in members])
    statuses = dict(Entitlement.objects.values_list("pk", "status"))
    claimed = {payout.entitlement_id for payouts in live.values() for payout in payouts}
    assert claimed == {pk for pk, status in statuses.items() if status == "claimed"}
    for right in rights:
        assert statuses[right.pk] != "superseded" or _is_excluded(right)
    assert not Fund.objects.filter(available_cny__lt=0).exists()


def _check_group(stacked: StackingGroup, company: int, payouts: list[Payout]) -> None:
    total = sum((payout.amount_cny for payout in payouts), Decimal(0))
    seat = StackingSeat.objects.filter(group=stacked, holder_key=f"company:{company}").first()
    assert (seat.total_cny if seat else 0) == total
    policies = {payout.policy_id for payout in payouts}
    assert set(seat.policies if seat else ()) == policies
    if stacked.rule == StackingRule.CAP_TOGETHER:
        assert total <= stacked.cap_cny
    elif stacked.pays_difference:
        assert total <= max(_awards(stacked, company))
    else:
        assert len(policies) <= 1


def _awards(stacked: StackingGroup, company: int) -> list[Decimal]:
    members = stacked.members.values("policy")
    return list(Entitlement.objects.filter(company=company, policy__in=members).values_list("amount_cny", flat=True))
