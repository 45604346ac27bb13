"""Policies leave the database as files and come back as drafts that mean the same."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from policies.authoring.draft import create_policy, draft_version
from policies.authoring.parts import ClauseText, ExampleText, ParameterText, TableText, ValueText
from policies.models import NamedClause, Policy, PolicyVersion, StackingGroup, StackingMember
from policies.portable.export import export
from policies.portable.import_policy import Imported, import_policy
from policies.portable.join_groups import Joined, OtherLibrary
from policies.portable.read_dmn import UnreadablePolicy, read
from policies.rules.content_hash import content
from policies.rules.rules import RuleRefused
from tests.factories.policies import break_clauses, make_published

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def version() -> PolicyVersion:
    """A draft with a part of every kind."""
    NamedClause.objects.create(
        name="in_business",
        name_zh="正常经营",
        title_zh="企业存续",
        title_en="In business",
        feel='company.standing = "active"',
    )
    policy = create_policy(
        code="P-98", title_zh="试点补贴", title_en="Trial", summary_zh="一句话", summary_en="", department="labour"
    )
    group = StackingGroup.objects.create(code="S-9", title_zh="就高", rule="higher_only", pays_difference=True)
    StackingMember.objects.create(group=group, policy=policy)
    return draft_version(
        policy=policy,
        clauses=[ClauseText("企业存续", "In business", "正常经营"), ClauseText("小型", "", 'company.size = "small"')],
        parameters=[
            ParameterText(
                "rate", "标准", (ValueText(Decimal(500)), ValueText(Decimal(300), "330127", dt.date(2026, 1, 1)))
            )
        ],
        tables=[
            TableText(
                "tier",
                "档次",
                ({"label_zh": "规模", "label_en": "Size", "feel": "company.size"},),
                ({"cells": ['"small"'], "output": "2"}, {"cells": ["-"], "output": "1"}),
                hit_policy="F",
            )
        ],
        examples=[
            ExampleText("小企业", {"company": {"standing": "active", "size": "small"}}, "eligible", Decimal(1000))
        ],
        amount_feel="rate * tier",
        opens_on=dt.date(2026, 3, 1),
        closes_on=dt.date(2026, 6, 30),
        as_of_on=dt.date(2026, 3, 1),
        cap_cny=Decimal("5000.00"),
        granted_cny=Decimal("100000.00"),
        track="publicised",
        publicise_days=5,
        counts_working_days=True,
        reminders=["opening", "three_days"],
        commitment_zh="承诺属实。\n如有不实愿退回。",
    )


def reimported(version: PolicyVersion, code: str = "P-97") -> Imported:
    return import_policy(policy=read(export(version=version)), actor=None, code=code)


def said(version: PolicyVersion) -> dict[str, object]:
    """All that a version says, except its policy's code and its own number."""
    return {name: value for name, value in content(version=version).items() if name not in ("policy", "number")}


def test_a_draft_comes_back_as_it_was(version: PolicyVersion) -> None:
    imported = reimported(version)
    assert said(imported.version) == said(version)
    assert imported.is_new_policy
    assert (imported.new_clauses, imported.joined) == ((), Joined(groups=("S-9",)))
    assert imported.version.policy.stacking.get().group.code == "S-9"
    assert export(version=imported.version).replace(b"P-97", b"P-98") == export(version=version)


def test_a_check_says_what_the_rules_pass_over(version: PolicyVersion, tmp_path: Path) -> None:
    file, out = tmp_path / "p.dmn", StringIO()
    content = export(version=version).decode()
    file.write_text(content.replace('company.size = "small"', "count(employees[has_contract]) &gt; 0"))
    call_command("policy", "check", str(file), stdout=out)
    assert "can be imported" in out.getvalue()
    assert "Mind: Condition 2 “小型”: A record of “employees” whose “has_contract” is missing" in out.getvalue()


def test_the_next_import_is_the_next_draft(version: PolicyVersion) -> None:
    imported = reimported(version, code="")
    assert (imported.version.policy, imported.version.number) == (version.policy, 2)
    assert not imported.is_new_policy


def test_what_the_library_lacks_comes_along(version: PolicyVersion) -> None:
    file = read(export(version=version))
    StackingMember.objects.all().delete()
    StackingGroup.objects.all().delete()
    NamedClause.objects.all().delete()
    imported = import_policy(policy=file, actor=None, code="P-96")
    assert (imported.new_clauses, imported.joined.new_groups) == (("in_business",), ("S-9",))
    assert StackingGroup.objects.get().pays_difference
    assert NamedClause.objects.get().feel == 'company.standing = "active"'


