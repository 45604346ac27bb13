"""Every official role has exactly the rights of the table."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from companies.models import User
from qinqing.roles import ROLES

pytestmark = pytest.mark.django_db


def rights_of(role: str) -> set[str]:
    user = User.objects.create_user(role)
    user.groups.add(Group.objects.get(name=role))
    return user.get_all_permissions()


@pytest.mark.parametrize("role", ROLES)
def test_no_role_may_touch_the_books(role: str) -> None:
    books = {"posting", "transition", "reply", "instruction", "claim", "batchfile"}
    assert {f"payouts.{action}_{name}" for action in ("add", "change", "delete") for name in books}.isdisjoint(
        rights_of(role)
    )


def test_an_officer_writes_policies_and_moves_no_money() -> None:
    rights = rights_of("officer")
    assert {"policies.add_policy", "policies.change_policyversion", "policies.delete_clause"} <= rights
    deciding = {right for right in rights if right.startswith("payouts.") and not right.startswith("payouts.view_")}
    # An officer decides whether an objection or a breach is right; the money then moves by the table of moves.
    assert deciding == {
        "payouts.add_postcheck",
        "payouts.add_samplingplan",
        "payouts.change_appeal",
        "payouts.change_blacklisting",
        "payouts.change_objection",
        "payouts.change_postcheck",
        "payouts.change_share",
    }


def test_a_finance_clerk_writes_no_policies() -> None:
    rights = rights_of("finance")
    assert "payouts.add_batch" in rights
    assert not any(right.startswith("policies.") and not right.startswith("policies.view_") for right in rights)


def test_an_auditor_only_looks() -> None:
    rights = rights_of("auditor")
    assert rights
    assert all(right.split(".")[1].startswith("view_") for right in rights)


def test_a_department_sees_only_deliveries_and_lists() -> None:
    assert rights_of("department") == {
        "companies.view_delivery",
        "companies.view_quarantinedrow",
        "companies.add_delivery",
        # The pages show a department only its own lists.
        "policies.view_whitelist",
        "policies.view_whitelistentry",
        "policies.add_whitelist",
    }
