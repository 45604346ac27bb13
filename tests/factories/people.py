"""Users and employees."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from itertools import count

import factory
from django.contrib.auth.models import Group
from stdnum.cn import ric

from companies.datasets.sealing import ID_NUMBER, person_identity
from companies.models import Employee, User
from qinqing.kernel.secrets import fingerprint
from qinqing.kernel.text import mask_id_number
from tests.superuser import as_superuser

PASSWORD = "correct horse"
BORN_ON = dt.date(1990, 2, 2)
# What two security administrators agree on; tests about something else set it up as the superuser.
RIGHTS = frozenset({"is_staff", "is_superuser", "department", "district"})
_serials = count(2001)


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A user who signs in."""

    class Meta:
        model = User
        django_get_or_create = ("username",)

    username = factory.Sequence(lambda serial: f"user-{serial}")


class EmployeeFactory(factory.django.DjangoModelFactory[Employee]):
    """A person; `number` is the ID number."""

    class Meta:
        model = Employee

    class Params:
        number = factory.LazyFunction(lambda: id_number(next(_serials)))

    name = "李一"
    born_on = BORN_ON
    id_number_encrypted = factory.LazyAttribute(
        lambda person: ID_NUMBER.seal(person.number, person_identity(fingerprint(person.number)))
    )
    id_number_hash = factory.LazyAttribute(lambda person: fingerprint(person.number))
    id_number_masked = factory.LazyAttribute(lambda person: mask_id_number(person.number))


def id_number(serial: int, *, born_on: dt.date = BORN_ON) -> str:
    """A synthetic ID number with a correct check digit; serial numbers over a thousand belong to people born later."""
    stem = f"330106{born_on + dt.timedelta(days=serial // 1000):%Y%m%d}{serial % 1000:03d}"
    return stem + ric.calc_check_digit(f"{stem}0")


def read_id_number(person: Employee) -> str:
    """The ID number in clear."""
    return ID_NUMBER.open(person.id_number_encrypted, person_identity(person.id_number_hash))


def make_user(username: str = "", *, password: str = "", **fields: object) -> User:
    """A user: the same one for the same name, a new one without a name."""
    hashed = {"password": factory.django.Password(password)} if password else {}
    with as_superuser() if RIGHTS & fields.keys() else nullcontext():
        return UserFactory(**({"username": username} if username else {}), **hashed, **fields)


def give_roles(person: User, *roles: str) -> User:
    """Let the person hold these roles as well, without two people who agree on it."""
    with as_superuser():
        person.groups.add(*Group.objects.filter(name__in=roles))
    return person


def give_rights(person: User, **fields: object) -> User:
    """Change what an account may do, or whose it is, without two people who agree on it."""
    for name, value in fields.items():
        setattr(person, name, value)
    with as_superuser():
        person.save(update_fields=list(fields))
    return person


def make_officer(username: str = "reviewer") -> User:
    """An officer who writes or reviews policies; the same one for the same name."""
    return make_user(username, is_staff=True)


def make_department_user(*, department: str = "tax", role: str = "department", **fields: object) -> User:
    """A user who delivers for a department; without `role` the user may not deliver."""
    user = make_user(department=department, is_staff=True, **fields)
    return give_roles(user, role) if role else user


def make_employee(name: str = "李一", *, spouse: Employee | None = None, **fields: object) -> Employee:
    """A person without an account; if `spouse` is given, both refer to each other."""
    employee = EmployeeFactory(name=name, spouse=spouse, **fields)
    if spouse is not None:
        spouse.spouse = employee
        spouse.save(update_fields=["spouse"])
    return employee
