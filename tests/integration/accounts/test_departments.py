"""Departments are data: two people add and rename them, whoever writes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from companies.contracts.declare import CannotDeclare, declare_contract, read_draft
from companies.contracts.departments import department_name, departments, offices
from companies.contracts.registry import contracts
from companies.contracts.write import write_contract
from companies.datasets.departments import FIRST_OFFICES
from companies.departments.load import load_departments
from companies.departments.propose import (
    DepartmentTaken,
    SameNames,
    WrongDepartment,
    propose_department,
    propose_names,
)
from companies.models import Department
from policies.authoring.draft import create_policy
from qinqing.kernel.database.integrity import constraint_of
from qinqing.kernel.refusals import NoReason
from qinqing.proposals.decide import SamePerson, confirm
from qinqing.proposals.models import Proposal
from qinqing.proposals.propose import AlreadyProposed
from qinqing.proposals.queries import list_changes
from tests.factories.clock import NOW
from tests.factories.contracts import make_column, make_contract
from tests.factories.people import give_roles, make_department_user, make_user
from tests.factories.rows import refusal_of

pytestmark = pytest.mark.django_db
TRANSPORT = {"code": "transport", "name_zh": "交通运输局", "name_en": "Transport"}


def propose_transport(**terms: Any) -> Proposal:
    told = TRANSPORT | {"because": "市委编办〔2026〕3 号"} | terms
    return propose_department(**told, actor=make_user("keeper", is_staff=True), now=NOW)


def add_transport() -> Department:
    confirm(proposal_id=propose_transport().pk, actor=make_user("other keeper", is_staff=True), now=NOW)
    return Department.objects.get(code="transport")


def test_the_platform_begins_with_those_that_ship() -> None:
    assert {each.code: each.name for each in Department.objects.all()} == dict(FIRST_OFFICES)
    before = Department.objects.count()
    load_departments()
    assert Department.objects.count() == before


def test_a_department_is_added_by_two_and_known_at_once(in_english: None) -> None:
    waiting = propose_transport()
    assert "transport" not in offices()
    with pytest.raises(SamePerson):
        confirm(proposal_id=waiting.pk, actor=waiting.proposed_by, now=NOW)
    shown = {change.label: change.after for change in list_changes(proposal=waiting)}
    assert shown == {"Code": "transport", "Chinese name": "交通运输局", "English name": "Transport"}
    confirm(proposal_id=waiting.pk, actor=make_user("other keeper", is_staff=True), now=NOW)
    assert str(department_name("transport")) == "Transport"
    added = Department.objects.get(code="transport")
    assert (added.added_at, added.added_by.username) == (NOW, "other keeper")


def test_a_new_department_declares_datasets_and_is_in_charge_of_policies() -> None:
    contract = make_contract(make_column("trips"), department="transport")
    text, clerk = write_contract(contract), make_department_user(department="transport")
    with pytest.raises(CannotDeclare, match="transport"):
        read_draft(text=text, actor=clerk)
    add_transport()
    declare_contract(draft=read_draft(text=text, actor=clerk), actor=clerk, now=NOW)
    assert contracts()[contract.name].department == "transport"
    titles = {"title_zh": "公交补贴", "title_en": "Buses", "summary_zh": "", "summary_en": ""}
    assert create_policy(code="P-77", department="transport", **titles).pk


def test_a_department_gets_other_names_by_two_and_keeps_its_code() -> None:
    department = add_transport()
    told = {"because": "机构改革", "actor": make_user("keeper"), "now": NOW}
    with pytest.raises(SameNames):
        propose_names(department=department, name_zh="交通运输局 ", name_en="Transport", **told)
    with pytest.raises(DepartmentTaken):
        propose_names(department=department, name_zh="税务局", name_en="Transport", **told)
    asked = propose_names(department=department, name_zh="交通委员会", name_en="Transport Commission", **told)
    assert department_name("transport").zh == "交通运输局"
    confirm(proposal_id=asked.pk, actor=make_user("other keeper"), now=NOW)
    assert department_name("transport").zh == "交通委员会"


def test_two_departments_never_share_a_code_or_a_name() -> None:
    propose_transport()
    with pytest.raises(AlreadyProposed):
        propose_transport()
    other = propose_transport(name_zh="交通局")
    add_transport_as = Proposal.objects.exclude(pk=other.pk).get()
    confirm(proposal_id=add_transport_as.pk, actor=make_user("other keeper"), now=NOW)
    with pytest.raises(DepartmentTaken):
        confirm(proposal_id=other.pk, actor=make_user("other keeper"), now=NOW)
    with pytest.raises(DepartmentTaken):
        propose_transport()
    with pytest.raises(DepartmentTaken):
        propose_transport(code="traffic")


def test_a_proposal_needs_a_reason_and_a_sound_code() -> None:
    with pytest.raises(NoReason):
        propose_transport(because=" ")
    for wrong in ({"code": "Transport"}, {"code": "platform"}, {"name_en": ""}):
        asked = propose_transport(**wrong)
        with pytest.raises(WrongDepartment):
            confirm(proposal_id=asked.pk, actor=make_user("other keeper"), now=NOW)
    assert set(departments()) == {*FIRST_OFFICES, "platform"}


def test_only_security_administrators_propose_and_decide() -> None:
    rights = {
        role: [
            give_roles(make_user(role), role).has_perm(f"companies.{right}_department")
            for right in ("view", "add", "change")
        ]
        for role in ("department", "security_administrator", "auditor", "officer")
    }
    assert rights == {
        "department": [False, False, False],
        "security_administrator": [True, True, True],
        "auditor": [True, False, False],
        "officer": [True, False, False],
    }


# From here on somebody writes SQL.


def test_nobody_adds_or_renames_a_department_alone() -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Department.objects.create(**TRANSPORT, added_at=timezone.now())
    assert constraint_of(refused.value) == "department_is_added_by_two"
    rename = "UPDATE companies_department SET name_zh = 'x' WHERE code = 'tax'"
    assert refusal_of(rename) == "department_is_renamed_by_two"


@pytest.mark.parametrize("change", ["code = 'levies'", "added_at = now()", "added_by_id = 1"])
def test_a_department_keeps_its_code(change: str) -> None:
    assert refusal_of(f"UPDATE companies_department SET {change} WHERE code = 'tax'") == "department_keeps_its_code"


def test_a_department_is_kept() -> None:
    assert refusal_of("DELETE FROM companies_department WHERE code = 'tax'") == "department_is_kept"
