"""Every demo policy goes out as a file, and comes back as a draft that means the same."""

from __future__ import annotations

import pytest

from policies.groups.regroup import group_terms
from policies.models import Policy, PolicyVersion, StackingGroup
from policies.portable.export import export
from policies.portable.import_policy import import_policy
from policies.portable.read_dmn import read
from policies.rules.content_hash import content
from qinqing.demo.policies.loading import ALL_POLICIES, load_policies
from tests.factories.clock import NOW, TODAY
from tests.factories.people import make_officer
from tests.factories.stacking import change_group

pytestmark = pytest.mark.django_db


def said(version: PolicyVersion) -> dict[str, object]:
    # The submission freezes the library's clauses; a draft follows the library.
    own = ("policy", "number", "frozen_clauses", "datasets")
    return {name: value for name, value in content(version=version).items() if name not in own}


def test_every_demo_policy_travels() -> None:
    loaded = load_policies(actor=make_officer("writer"), publisher=make_officer(), today=TODAY, now=NOW, variants=True)
    assert len(loaded) == len(ALL_POLICIES)
    for version in PolicyVersion.objects.select_related("policy"):
        code = f"{version.policy.code}-X"
        again = import_policy(policy=read(export(version=version)), actor=None, code=code).version
        _join(again.policy, version.policy)
        assert said(again) == said(version), version
        assert export(version=again).replace(code.encode(), version.policy.code.encode()) == export(version=version)


def _join(policy: Policy, other: Policy) -> None:
    """
    Let two officers put a policy into another policy's groups; the groups are in force, so the import changes none.
    """
    for group in StackingGroup.objects.filter(members__policy=other):
        members = Policy.objects.filter(stacking__group=group)
        change_group(group, group_terms(group=group, policies=[*members, policy]))
