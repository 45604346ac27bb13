"""Roles given to one person at the same moment: of two that exclude each other, the person gets one."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from qinqing.kernel.database.integrity import constraint_of
from tests.concurrency.racing import together
from tests.factories.people import give_roles, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_roles_that_exclude_each_other_one_is_given() -> None:
    roles = ("officer", "auditor", "finance_maker", "finance_checker")
    for number in range(5):
        person = make_user(f"clerk-{number}")
        outcomes = together([lambda role=role, person=person: give_roles(person, role) for role in roles])
        refused = [each for each in outcomes if isinstance(each, Exception)]
        assert len(refused) == 3
        assert {type(each) for each in refused} == {IntegrityError}
        assert {constraint_of(each) for each in refused} == {"roles_of_a_person_do_not_exclude_each_other"}
        assert person.groups.count() == 1
