"""Both engines give every example of every demo policy the expected result; the golden numbers are among them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from policies.models import ExpectedVerdict, PolicyVersion, StackingGroup
from policies.trial.trial import Trial, try_version, try_version_in_sql
from qinqing.demo.policies.form import DemoPolicy
from qinqing.demo.policies.groups import GROUPS
from qinqing.demo.policies.loading import ALL_POLICIES, load_policies
from qinqing.demo.policies.twenty import POLICIES
from qinqing.demo.policies.variants import VARIANTS
from qinqing.proposals.models import Proposal
from tests.factories.clock import NOW, TODAY
from tests.factories.people import make_officer

pytestmark = pytest.mark.django_db

EACH = pytest.mark.parametrize("demo", ALL_POLICIES, ids=[demo.code for demo in ALL_POLICIES])
VERDICTS = {True: ExpectedVerdict.ELIGIBLE, False: ExpectedVerdict.INELIGIBLE, None: ExpectedVerdict.UNKNOWN}
# The amounts that the historical texts themselves give.
GOLDEN = {
    "P-02": {"40000"},
    "P-07": {"300000"},
    "P-14": {"72000", "108000"},
    "P-16": {"15750"},
    "P-28": {"1500000"},
}


def version_of(demo: DemoPolicy) -> PolicyVersion:
    load_policies(actor=make_officer("writer"), publisher=make_officer(), today=TODAY, now=NOW, wanted=[demo])
    return PolicyVersion.objects.get(policy__code=demo.code)


def said(trial: Trial) -> tuple[str, Decimal | None]:
    return VERDICTS[trial.verdict], trial.amount_cny


@EACH
def test_every_example_comes_out_on_both_engines(demo: DemoPolicy) -> None:
    version = version_of(demo)
    for example in version.examples.order_by("position"):
        python, sql = (
            try_version(version=version, facts=example.facts),
            try_version_in_sql(version=version, facts=example.facts),
        )
        told = [(reason.title, reason.verdict, reason.sentence) for reason in python.reasons]
        assert said(python) == (example.expected_verdict, example.expected_cny), (example.title, told)
        assert sql == python, example.title


@EACH
def test_each_policy_shows_who_is_paid_and_who_is_not(demo: DemoPolicy) -> None:
    expected = {example.expected_verdict for example in demo.examples}
    assert ExpectedVerdict.ELIGIBLE in expected
    assert len(expected) > 1 or demo in VARIANTS


def test_the_golden_numbers_of_the_texts_are_among_the_examples() -> None:
    for demo in POLICIES:
        amounts = {str(example.expected_cny) for example in demo.examples}
        assert GOLDEN.get(demo.code, set()) <= amounts, demo.code


def test_all_twenty_are_there_each_once() -> None:
    codes = [demo.code for demo in POLICIES]
    assert len(set(codes)) == len(codes) == 20
    assert codes == sorted(codes)


def test_the_standard_workload_has_34_policies_and_all_groups() -> None:
    writer, reviewer = make_officer("writer"), make_officer()
    versions = load_policies(actor=writer, publisher=reviewer, today=TODAY, now=NOW, variants=True)
    assert [version.policy.code for version in versions] == [demo.code for demo in ALL_POLICIES]
    assert len(versions) == 34
    assert all(group.members.count() == 2 for group in StackingGroup.objects.all())
    assert StackingGroup.objects.count() == len(GROUPS)


def test_a_group_of_one_is_no_group() -> None:
    load_policies(actor=make_officer("writer"), publisher=make_officer(), today=TODAY, now=NOW)
    assert set(StackingGroup.objects.values_list("code", flat=True)) == {"sales-awards", "stay-and-train"}


def test_what_joins_a_policy_in_force_is_confirmed_by_the_second_officer() -> None:
    writer, reviewer = make_officer("writer"), make_officer()
    for variants in (False, True):
        load_policies(actor=writer, publisher=reviewer, today=TODAY, now=NOW, variants=variants)
    assert all(group.members.count() == 2 for group in StackingGroup.objects.all())
    assert StackingGroup.objects.count() == len(GROUPS)
    rent = StackingGroup.objects.get(code="rent")
    confirmed = Proposal.objects.get(subject_id=rent.pk)
    assert (confirmed.proposed_by, confirmed.decided_by) == (writer, reviewer)
