"""What changed between two versions, as a reviewer reads it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation

from policies.authoring.differences import Section, compare_versions, weave_texts
from policies.authoring.draft import draft_version
from policies.authoring.parts import ClauseText, ExampleText, ParameterText, TableText, ValueText
from policies.models import NamedClause, PolicyVersion
from tests.factories.clock import TODAY
from tests.factories.policies import make_draft, make_policy, make_submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def sections(before: PolicyVersion | None, after: PolicyVersion) -> dict[str, Section]:
    return {section.title: section for section in compare_versions(before=before, after=after)}


def changes(before: PolicyVersion | None, after: PolicyVersion, title: str) -> list[tuple[str, str, str]]:
    """Kind, title and text of each change, with what is gone in [-…-] and what is new in {+…+}."""
    marks = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    return [
        (change.kind, change.title, "".join(marks[piece.kind].format(piece.text) for piece in change.pieces))
        for change in sections(before, after)[title].changes
    ]


def version(*clauses: ClauseText, policy: object = None, **said: object) -> PolicyVersion:
    fields = {"opens_on": TODAY, "granted_cny": Decimal(1000), "amount_feel": "100"} | said
    return draft_version(policy=policy or make_policy(), clauses=clauses, **fields)


SMALL = ClauseText("小微", "Small", 'company.size = "small"')
SOUND = ClauseText("正常", "Sound", 'company.standing = "active"')


def test_two_alike_have_no_changes() -> None:
    before = version(SMALL, SOUND)
    found = sections(before, version(SMALL, SOUND, policy=before.policy))
    assert all(not section.changes for section in found.values())
    assert found["Conditions"].same_count == 2


def test_of_a_first_version_everything_is_new() -> None:
    found = sections(None, version(SMALL))
    assert [change.kind for change in found["Conditions"].changes] == ["new"]
    assert found["Conditions"].changes[0].words_after
    assert not found["Conditions"].changes[0].words_before


def test_conditions_come_go_change_and_are_retitled() -> None:
    before = version(SMALL, SOUND)
    after = version(
        ClauseText("小微", "Small", 'company.size in ("small", "micro")'),
        ClauseText("存续", "Alive", SOUND.feel),
        ClauseText("守信", "Honest", "count(credit) = 0"),
        policy=before.policy,
    )
    assert changes(before, after, "Conditions") == [
        ("changed", "Small", 'company.size [-=-]{+in+} {+(+}"small"{+, "micro")+}'),
        ("changed", "Alive (was: Sound)", SOUND.feel),
        ("new", "Honest", "{+count(credit) = 0+}"),
    ]
    assert changes(after, before, "Conditions")[-1] == ("gone", "Honest", "[-count(credit) = 0-]")
    (small, *_others) = sections(before, after)["Conditions"].changes
    assert small.words_before != small.words_after


def test_moving_a_condition_is_no_change() -> None:
    before = version(SMALL, SOUND)
    assert changes(before, version(SOUND, SMALL, policy=before.policy), "Conditions") == []


def tiers(output: str) -> TableText:
    column = {"label_zh": "", "label_en": "", "feel": "rate"}
    return TableText("tier", "档", (column,), ({"cells": ["-"], "output": output},))


def test_settings_parameters_tables_and_examples_are_compared() -> None:
    before = version(
        SMALL,
        parameters=[ParameterText("rate", "比例", (ValueText(Decimal("0.3")),), unit="")],
        tables=[tiers("1")],
        examples=[ExampleText("one", {"company": {"size": "small"}}, "eligible")],
    )
    after = version(
        SMALL,
        policy=before.policy,
        cap_cny=Decimal(500),
        parameters=[ParameterText("rate", "比例", (ValueText(Decimal("0.6")),))],
        tables=[tiers("2")],
        examples=[ExampleText("one", {"company": {"size": "large"}}, "ineligible")],
    )
    assert changes(before, after, "Settings") == [("changed", "at most", "[-–-]{+¥500.00+}")]
    ((_kind, title, text),) = changes(before, after, "Parameters")
    assert (title, text) == ("rate (比例)", "everywhere\talways\t0.[-3-]{+6+}")
    assert changes(before, after, "Decision tables")[0][2].endswith("-\t[-1-]{+2+}")
    assert changes(before, after, "Examples")[0][0] == "changed"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-hans", 'company.size：企业的企业规模（"small" 小型、"micro" 微型）；rate：比例'),
        ("en", 'company.size: Company – Size class ("small" small, "micro" micro); rate: rate'),
    ],
)
def test_a_table_is_told_in_words_with_the_names_of_its_codes(language: str, words: str) -> None:
    columns = tuple({"label_zh": "", "label_en": "", "feel": text} for text in ("company.size", "rate"))
    rows = ({"cells": ['"small", "micro"', "-"], "output": "1"}, {"cells": ["-", "-"], "output": "2"})
    after = version(
        SMALL,
        parameters=[ParameterText("rate", "比例", (ValueText(Decimal("0.3")),))],
        tables=[TableText("tier", "档", columns, rows, hit_policy="F")],
    )
    with translation.override(language):
        (table,) = compare_versions(before=None, after=after)[3].changes
        assert table.words_after == words


def test_a_named_clause_that_changed_in_the_library_is_a_change() -> None:
    clause = NamedClause.objects.create(name="sound", name_zh="正常", title_zh="正常", title_en="Sound", feel="true")
    before = make_submitted("sound")
    clause.feel = "not(false)"
    clause.save()
    after = make_draft("sound", policy=before.policy)
    assert changes(before, after, "Named clauses") == [("changed", "Sound", "[-true-]{+not(false)+}")]


def test_an_old_rule_that_no_longer_checks_is_shown_without_words() -> None:
    before = version(SMALL)
    before.clauses.update(feel="company.renamed = 1")
    (change,) = sections(before, version(SMALL, policy=before.policy))["Conditions"].changes
    assert (change.words_before, bool(change.words_after)) == ("", True)


@pytest.mark.parametrize(("before", "after"), [("", "a b"), ("a b", ""), ("a  b", "b a"), ("金额 < 5", "金额 <= 5")])
def test_woven_texts_hold_both(before: str, after: str) -> None:
    pieces = weave_texts(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == after
