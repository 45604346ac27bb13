"""Every demo policy goes out as a file and comes back as a draft that means the same."""

from __future__ import annotations

import pytest

from policies.models import PolicyVersion
from policies.operations import content
from policies.portable import export, import_policy, read
from qinqing.demo.policies import ALL_POLICIES, load_policies
from tests.factories.policies import NOW, TODAY, officer

pytestmark = pytest.mark.django_db


def said(version: PolicyVersion) -> dict[str, object]:
    # The clauses of the library are frozen at the submission; a draft follows the library.
    own = ("policy", "number", "frozen_clauses", "datasets")
    return {name: value for name, value in content(version=version).items() if name not in own}


def test_every_demo_policy_travels() -> None:
    loaded = load_policies(actor=officer("writer"), publisher=officer(), today=TODAY, now=NOW, variants=True)
    assert len(loaded) == len(ALL_POLICIES)
    for version in PolicyVersion.objects.select_related("policy"):
        code = f"{version.policy.code}-X"
        again = import_policy(policy=read(export(version=version)), actor=None, code=code).version
        assert said(again) == said(version), version
        assert export(version=again).replace(code.encode(), version.policy.code.encode()) == export(version=version)
