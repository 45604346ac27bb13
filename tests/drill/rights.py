"""Attacks on who may: one administrator gives rights, opens accounts, or takes the proofs of others away."""

from __future__ import annotations

from tests.drill.stage import Stage
from tests.drill.visitor import NotReached

_USERS = "/admin/companies/user/"


def administrator_gives_roles_alone(stage: Stage) -> bool:
    """One security administrator makes somebody a second finance clerk, and so becomes any two of two people."""
    path = f"{_path_of(stage, 'system')}propose-roles/"
    return stage.holds_alone("security", path, roles="finance_maker", district="", department="", because="a drill")


def administrator_gives_the_own_roles(stage: Stage) -> bool:
    """A security administrator proposes roles for the own account, and a colleague confirms."""
    path = f"{_path_of(stage, 'security')}propose-roles/"
    asked = {"roles": "finance_maker", "district": "", "department": "", "because": "a drill"}
    answer = stage.person("security").post(path, **asked)
    return "You had a hand in this yourself" in answer.words or answer.status == 403


def person_gets_roles_that_exclude_each_other(stage: Stage) -> bool:
    """A finance clerk is to become the auditor of the own work."""
    path = f"{_path_of(stage, 'clerk')}propose-roles/"
    asked = {"roles": ["finance", "auditor"], "district": "", "department": "", "because": "a drill"}
    return "exclude each other" in stage.person("security").post(path, **asked).words


def administrator_opens_an_account_alone(stage: Stage) -> bool:
    """One security administrator lets a person in who does not exist."""
    person = {"username": "drill-ghost", "last_name": "", "first_name": "Ghost", "email": "ghost@example.org"}
    asked = {"roles": "finance_releaser", "district": "", "department": "", "because": "a drill"}
    return stage.holds_alone("security", f"{_USERS}add/", **person, **asked)


def administrator_takes_a_second_factor_away_alone(stage: Stage) -> bool:
    """One security administrator removes the cashier's second factor, to sign in in the cashier's place."""
    return stage.holds_alone("security", f"{_path_of(stage, 'cashier')}propose-removing-factors/", because="a drill")


def administrator_sets_a_password(stage: Stage) -> bool:
    """A security administrator chooses the password of somebody else."""
    page = f"{_path_of(stage, 'cashier')}password/"
    asked = {"usable_password": "true", "password1": "drill-Drill-2026", "password2": "drill-Drill-2026"}
    return stage.person("security").post(page, **asked).status in (403, 404)


def clerk_gives_roles(stage: Stage) -> bool:
    """A finance clerk opens the pages of accounts."""
    return stage.person("clerk").post(f"{_path_of(stage, 'system')}propose-roles/", roles="finance").status == 403


ATTACKS = (
    administrator_gives_roles_alone,
    administrator_gives_the_own_roles,
    person_gets_roles_that_exclude_each_other,
    administrator_opens_an_account_alone,
    administrator_takes_a_second_factor_away_alone,
    administrator_sets_a_password,
    clerk_gives_roles,
)


def _path_of(stage: Stage, username: str) -> str:
    page = stage.person("security2").open(f"{_USERS}?q={username}")
    for number in dict.fromkeys(page.find_all(r"/admin/companies/user/(\d+)/change/")):
        path = f"{_USERS}{number}/"
        if f"({username})" in stage.person("security2").open(f"{path}change/").text:
            return path
    raise NotReached(f"There is no account {username}: {page.words[-300:]}")
