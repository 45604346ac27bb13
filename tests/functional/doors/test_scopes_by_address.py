"""
People of each district and department ask for every address of the admin with a row of theirs and of others.

They ask in the roles that get in there, as the table of roles says; the table of scopes says what they find.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client, override_settings

from companies.models import Company, CompanyDistrict, Delivery, Employee, User
from payouts.models import Payout, Settlement
from policies.models import Breaker, Entitlement, Policy, WhiteList
from tests.factories.companies import act_for, make_company
from tests.factories.dataset_models import Employment
from tests.factories.people import make_user
from tests.factories.rows import unguarded
from tests.functional.conftest import in_force
from tests.functional.doors.test_roles_by_address import NO_PAGES, Method, asked, sign_in
from tests.functional.public.test_page_queries import NAMED, address, model_of, named_pages
from tests.functional.roles_by_address import OFFICIALS, expected, expected_of_posts
from tests.functional.scopes_by_address import SCOPES, of_pages, of_rows
from tests.functional.world import World
from tests.worlds import PROOFS_OF_AN_HOUR

pytestmark = pytest.mark.django_db
DISTRICTS, DEPARTMENTS = ("330106", "330127"), ("tax", "utilities")
Asked = tuple[Method, str, str, str, str, str]


def belong(world: World) -> None:
    """Have every row of the world belong to the first district, and to the first department where it has one."""
    district, department = DISTRICTS[0], DEPARTMENTS[0]
    with unguarded():
        Policy.objects.update(district=district, department=department)
        WhiteList.objects.update(department=department)
        for model in (Payout, Entitlement, Settlement):
            model.objects.update(district=district)
        Breaker.objects.update(policy=Policy.objects.latest("pk"))
        CompanyDistrict.objects.all().delete()
        since = {"district_id": district, "valid_from": "2020-01-01"}
        CompanyDistrict.objects.bulk_create(CompanyDistrict(company=each, **since) for each in Company.objects.all())
        for person in Employee.objects.filter(employments=None):
            Employment.objects.create(company=world.firm, employee=person, delivery=Delivery.objects.latest("pk"))
        make_user("newest", is_staff=True, district=district, department=department)


def scoped_cast() -> dict[str, dict[str, Client]]:
    """The people of each scope, by role."""
    confined = [{"district": code} for code in DISTRICTS] + [{"department": code} for code in DEPARTMENTS]
    return {
        scope: {name: sign_in(name, **told) for name in OFFICIALS} for scope, told in zip(SCOPES, confined, strict=True)
    }


def kind_of(name: str) -> str:
    """The kind of row whose admin an address belongs to, such as payouts_batch; empty for other pages."""
    model = model_of(name)
    return "" if model is None else f"{model._meta.app_label}_{model._meta.model_name}"


def scoped_walk(
    world: World, cast: dict[str, dict[str, Client]], method: Method, whole: dict[str, str]
) -> Iterator[Asked]:
    """
    Method, address, scope and role with what the city and what the scope gets, for each role that gets in.

    Where nothing is to be found, every such role asks; where a scope gets what the city gets, the first of them looks.
    """
    for name in named_pages():
        if not kind_of(name) or name in NO_PAGES or (where := address(name, world)) is None:
            continue
        roles = [role for role, got in zip(OFFICIALS, whole[name], strict=False) if got in "+-"]
        for scope, people in cast.items():
            is_alike = expected_of_scope(name, scope, method) == "="
            # The people of an own district also press; a department's take the same way.
            asking = (roles[:1] if method == "get" or scope == SCOPES[0] else []) if is_alike else roles
            for role in asking:
                got = asked(people[role], where, method, is_rendered=False)
                yield method, name, scope, role, whole[name][OFFICIALS.index(role)], got


def expected_of_scope(name: str, scope: str, method: Method) -> str:
    """What the table says of an address for a scope: what the city gets, nothing, or a character of its own."""
    special = of_pages(posted=method == "post")
    scopes = special.get(name) or of_rows()[kind_of(name)]
    if "<" not in NAMED[name] and name not in special and not is_whole_citys(scopes, scope):
        return "="
    return scopes[SCOPES.index(scope)]


def is_whole_citys(scopes: str, scope: str) -> bool:
    """Whether no row of the kind belongs to any district, so that even its lists are closed."""
    return scopes.startswith("00") and "district" in scope


@override_settings(**PROOFS_OF_AN_HOUR)
def answers() -> list[Asked]:
    """What the people of all scopes get at each address."""
    firm, owner = make_company("杭州清茶有限公司"), User.objects.create(username="owner-of-pages")
    act_for(firm, owner)
    official = make_user("official", is_staff=True, is_superuser=True)
    world = World(firm=firm, owner=owner, official=official, version=in_force())
    world.grow(1)
    people = scoped_cast()
    belong(world)
    whole: dict[Method, dict[str, str]] = {"get": expected(), "post": expected_of_posts()}
    return [each for method in whole for each in scoped_walk(world, people, method, whole[method])]


def test_every_kind_of_row_has_its_line_in_the_table_of_scopes() -> None:
    kinds = {kind_of(name) for name in named_pages()} - {""}
    assert set(of_rows()) == kinds
    assert set(of_pages()) <= set(named_pages())


def test_people_of_a_district_or_a_department_find_their_own_rows_alone() -> None:
    wrong, asked_for = [], answers()
    for method, name, scope, role, whole, got in asked_for:
        wanted = expected_of_scope(name, scope, method)
        if got != (whole if wanted == "=" else wanted):
            wrong.append(f"{method} {name}: {role} of {scope} got {got}, in the city {whole}, the table says {wanted}")
    assert not wrong, "\n".join(wrong)
    assert len(asked_for) > 1_000
