"""The demo makes one login for each role, once however often it runs, and none in production."""

from __future__ import annotations

import pytest

from companies.models import Company, Membership, User
from qinqing.demo import people
from qinqing.demo.city.numbers import credit_code
from qinqing.demo.identities import DOES, list_persons
from qinqing.demo.people import DEMO_PASSWORD, LOGINS, NotInProduction, make_bookkeepers, make_logins, own_companies
from qinqing.roles import ROLES

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> list[str]:
    codes = [credit_code(region="330106", seed=0, serial=serial) for serial in range(6)]
    Company.objects.bulk_create(
        Company(credit_code=code, name=f"杭州{code[-4:]}有限公司", industry_code="H6210") for code in codes
    )
    return codes


def test_there_is_a_login_for_each_role_an_owner_and_an_administrator(cast: list[str]) -> None:
    users = make_logins(cast=cast)
    groups = {group for user in users.values() for group in user.groups.values_list("name", flat=True)}
    assert groups == set(ROLES)
    assert users["admin"].is_superuser
    assert not users["owner"].is_staff
    assert users["tax"].department == "tax"


def test_the_logins_open_with_the_printed_password(cast: list[str]) -> None:
    users = make_logins(cast=cast)
    assert all(users[login.username].check_password(DEMO_PASSWORD) for login in LOGINS[:2])


def test_owners_act_for_their_part_of_the_cast(cast: list[str]) -> None:
    make_logins(cast=cast)
    firms = Membership.objects.filter(user__username="accountant").values_list("company__credit_code", flat=True)
    assert sorted(firms) == sorted(cast[1:6])
    assert len(own_companies(["owner", "accountant"])) == 6


def test_a_preparer_stands_beside_the_owner(cast: list[str]) -> None:
    make_logins(cast=cast)
    roles = Membership.objects.filter(company__credit_code=cast[0]).values_list("user__username", "role")
    assert dict(roles) == {"owner": "acceptor", "preparer": "preparer"}


def test_the_citys_identity_knows_persons_of_the_cast(cast: list[str]) -> None:
    persons = {person.subject: person for person in list_persons(cast=cast)}
    assert set(persons) == set(DOES)
    assert persons["city-3"].legal_persons[0].credit_code == cast[0]
    assert all(firm.company_name for person in persons.values() for firm in person.legal_persons)


def test_making_them_twice_changes_nothing(cast: list[str]) -> None:
    make_logins(cast=cast)
    make_logins(cast=cast)
    assert User.objects.count() == len(LOGINS)
    assert Membership.objects.count() == 7


def test_a_city_smaller_than_the_cast_has_owners_of_what_there_is(cast: list[str]) -> None:
    make_logins(cast=cast[:2])
    assert Membership.objects.count() == 3


def test_production_gets_no_published_password(cast: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "IS_PRODUCTION", True)
    with pytest.raises(NotInProduction, match="not made in production"):
        make_logins(cast=cast)
    assert not User.objects.exists()


def test_bookkeepers_act_for_the_companies_they_are_given(cast: list[str]) -> None:
    ids = list(Company.objects.order_by("pk").values_list("pk", flat=True))
    users = make_bookkeepers(count=2, password="long-and-random", companies=[ids[:4], ids[4:]])
    assert [user.memberships.count() for user in users] == [4, 2]
    assert users[1].check_password("long-and-random")