def test_a_library_that_says_otherwise_is_not_overwritten(version: PolicyVersion) -> None:
    file = read(export(version=version))
    NamedClause.objects.update(feel="true")
    with pytest.raises(OtherLibrary, match="in_business"):
        import_policy(policy=file, actor=None, code="P-95")
    assert NamedClause.objects.get().feel == "true"
    assert not Policy.objects.filter(code="P-95").exists()


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('name="opens_on"', 'name="opens"', "no field “opens”"),
        ('value="2026-03-01"', 'value="spring"', "“as_of_on” cannot be “spring”"),
        ('value="publicised"', 'value="magic"', "“track” cannot be “magic”"),
        ('value="opening,three_days"', 'value="opening,someday"', "“reminders” cannot be"),
        ('value="5000.00"', 'value="5000.001"', "“cap_cny” cannot be “5000.001”"),
        ('value="100000.00"', 'value=""', "does not say the version’s field “granted_cny”"),
        ('value="试点补贴"', 'value=""', "does not say the policy’s field “title_zh”"),
    ],
)
def test_a_field_that_is_none_is_refused(version: PolicyVersion, before: str, after: str, sentence: str) -> None:
    text = export(version=version).decode()
    assert before in text
    with pytest.raises(UnreadablePolicy) as refused:
        import_policy(policy=read(text.replace(before, after).encode()), actor=None, code="P-94")
    assert sentence in str(refused.value)
    assert not Policy.objects.filter(code="P-94").exists()


def test_a_rule_that_does_not_check_is_refused_and_nothing_is_written(version: PolicyVersion) -> None:
    text = export(version=version).decode().replace("company.size = ", "company.sise = ")
    with pytest.raises(RuleRefused, match="size"):
        import_policy(policy=read(text.encode()), actor=None, code="P-93")
    assert not Policy.objects.filter(code="P-93").exists()


def command(*words: object) -> str:
    out = StringIO()
    call_command("policy", *(str(word) for word in words), stdout=out)
    return out.getvalue()


def test_the_command_names_what_is_in_force_and_no_longer_checks(version: PolicyVersion) -> None:
    standing = make_published("true")
    assert "The rules of all" in command("check")
    break_clauses(standing)
    with pytest.raises(CommandError, match=f"no longer check:\n{standing}: "):
        command("check")


def test_the_command_exports_checks_and_imports(version: PolicyVersion, tmp_path: Path) -> None:
    file = tmp_path / "p-98.dmn"
    command("export", "P-98", "--to", file)
    assert file.read_bytes() == export(version=version)
    assert "can be imported. 2 clauses; 1 examples." in command("check", file)
    assert PolicyVersion.objects.count() == 1
    imported = command("import", file, "--code", "P-92")
    assert "P-92 v1 is a draft now. 2 clauses; 1 examples; a new policy; put into the stacking groups S-9." in imported
    assert command("export", "P-98:1") == file.read_text(encoding="utf-8")


def test_the_command_exports_for_older_modellers(version: PolicyVersion, tmp_path: Path) -> None:
    file = tmp_path / "p-98.dmn"
    command("export", "P-98", "--dmn", "1.3", "--to", file)
    assert 'xmlns:dmn="https://www.omg.org/spec/DMN/20191111/MODEL/"' in file.read_text(encoding="utf-8")
    command("import", file, "--code", "P-91")
    older = command("export", "P-91").replace("P-91", "P-98")
    assert older == command("export", "P-98")


def test_the_command_tries_a_file_on_both_engines(version: PolicyVersion, tmp_path: Path) -> None:
    file, facts = tmp_path / "p-98.dmn", tmp_path / "facts.json"
    file.write_bytes(export(version=version))
    given = {"company": {"standing": "active", "size": "small"}, "district": "330127", "as_of": "2026-03-01"}
    facts.write_text(json.dumps(given), encoding="utf-8")
    printed = command("evaluate", file, "--facts", facts)
    assert "Python: eligible, 600.00 yuan" in printed
    assert "SQL: eligible, 600.00 yuan" in printed
    assert PolicyVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["export", "P-1"], "There is no version P-1."),
        (["check", "nowhere.dmn"], "No such file"),
        (["import", "{file}", "--as", "nobody"], "There is no user nobody."),
        (["evaluate", "{file}", "--facts", "{file}"], "is no JSON"),
    ],
)
def test_the_command_says_what_is_wrong(
    version: PolicyVersion, tmp_path: Path, words: list[str], sentence: str
) -> None:
    file = tmp_path / "p-98.dmn"
    file.write_bytes(export(version=version))
    with pytest.raises(CommandError, match=sentence):
        command(*(word.format(file=file) for word in words))
