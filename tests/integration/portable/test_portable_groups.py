"""The stacking groups of a file: a new policy joins them, an existing policy stays in its groups."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command

from policies.models import Policy, PolicyVersion, StackingGroup, StackingMember
from policies.portable.export import export
from policies.portable.import_policy import Imported, import_policy
from policies.portable.join_groups import OtherLibrary
from policies.portable.read_dmn import read
from tests.factories.policies import make_draft, make_policy, make_published
from tests.factories.stacking import make_group

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

THERE = "The file puts it in S-01; here it is not."
HERE = "Here it is in S-02; in the file it is not."


def group(code: str, *policies: Policy, **fields: object) -> StackingGroup:
    made = StackingGroup.objects.create(**{"code": code, "title_zh": "就高", "rule": "higher_only"} | fields)
    for policy in policies:
        StackingMember.objects.create(group=made, policy=policy)
    return made


@pytest.fixture
def version() -> PolicyVersion:
    return PolicyVersion.objects.get(pk=make_draft("true").pk)


@pytest.fixture
def file(version: PolicyVersion) -> bytes:
    """The file of a version from the time when its policy was in S-01; now the policy is in S-02."""
    joined = group("S-01", version.policy, make_policy())
    content = export(version=version)
    joined.members.filter(policy=version.policy).delete()
    group("S-02", version.policy)
    return content


def imported(content: bytes, code: str = "") -> Imported:
    return import_policy(policy=read(content), actor=None, code=code)


def test_a_draft_of_a_policy_that_is_there_joins_no_group_and_the_difference_is_told(
    version: PolicyVersion, file: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = imported(file)
    assert [member.group.code for member in version.policy.stacking.all()] == ["S-02"]
    assert (found.joined.groups, found.joined.differences) == ((), (THERE, HERE))
    (tmp_path / "p.dmn").write_bytes(file)
    call_command("policy", "import", str(tmp_path / "p.dmn"))
    assert f"{THERE} {HERE}" in capsys.readouterr().out
    assert version.policy.stacking.count() == 1


def test_no_group_is_made_for_a_policy_that_is_there(version: PolicyVersion, file: bytes) -> None:
    StackingGroup.objects.filter(code="S-01").delete()
    assert imported(file).joined.differences == (THERE, HERE)
    assert not StackingGroup.objects.filter(code="S-01").exists()


def test_another_rule_of_a_group_it_is_in_is_told(version: PolicyVersion) -> None:
    joined = group("S-03", version.policy, make_policy())
    content = export(version=version)
    StackingGroup.objects.filter(pk=joined.pk).update(pays_difference=True)
    assert imported(content).joined.differences == ("The file gives S-03 another rule than it has here.",)


def test_a_new_policy_joins_and_its_groups_are_named(file: bytes) -> None:
    found = imported(file, code="P-NEW")
    assert (found.joined.groups, found.joined.new_groups) == (("S-01",), ())
    assert found.version.policy.stacking.get().group.code == "S-01"


def test_a_group_in_force_is_left_as_it_is_and_membership_is_to_be_proposed(version: PolicyVersion) -> None:
    joined = make_group(version, make_published("true"))
    found = imported(export(version=version), code="P-NEW")
    assert (found.joined.groups, found.version.policy.stacking.count(), joined.members.count()) == ((), 0, 2)
    assert f"{joined.code} has policies that were in force: propose on its page" in found.joined.differences[0]


def test_a_file_written_by_hand_may_say_no_as_xml_does(version: PolicyVersion) -> None:
    group("S-03", version.policy, make_policy())
    said = export(version=version).replace(b' pays_difference=""', b"")
    content = said.replace(b'code="S-03"', b'code="S-03" pays_difference="false"')
    assert b'pays_difference="false"' in content
    assert imported(content).joined.differences == ()


@pytest.mark.parametrize(
    ("made", "changed"),
    [
        ({}, {"pays_difference": True}),
        ({"rule": "cap_together", "cap_cny": 100}, {"cap_cny": 200}),
        ({}, {"span": "year"}),
    ],
)
def test_a_group_that_means_something_else_is_not_joined(
    version: PolicyVersion, made: dict[str, object], changed: dict[str, object]
) -> None:
    joined = group("S-04", version.policy, make_policy(), **made)
    content = export(version=version)
    StackingGroup.objects.filter(pk=joined.pk).update(**changed)
    with pytest.raises(OtherLibrary, match="S-04 has another rule here than in the file"):
        imported(content, code="P-NEW")
    assert not Policy.objects.filter(code="P-NEW").exists()


def test_what_the_form_of_a_group_refuses_an_import_refuses_too(version: PolicyVersion) -> None:
    other = make_policy()
    group("S-05", version.policy, other)
    group("S-06", version.policy, other)
    content = export(version=version)
    # By S-07 the new policy may coexist with the other one, by S-05 it excludes that one.
    free = content.replace(b"S-06", b"S-07")
    group("S-07", other, rule="may_coexist")
    text = free.decode().split('code="S-07"')
    free = 'code="S-07"'.join([text[0], text[1].replace("higher_only", "may_coexist", 1)]).encode()
    with pytest.raises(OtherLibrary, match="cannot exclude each other and be free too"):
        imported(free, code="P-NEW")
    assert not Policy.objects.filter(code="P-NEW").exists()
