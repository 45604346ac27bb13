"""The officers' library: named clauses, stacking groups, and the import and export of policies."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse

from policies.models import NamedClause, Policy, PolicyVersion, StackingGroup, StackingMember, Suspension
from policies.portable.export import export
from tests.factories.clients import sign_in_official
from tests.factories.policies import make_draft, make_policy, make_published

pytestmark = pytest.mark.django_db


def clause_form(**changed: str) -> dict[str, str]:
    usual = {"name": "in_business", "name_zh": "正常经营", "title_zh": "企业存续", "title_en": "In business"}
    return usual | {"feel": 'company.standing = "active"'} | changed


ADD_CLAUSE, ADD_GROUP = "admin:policies_namedclause_add", "admin:policies_stackinggroup_add"


def test_a_named_clause_is_written_and_used(officer: Client) -> None:
    answer = officer.post(reverse(ADD_CLAUSE), clause_form())
    assert answer.status_code == 302
    version = make_draft("in_business")
    page = officer.get(reverse("admin:policies_namedclause_changelist")).content.decode()
    assert str(version) in page


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"feel": "company.sise = 1"}, "size"),
        ({"feel": "in_business"}, "in_business"),
        ({"feel": "1 + 1"}, "yes or no"),
        ({"name": "two words"}, "two words"),
        ({"name": "", "feel": "true"}, "required"),
    ],
)
def test_a_clause_that_does_not_check_is_refused(officer: Client, changed: dict[str, str], sentence: str) -> None:
    answer = officer.post(reverse(ADD_CLAUSE), clause_form(**changed))
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not NamedClause.objects.exists()


def test_a_clause_about_persons_checks_for_persons(officer: Client) -> None:
    assert officer.post(reverse(ADD_CLAUSE), clause_form(feel="employee.insured_months >= 6")).status_code == 302


def test_what_a_draft_uses_keeps_its_name_and_is_not_deleted(officer: Client) -> None:
    officer.post(reverse(ADD_CLAUSE), clause_form())
    clause, version = NamedClause.objects.get(), make_draft("正常经营")
    change = reverse("admin:policies_namedclause_change", args=[clause.pk])
    renamed = officer.post(change, clause_form(name="other"))
    assert str(version) in renamed.content.decode()
    assert NamedClause.objects.get().name == "in_business"
    renamed = officer.post(change, clause_form(name_zh="在营"))
    assert f"{version} call it by its old name" in renamed.content.decode()
    assert NamedClause.objects.get().name_zh == "正常经营"
    assert (
        officer.post(reverse("admin:policies_namedclause_delete", args=[clause.pk]), {"post": "yes"}).status_code == 403
    )


def group_form(policies: list[Policy], **changed: object) -> dict[str, object]:
    usual: dict[str, object] = {
        "code": "S-1",
        "title_zh": "就高",
        "rule": "higher_only",
        "holder": "company",
        "span": "ever",
    }
    lines = {f"members-{number}-policy": policy.pk for number, policy in enumerate(policies)}
    counts = {"members-TOTAL_FORMS": len(policies), "members-INITIAL_FORMS": 0}
    return usual | lines | counts | {"members-MIN_NUM_FORMS": 0, "members-MAX_NUM_FORMS": 1000} | changed


def test_a_group_is_written(officer: Client) -> None:
    policies = [make_policy(), make_policy()]
    assert officer.post(reverse(ADD_GROUP), group_form(policies)).status_code == 302
    assert [member.policy for member in StackingMember.objects.order_by("pk")] == policies


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"rule": "cap_together"}, "needs a sum above zero"),
        ({"cap_cny": "5"}, "the other rules have none"),
        ({"rule": "first_wins", "pays_difference": "on"}, "can pay a difference"),
        ({"holder": "person"}, "is not paid for persons"),
    ],
)
def test_a_group_that_contradicts_itself_is_refused(officer: Client, changed: dict[str, object], sentence: str) -> None:
    policies = [make_published("true").policy, make_published("true").policy]
    answer = officer.post(reverse(ADD_GROUP), group_form(policies, **changed))
    assert sentence in answer.content.decode()
    assert not StackingGroup.objects.exists()


def test_what_is_paid_for_each_employee_is_held_by_a_person(officer: Client) -> None:
    policies = [make_published("true", subject=subject).policy for subject in ("employee", "hire", "couple")]
    assert (
        officer.post(reverse(ADD_GROUP), group_form(policies, holder="person", because="新的文件")).status_code == 302
    )
    assert StackingGroup.objects.get().holder == "person"


def test_a_group_of_one_is_refused(officer: Client) -> None:
    assert "at least two policies" in officer.post(reverse(ADD_GROUP), group_form([make_policy()])).content.decode()


def test_two_groups_do_not_contradict_each_other(officer: Client) -> None:
    policies = [make_policy(), make_policy()]
    officer.post(reverse(ADD_GROUP), group_form(policies))
    answer = officer.post(reverse(ADD_GROUP), group_form(policies, code="S-2", rule="may_coexist"))
    assert "cannot exclude each other and be free too" in answer.content.decode()
    assert StackingGroup.objects.count() == 1


def file_of(version: PolicyVersion) -> BytesIO:
    file = BytesIO(export(version=version))
    file.name = "policy.dmn"
    return file


def test_a_version_goes_out_and_comes_back(officer: Client) -> None:
    version = PolicyVersion.objects.get(pk=make_draft("true").pk)
    out = officer.get(reverse("admin:policies_policyversion_export", args=[version.pk]))
    assert out.content == export(version=version)
    assert out["Content-Disposition"].startswith("attachment")
    older = officer.get(reverse("admin:policies_policyversion_export_older", args=[version.pk]))
    assert older.content == export(version=version, edition="1.3")
    answer = officer.post(reverse("admin:policies_import"), {"file": file_of(version), "code": "P-IMPORTED"})
    imported = PolicyVersion.objects.get(policy__code="P-IMPORTED")
    assert answer["Location"] == reverse("admin:policies_policyversion_change", args=[imported.pk])
    assert imported.drafted_by is not None


def test_a_file_that_is_no_policy_is_refused_with_a_sentence(officer: Client) -> None:
    file = BytesIO(b"<html/>")
    file.name = "policy.dmn"
    answer = officer.post(reverse("admin:policies_import"), {"file": file})
    assert answer.status_code == 422
    assert "The file is XML but no DMN" in answer.content.decode()


@pytest.mark.parametrize("role", ["finance", "department", "auditor"])
def test_only_officers_write_here(role: str) -> None:
    client, version = sign_in_official(role), make_draft("true")
    assert client.get(reverse("admin:policies_import")).status_code == 403
    assert client.post(reverse("admin:policies_import"), {"file": file_of(version)}).status_code == 403
    assert client.get(reverse(ADD_CLAUSE)).status_code == 403
    assert client.get(reverse(ADD_GROUP)).status_code == 403
    assert PolicyVersion.objects.count() == 1


def test_suspensions_are_only_read(officer: Client) -> None:
    assert officer.get(reverse("admin:policies_suspension_changelist")).status_code == 200
    assert officer.get(reverse("admin:policies_suspension_add")).status_code == 403
    assert not Suspension.objects.exists()


def test_two_versions_are_laid_beside_each_other(officer: Client) -> None:
    first = make_draft('company.size = "small"')
    second = make_draft('company.size = "micro"', policy=first.policy, amount_feel="250")
    page = officer.get(reverse("admin:policies_policyversion_changes", args=[second.pk])).content.decode()
    assert "<del>small</del>" in page
    assert "<ins>micro</ins>" in page
    assert "<ins>250</ins>" in page
    # Parts that both versions share are counted, not shown.
    assert "first come" not in page


def test_a_version_alone_changes_nothing(officer: Client) -> None:
    page = officer.get(reverse("admin:policies_policyversion_changes", args=[make_draft("true").pk])).content.decode()
    assert "only version" in page


@pytest.mark.parametrize("page", ["4/changes/nothing", "abc/change", "%27/publish"])
def test_an_address_of_no_object_is_not_found(officer: Client, page: str) -> None:
    assert officer.get(f"/admin/policies/policyversion/{page}/").status_code == 404
