"""Every official role has exactly the rights of the table, and nobody holds roles that exclude each other."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, transaction

from companies.classifications.roles import DUTIES, EXCLUSIONS, LINES, ROLE_NAMES, find_exclusion
from companies.models import HeldRole
from companies.people.checks import check_superusers
from qinqing.kernel.database.integrity import constraint_of
from qinqing.roles import ROLES
from tests.factories.people import give_roles, make_user
from tests.factories.rows import refusal_of
from tests.superuser import as_superuser

pytestmark = pytest.mark.django_db
GIVE = "INSERT INTO companies_user_groups (user_id, group_id) VALUES (%s, %s) ON CONFLICT DO NOTHING"


def rights_of(role: str) -> set[str]:
    return give_roles(make_user(role), role).get_all_permissions()


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
        "payouts.change_fine",
        "payouts.change_fraudfinding",
        "payouts.change_objection",
        "payouts.change_postcheck",
        "payouts.change_share",
    }


@pytest.mark.parametrize("role", ["finance", *DUTIES])
def test_a_finance_clerk_writes_no_policies(role: str) -> None:
    rights = rights_of(role)
    assert "payouts.add_recovery" in rights
    assert not any(right.startswith("policies.") and not right.startswith("policies.view_") for right in rights)


def test_finance_proposes_penalties_and_officers_confirm_them() -> None:
    for name in ("fraudfinding", "fine", "blacklisting"):
        assert [role for role in ROLES if f"payouts.add_{name}" in rights_of(role)] == ["finance", *DUTIES]
        assert [role for role in ROLES if f"payouts.change_{name}" in rights_of(role)] == ["officer"]


def test_an_auditor_only_looks() -> None:
    rights = rights_of("auditor")
    assert rights
    assert all(right.split(".")[1].startswith("view_") for right in rights)


def test_a_department_sees_only_its_datasets_and_lists() -> None:
    assert rights_of("department") == {
        # What narrows one of its datasets, two of its people decide.
        "proposals.view_proposal",
        "companies.view_datasetcontract",
        "companies.view_dataset_rows",
        "companies.add_datasetcontract",
        "companies.view_delivery",
        "companies.view_quarantinedrow",
        "companies.add_delivery",
        "companies.view_datasource",
        "companies.view_sourcepull",
        "companies.add_datasource",
        "companies.change_datasource",
        # The pages show a department only its own lists.
        "policies.view_whitelist",
        "policies.view_whitelistentry",
        "policies.add_whitelist",
        # A security administrator confirms the key that a department proposes.
        "companies.view_deliverykey",
        "companies.add_deliverykey",
    }


def test_each_step_of_a_batch_is_the_duty_of_one_role() -> None:
    steps = {"payouts.add_batch", "payouts.check_batch", "payouts.release_batch"}
    assert [rights_of(role) & steps for role in DUTIES] == [{each} for each in sorted(steps)]
    assert not rights_of("finance") & steps
    assert [role for role in ROLES if "payouts.close_batch" in rights_of(role)] == ["finance_checker"]


def test_the_three_administrations_are_apart() -> None:
    system, security = rights_of("system_administrator"), rights_of("security_administrator")
    assert not system & security
    assert not any(right.startswith(("auth.", "axes.")) or right.endswith("_user") for right in system)
    assert {"companies.add_user", "companies.change_user"} <= security
    assert not any(right.startswith(("payouts.", "policies.")) for right in security)
    assert {"auth.view_group", "axes.view_accesslog", "companies.view_user"} <= rights_of("auditor")


def test_the_table_names_every_role_and_holds_both_ways() -> None:
    assert set(ROLES) == set(ROLE_NAMES) == {role for line in LINES for role in line}
    assert {(other, one) for one, other in EXCLUSIONS} == EXCLUSIONS
    assert not any(one == other for one, other in EXCLUSIONS)


@pytest.mark.parametrize("first", ROLES)
def test_the_database_gives_nobody_a_role_that_another_excludes(first: str) -> None:
    for second in ROLES:
        person = make_user(f"{first} {second}")
        give_roles(person, first)
        with as_superuser():
            refused = refusal_of(GIVE, person.pk, Group.objects.get(name=second).pk)
        excluded = "roles_of_a_person_do_not_exclude_each_other" if (first, second) in EXCLUSIONS else None
        assert refused == excluded
        assert (find_exclusion([first, second]) is not None) is (excluded is not None)


def test_a_role_does_not_become_another_by_an_update() -> None:
    Group.objects.create(name="visitors")
    person = give_roles(make_user("maker"), "finance_maker", "visitors")
    checker = Group.objects.get(name="finance_checker")
    held = HeldRole.objects.get(user=person, group__name="visitors")
    with as_superuser():
        refused = refusal_of("UPDATE companies_user_groups SET group_id = %s WHERE id = %s", checker.pk, held.pk)
    assert refused == "roles_of_a_person_do_not_exclude_each_other"
    rename = "UPDATE auth_group SET name = %s WHERE name = %s"
    assert refusal_of(rename, "helpers", "finance_checker") == "role_keeps_its_name"
    assert refusal_of(rename, "security_administrator", "visitors") == "role_keeps_its_name"


def test_nobody_holds_a_right_beside_the_roles() -> None:
    person, right = make_user("clerk"), Permission.objects.get(codename="release_batch")
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        person.user_permissions.add(right)
    assert constraint_of(refused.value) == "permissions_come_by_roles_alone"


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO auth_group_permissions (group_id, permission_id)"
        " SELECT g.id, p.id FROM auth_group g, auth_permission p"
        " WHERE g.name = 'auditor' AND p.codename = 'release_batch'",
        "DELETE FROM auth_group_permissions",
        "UPDATE auth_group_permissions SET id = id",
    ],
)
def test_what_a_role_may_do_is_written_by_migrations_alone(statement: str) -> None:
    assert refusal_of(statement) == "rights_of_roles_are_the_owners"


def test_superusers_in_production_are_named_by_a_check(settings: Any) -> None:
    make_user("root", is_superuser=True)
    make_user("gone", is_superuser=True, is_active=False)
    assert check_superusers(databases=["default"]) == []
    settings.IS_PRODUCTION = True
    assert [each.msg for each in check_superusers(databases=["default"])] == ["root is a superuser."]
    assert check_superusers(databases=None) == []
