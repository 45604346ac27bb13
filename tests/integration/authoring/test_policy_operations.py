"""Operations write, publish and close policies, and refuse what is wrong."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from policies.authoring.draft import BadFields, CodeTaken, UnknownDepartment, copy_version, create_policy, write_clauses
from policies.authoring.parts import ClauseText, NotADraft
from policies.models import MatchRun, PolicyVersion, VersionStatus
from policies.rules.content_hash import content_hash
from policies.rules.rules import RuleRefused
from tests.factories.clock import TODAY
from tests.factories.policies import make_draft, make_policy, make_published

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def test_a_policy_has_a_code_of_its_own_and_a_department_that_exists() -> None:
    make_policy("P-1")
    with pytest.raises(CodeTaken, match="P-1"):
        make_policy("P-1")
    with pytest.raises(UnknownDepartment, match="navy"):
        create_policy(code="P-2", title_zh="", title_en="", summary_zh="", summary_en="", department="navy")


def test_a_clause_that_does_not_check_is_named_with_its_place() -> None:
    with pytest.raises(RuleRefused) as refusal:
        make_draft("true", 'company.standing = "active" and\ncompany.sise = "small"')
    refused = refusal.value
    assert refused.number == 2
    assert refused.sentence.en.startswith("Condition 2, line 2, character 9:")
    assert "size" in refused.sentence.en
    assert refused.sentence.zh.startswith("条件 2第 2 行第 9 个字符：")
    assert refused.excerpt == 'company.sise = "small"\n        ^^^^'
    assert not PolicyVersion.objects.exists()


def test_the_carets_stand_below_chinese_names_too() -> None:
    with pytest.raises(RuleRefused) as refusal:
        make_draft('企业.所属区县 = "330106" and 企业.没有的')
    line, carets = refusal.value.excerpt.split("\n")
    assert line[len(carets.rstrip("^")) :].startswith("没有的")
    assert "\u3000" in carets


@pytest.mark.parametrize(
    ("clause", "amount", "number"),
    [
        ("1 + 1", "100", 1),
        ("true", '"much"', None),
        ("true", "company.size", None),
        ("sale.retail > 5", "100", 1),
        ("employee.insured_months > 5", "100", 1),
        ("true", "", None),
        ("", "100", 1),
    ],
)
def test_a_rule_of_the_wrong_kind_is_refused(clause: str, amount: str, number: int | None) -> None:
    with pytest.raises(RuleRefused) as refusal:
        make_draft(clause, amount=amount)
    assert refusal.value.number == number


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"closes_on": TODAY - dt.timedelta(days=1)}, "last day of claims"),
        ({"cap_cny": Decimal(0)}, "highest amount"),
        ({"minimum_cny": Decimal(-1)}, "lowest amount"),
        ({"granted_cny": Decimal(-1)}, "money granted"),
        ({"payee": "employee"}, "subject is a person"),
    ],
)
def test_fields_that_contradict_each_other_are_refused(fields: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadFields, match=sentence):
        make_draft("true", **fields)


def test_versions_of_a_policy_are_numbered() -> None:
    first = make_draft("true")
    second = make_draft("true", policy=first.policy)
    assert (first.number, second.number, make_draft("true").number) == (1, 2, 1)


def test_publishing_seals_the_wording_and_asks_for_a_run() -> None:
    version = make_published('company.size = "small"', amount="tax[year = 2024].revenue")
    assert version.status == VersionStatus.PUBLISHED
    assert version.datasets == ["registration", "tax"]
    assert len(version.content_hash) == 64
    assert content_hash(version=PolicyVersion.objects.get()) == version.content_hash
    assert MatchRun.objects.filter(version=version, finished_at=None).count() == 1


def test_the_hash_tells_every_word_apart() -> None:
    base = make_draft("true")
    hashes = {content_hash(version=base)}
    for change in ({"amount": "101"}, {"period_label": "2024"}, {"cap_cny": Decimal(5)}, {"commitment_zh": "承诺"}):
        hashes.add(content_hash(version=make_draft("true", policy=base.policy, **change)))
    write_clauses(version=base, clauses=[ClauseText("条件", "", "true")])
    hashes.add(content_hash(version=base))
    assert len(hashes) == 6


def test_the_clauses_of_a_published_version_are_not_rewritten() -> None:
    version = make_published("true")
    with pytest.raises(NotADraft):
        write_clauses(version=version, clauses=[ClauseText("条件", "", "false")])
    assert version.clauses.get().feel == "true"


def test_a_copy_has_the_same_words() -> None:
    version = make_published('company.size = "small"', cap_cny=Decimal(9), track="automatic", period_label="2024")
    copy = copy_version(version=version)
    assert (copy.status, copy.number, copy.cap_cny, copy.track) == (VersionStatus.DRAFT, 2, Decimal(9), "automatic")
    assert copy.clauses.get().feel == version.clauses.get().feel
