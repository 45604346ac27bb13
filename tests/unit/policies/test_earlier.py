"""The policies whose payouts a rule reads."""

from __future__ import annotations

import pytest

from companies.contracts.facts import catalogue
from policies.feel.checking.check import check
from policies.feel.types.types import FeelType
from policies.matching.payout_dependencies import policies_read
from policies.rules.rules import CheckedRules


def looked_at(rule: str, *, amount: str = "100") -> frozenset[str] | None:
    clause = check(rule, catalogue=catalogue(), expects=FeelType.BOOLEAN)
    return policies_read(CheckedRules("company", (clause,), check(amount, catalogue=catalogue())))


@pytest.mark.parametrize(
    ("rule", "codes"),
    [
        ('company.size = "small"', set()),
        ("count(blacklist) = 0", set()),
        ('count(received[policy = "P-1"]) = 0', {"P-1"}),
        ('count(received["P-1" = policy]) = 0', {"P-1"}),
        ('count(已兑付[政策编号 = "P-1" and 周期 < "2023"]) = 0', {"P-1"}),
        ('count(received[amount > 5][policy = "P-1"]) = 0', {"P-1"}),
        ('count(received[policy = "P-1"]) = 0 and sum(received[policy = "P-2"].amount) < 9', {"P-1", "P-2"}),
        ('count(received[policy in ("P-1", "P-2")]) = 0', {"P-1", "P-2"}),
    ],
)
def test_a_filter_by_code_says_whose(rule: str, codes: set[str]) -> None:
    assert looked_at(rule) == codes


@pytest.mark.parametrize(
    "rule",
    [
        "count(received) = 0",
        "count(received[amount > 5]) = 0",
        'count(received[policy != "P-1"]) = 0',
        'count(received[not(policy = "P-1")]) = 0',
        'count(received[policy = "P-1" or amount > 5]) = 0',
        "count(received[policy = period]) = 0",
        'some r in received satisfies r.policy = "P-1"',
        'count(received[policy = "P-1"]) = 0 and count(received) < 9',
    ],
)
def test_everything_else_may_look_at_any(rule: str) -> None:
    assert looked_at(rule) is None


def test_the_amount_looks_too() -> None:
    assert looked_at('company.size = "small"', amount='sum(received[policy = "P-3"].amount)') == {"P-3"}
