"""The platform's own blacklist is a fact that rules may mention; decisions follow it."""

from __future__ import annotations

import pytest

from companies.models import Company
from payouts.models import Blacklisting
from policies.editor.vocabulary import vocabulary
from policies.explain.company import explain_company
from policies.matching.entitlements import is_settled
from policies.models import Entitlement, PolicyVersion, ReceivedChange
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.penalties import lift_ban
from tests.factories.policies import make_policy, make_published, match_all
from tests.integration.ledger.test_received import award, pay
from tests.integration.recovery.test_recovering import demanded

pytestmark = pytest.mark.django_db


def lasting(until: str = "2026-03-01") -> PolicyVersion:
    rule = f'count(blacklist[ends_on >= date("{until}")]) = 0'
    return make_published(rule, policy=make_policy("B-1"))


def listed() -> Blacklisting:
    """A firm of the register that broke a commitment by fraud."""
    demanded(pay(make_company(), award(100)))
    return Blacklisting.objects.get()


def entitled(version: PolicyVersion) -> set[Company]:
    match_all()
    return {right.company for right in Entitlement.objects.filter(version=version, status="open")}


def test_a_rule_sees_who_is_listed_and_who_was_taken_off() -> None:
    listing, other, version = listed(), make_company(), lasting()
    assert entitled(version) == {other}
    lift_ban(listing)
    assert not is_settled()
    assert entitled(version) == {other, listing.company}


def test_who_is_listed_loses_what_is_open() -> None:
    firm, version, first = make_company(), lasting(), award(100)
    payout = pay(firm, first)
    assert entitled(version) == {firm}
    demanded(payout)
    assert entitled(version) == set()


def test_a_listing_that_ended_is_told_from_one_that_lasts() -> None:
    listing, version = listed(), lasting("2031-01-01")
    assert entitled(version) == {listing.company}


def test_nobody_is_told_when_no_rule_asks() -> None:
    listed()
    assert not ReceivedChange.objects.exists()


def test_the_reasons_name_the_platform() -> None:
    told = explain_company(company=listed().company, version=lasting(), now=NOW)
    assert told.clauses[0].verdict is False
    assert [str(fact.department.en) for fact in told.clauses[0].facts] == ["The platform"]


def test_the_vocabulary_has_it_in_both_languages() -> None:
    groups = {group.name.en: group for group in vocabulary()}
    words = [word.path_zh for word in groups["Blacklist of the platform"].words]
    assert words == ["平台失信名单.起始日", "平台失信名单.截止日"]
