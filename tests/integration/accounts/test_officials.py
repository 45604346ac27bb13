"""Accounts, roles and lost second factors of officials take two people, whoever writes; the database carries it out."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import CommandError, call_command

from companies.models import User
from companies.people.scope import OutOfScope
from companies.staff import roles
from companies.staff.accounts import NameTaken, propose_new_account, propose_person, propose_standing
from companies.staff.factors import propose_removing_factors
from companies.staff.kinds import NotTheirTask
from companies.staff.queries import find_proposals
from companies.staff.roles import NotAnOfficial, NothingChanges, RolesExclude, propose_roles
from qinqing.proposals.decide import SamePerson, confirm
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import Concerned
from qinqing.proposals.queries import list_changes
from tests.factories.clock import NOW
from tests.factories.people import give_rights, give_roles, make_user
from tests.factories.rows import refusal_of

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WHY: dict[str, Any] = {"because": "人事任免", "document_number": "杭人〔2026〕1号", "now": NOW}
LIN: dict[str, Any] = {
    "username": "lin",
    "last_name": "林",
    "first_name": "建国",
    "email": "Lin@city.example",
    "roles": ["officer"],
    "district": "",
    "department": "",
}
_COLUMNS = "kind, subject_id, subject_name, slot, before, because, document_number, excluded_ids, proposed_at, decision"
Committed = Callable[..., AbstractContextManager[Any]]


def keeper(name: str, **fields: Any) -> User:
    return give_roles(make_user(name, is_staff=True, **fields), "security_administrator")


@pytest.fixture
def qian(db: None) -> User:
    return keeper("qian")


@pytest.fixture
def feng(db: None) -> User:
    return keeper("feng")


@pytest.fixture
def clerk(db: None) -> User:
    person = make_user("wu", is_staff=True, email="wu@city.example", password="correct horse")
    return give_roles(person, "finance_maker")


def held(person: User) -> list[str]:
    return sorted(person.groups.values_list("name", flat=True))


def to(person: User, *names: str, district: str = "", department: str = "") -> dict[str, Any]:
    return {"person": person, "roles": names, "district": district, "department": department}


def told() -> list[list[str]]:
    return [each.to for each in mail.outbox]


def entered(kind: str, subject: int, after: object, *, by: User) -> str | None:
    return refusal_of(
        f"INSERT INTO proposals_proposal ({_COLUMNS}, proposed_by_id, after)"
        " VALUES (%s, %s, 'S', '', '{}', 'b', '', '{}', now(), '', %s, %s::jsonb)",
        kind,
        subject,
        by.pk,
        None if after is None else json.dumps(after),
    )


def test_one_proposes_roles_and_another_gives_them(
    qian: User, feng: User, clerk: User, django_capture_on_commit_callbacks: Committed
) -> None:
    proposal = propose_roles(**to(clerk, "finance_checker", district="330106"), actor=qian, **WHY)
    assert held(clerk) == ["finance_maker"]
    with pytest.raises(SamePerson):
        confirm(proposal_id=proposal.pk, actor=qian, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        confirm(proposal_id=proposal.pk, actor=feng, now=NOW)
    clerk.refresh_from_db()
    assert (held(clerk), clerk.district, clerk.is_staff) == (["finance_checker"], "330106", True)
    assert told() == [["wu@city.example"]]
    assert list(find_proposals(person=clerk)) == [proposal]


def test_who_is_concerned_neither_proposes_nor_confirms(qian: User, feng: User) -> None:
    with pytest.raises(Concerned):
        propose_roles(**to(qian, "auditor"), actor=qian, **WHY)
    with pytest.raises(Concerned):
        propose_standing(person=qian, is_active=False, actor=qian, **WHY)
    proposal = propose_standing(person=qian, is_active=False, actor=feng, **WHY)
    with pytest.raises(Concerned):
        confirm(proposal_id=proposal.pk, actor=qian, now=NOW)
    confirm(proposal_id=proposal.pk, actor=keeper("third"), now=NOW)
    qian.refresh_from_db()
    assert not qian.is_active


@pytest.mark.parametrize("role", ["system_administrator", "auditor", "officer"])
def test_nobody_else_looks_after_officials(qian: User, clerk: User, role: str) -> None:
    other = give_roles(make_user("other", is_staff=True), role)
    with pytest.raises(NotTheirTask):
        propose_roles(**to(clerk, "finance"), actor=other, **WHY)
    assert entered(roles.KIND, clerk.pk, {"roles": []}, by=other) == "staff_is_looked_after_by_its_administrators"
    proposal = propose_roles(**to(clerk, "finance"), actor=qian, **WHY)
    with pytest.raises(NotTheirTask):
        confirm(proposal_id=proposal.pk, actor=other, now=NOW)
    assert held(clerk) == ["finance_maker"]


def test_who_proposed_and_was_closed_since_changes_nothing(qian: User, feng: User, clerk: User) -> None:
    proposal = propose_roles(**to(clerk, "finance"), actor=qian, **WHY)
    give_rights(qian, is_active=False)
    with pytest.raises(NotTheirTask):
        confirm(proposal_id=proposal.pk, actor=feng, now=NOW)


def test_roles_that_exclude_each_other_are_given_to_nobody(qian: User, feng: User, clerk: User) -> None:
    with pytest.raises(RolesExclude):
        propose_roles(**to(clerk, "finance_maker", "finance_checker"), actor=qian, **WHY)
    with pytest.raises(RolesExclude):
        propose_new_account(**LIN | {"roles": ["system_administrator", "auditor"]}, actor=qian, **WHY)
    assert entered(roles.KIND, clerk.pk, {"roles": ["officer", "auditor"]}, by=qian) is None
    with pytest.raises(RolesExclude):
        confirm(proposal_id=Proposal.objects.get().pk, actor=feng, now=NOW)
    assert entered(roles.KIND, clerk.pk, {"roles": ["king"]}, by=feng) == "staff_has_known_roles"
    assert entered(roles.KIND, clerk.pk, None, by=feng) == "staff_account_is_kept"


def test_what_changes_nothing_and_what_is_no_officials_is_not_proposed(qian: User, clerk: User) -> None:
    with pytest.raises(NothingChanges):
        propose_roles(**to(clerk, "finance_maker"), actor=qian, **WHY)
    with pytest.raises(NothingChanges):
        propose_standing(person=clerk, is_active=True, actor=qian, **WHY)
    with pytest.raises(NothingChanges):
        propose_person(person=clerk, last_name="", first_name="", email="wu@city.example", actor=qian, **WHY)
    with pytest.raises(NothingChanges):
        propose_removing_factors(person=clerk, actor=qian, **WHY)
    owner = make_user("owner")
    with pytest.raises(NotAnOfficial):
        propose_roles(**to(owner, "officer"), actor=qian, **WHY)
    with pytest.raises(NotAnOfficial):
        propose_removing_factors(person=owner, actor=qian, **WHY)


def test_a_new_official_has_no_password_that_anybody_knows(qian: User, feng: User) -> None:
    proposal = propose_new_account(**LIN, actor=qian, **WHY)
    assert not User.objects.filter(username="lin").exists()
    with pytest.raises(NameTaken):
        propose_new_account(**LIN | {"first_name": "别人"}, actor=feng, **WHY)
    other = propose_new_account(**LIN | {"username": "shen"}, actor=qian, **WHY)
    confirm(proposal_id=proposal.pk, actor=feng, now=NOW)
    lin = User.objects.get(username="lin")
    assert (lin.get_full_name(), lin.email) == ("建国 林", "lin@city.example")
    assert (lin.is_staff, lin.is_superuser) == (True, False)
    assert not lin.has_usable_password()
    assert held(lin) == ["officer"]
    assert list(find_proposals(person=lin)) == [proposal]
    assert next((each.before, each.after) for each in list_changes(proposal=proposal)) == ("–", "lin")
    confirm(proposal_id=other.pk, actor=feng, now=NOW)


def test_a_name_that_was_taken_meanwhile_is_told(qian: User, feng: User) -> None:
    proposal = propose_new_account(**LIN, actor=qian, **WHY)
    make_user("lin")
    with pytest.raises(NameTaken):
        confirm(proposal_id=proposal.pk, actor=feng, now=NOW)


def test_another_address_takes_two_and_both_addresses_are_told(
    qian: User, feng: User, clerk: User, django_capture_on_commit_callbacks: Committed
) -> None:
    EmailAddress.objects.create(user=clerk, email="wu@city.example", verified=True, primary=True)
    proposal = propose_person(
        person=clerk, last_name="吴", first_name="佳琪", email="Wu2@city.example", actor=qian, **WHY
    )
    with django_capture_on_commit_callbacks(execute=True):
        confirm(proposal_id=proposal.pk, actor=feng, now=NOW)
    clerk.refresh_from_db()
    assert clerk.email == "wu2@city.example"
    assert sorted(told()) == [["wu2@city.example"], ["wu@city.example"]]
    assert not EmailAddress.objects.filter(user=clerk).exists()


def test_a_closed_account_is_opened_again_by_two(qian: User, feng: User, clerk: User) -> None:
    for is_active in (False, True):
        proposal = propose_standing(person=clerk, is_active=is_active, actor=qian, **WHY)
        confirm(proposal_id=proposal.pk, actor=feng, now=NOW)
        clerk.refresh_from_db()
        assert clerk.is_active is is_active


def test_a_lost_second_factor_is_removed_by_two(
    qian: User, feng: User, clerk: User, django_capture_on_commit_callbacks: Committed
) -> None:
    TOTP.activate(clerk, SECRET)
    proposal = propose_removing_factors(person=clerk, actor=qian, **WHY)
    assert [each.after for each in list_changes(proposal=proposal) if each.is_other] == ["–"]
    with django_capture_on_commit_callbacks(execute=True):
        confirm(proposal_id=proposal.pk, actor=feng, now=NOW)
    assert not Authenticator.objects.filter(user=clerk).exists()
    assert told() == [["wu@city.example"]]


def test_a_district_makes_nobody_wider_than_itself(feng: User) -> None:
    own = keeper("of the district", district="330106")
    near = give_roles(make_user("near", is_staff=True, district="330106"), "officer")
    far = give_roles(make_user("far", is_staff=True, district="330127"), "officer")
    propose_roles(**to(near, "auditor", district="330106"), actor=own, **WHY)
    for refused in (to(far, "auditor", district="330127"), to(near, "auditor"), to(near, "auditor", district="330127")):
        with pytest.raises(OutOfScope):
            propose_roles(**refused, actor=own, **WHY)
    with pytest.raises(OutOfScope):
        propose_new_account(**LIN, actor=own, **WHY)
    proposal = propose_new_account(**LIN | {"district": "330106"}, actor=own, **WHY)
    confirm(proposal_id=proposal.pk, actor=feng, now=NOW)


_MAKE = (
    "INSERT INTO companies_user (username, first_name, last_name, email, password, is_active, date_joined,"
    " is_staff, is_superuser, department, district)"
    " VALUES ('new', '', '', '', '', true, now(), {staff}, {root}, '{of}', '{place}')"
)
REFUSED = {
    "UPDATE companies_user SET is_staff = false WHERE id = %s": "staff_account_changes_by_two",
    "UPDATE companies_user SET is_active = false WHERE id = %s": "staff_account_changes_by_two",
    "UPDATE companies_user SET district = '330106' WHERE id = %s": "staff_account_changes_by_two",
    "UPDATE companies_user SET department = 'tax' WHERE id = %s": "staff_account_changes_by_two",
    "UPDATE companies_user SET email = 'me@far.example' WHERE id = %s": "staff_account_changes_by_two",
    "UPDATE companies_user SET username = 'me' WHERE id = %s": "staff_account_changes_by_two",
    "UPDATE companies_user SET is_superuser = true WHERE id = %s": "superuser_is_made_by_the_owner",
    "DELETE FROM companies_user WHERE id = %s": "staff_account_is_kept",
    "DELETE FROM companies_user_groups WHERE user_id = %s": "role_is_taken_by_two",
    "UPDATE companies_user_groups SET group_id = group_id WHERE user_id = %s": "role_is_given_by_two",
    "INSERT INTO companies_user_groups (user_id, group_id) SELECT %s, id FROM auth_group WHERE name = 'finance'": (
        "role_is_given_by_two"
    ),
    "DELETE FROM mfa_authenticator WHERE user_id = %s": "second_factor_of_staff_takes_two",
    "UPDATE mfa_authenticator SET type = 'webauthn' WHERE user_id = %s": "second_factor_of_staff_takes_two",
    'INSERT INTO account_emailaddress (user_id, email, verified, "primary")'
    " VALUES (%s, 'me@far.example', true, true)": "mail_of_staff_is_the_accounts",
}


@pytest.mark.parametrize("statement", REFUSED)
def test_no_statement_changes_an_official_alone(clerk: User, statement: str) -> None:
    TOTP.activate(clerk, SECRET)
    assert refusal_of(statement, clerk.pk) == REFUSED[statement]


@pytest.mark.parametrize(
    ("made", "promise"),
    [
        ({"staff": "true"}, "staff_account_is_made_by_two"),
        ({"of": "tax"}, "staff_account_is_made_by_two"),
        ({"place": "330106"}, "staff_account_is_made_by_two"),
        ({"root": "true"}, "superuser_is_made_by_the_owner"),
        ({}, None),
    ],
)
def test_no_statement_makes_an_official_alone(made: dict[str, str], promise: str | None) -> None:
    assert refusal_of(_MAKE.format(**{"staff": "false", "root": "false", "of": "", "place": ""} | made)) == promise


def test_nobody_becomes_an_official_alone() -> None:
    owner = make_user("owner")
    promise = "staff_account_changes_by_two"
    assert refusal_of("UPDATE companies_user SET is_staff = true WHERE id = %s", owner.pk) == promise
    assert refusal_of("UPDATE companies_user SET email = 'new@far.example' WHERE id = %s", owner.pk) is None


def test_a_confirmed_proposal_lets_no_other_statement_through(qian: User, feng: User, clerk: User) -> None:
    proposal = propose_roles(**to(clerk, "finance"), actor=qian, **WHY)
    confirm(proposal_id=proposal.pk, actor=feng, now=NOW)
    for statement in ("DELETE FROM companies_user_groups WHERE user_id = %s",
                      "UPDATE companies_user SET district = '330106' WHERE id = %s"):  # fmt: skip
        assert refusal_of(statement, clerk.pk) == REFUSED[statement]


def test_an_account_of_a_firms_person_is_closed_by_two_as_well(qian: User, feng: User) -> None:
    owner = make_user("owner")
    assert refusal_of("UPDATE companies_user SET is_active = false WHERE id = %s", owner.pk) == (
        "staff_account_changes_by_two"
    )
    proposal = propose_standing(person=owner, is_active=False, actor=qian, **WHY)
    confirm(proposal_id=proposal.pk, actor=feng, now=NOW)
    assert not User.objects.get(pk=owner.pk).is_active


def made(*people: str) -> str:
    said = StringIO()
    call_command("first_administrators", *people, stdout=said)
    return said.getvalue()


@pytest.mark.usefixtures("in_english")
def test_the_first_two_are_made_once() -> None:
    two = ("lin=lin@city.example", "shen=Shen@city.example")
    for wrong in (two[:1], (*two, "wu=wu@city.example"), (two[0], "lin=other@city.example")):
        with pytest.raises(CommandError, match="exactly two"):
            made(*wrong)
    with pytest.raises(CommandError, match="is no NAME=MAIL"):
        made("lin", "shen")
    assert "lin and shen are security administrators" in made(*two)
    people = list(User.objects.order_by("username"))
    assert [(each.email, each.is_staff, each.is_superuser, held(each)) for each in people] == [
        (f"{name}@city.example", True, False, ["security_administrator"]) for name in ("lin", "shen")
    ]
    assert not any(each.has_usable_password() for each in people)
    with pytest.raises(CommandError, match="already; they propose"):
        made("a=a@city.example", "b=b@city.example")


def test_the_product_itself_makes_no_first_administrator() -> None:
    number = Group.objects.get(name="security_administrator").pk
    person = make_user("me")
    give = "INSERT INTO companies_user_groups (user_id, group_id) VALUES (%s, %s)"
    assert refusal_of(give, person.pk, number) == "role_is_given_by_two"
