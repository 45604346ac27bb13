"""If a form would refuse a part of a file, the import refuses it by its name, and writes nothing of the file."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse

from companies.models import User
from policies.authoring.draft import draft_version
from policies.authoring.parts import ClauseText, ExampleText, ParameterText, TableText, ValueText
from policies.models import NamedClause, PolicyVersion
from policies.portable.export import export
from tests.factories.clients import sign_in_official
from tests.factories.clock import TODAY
from tests.factories.policies import make_policy

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

RULE = 'company.standing = "active"'
LONG = "长" * 121
FACTS = "{&quot;company&quot;: {&quot;standing&quot;: &quot;active&quot;}}"


@pytest.fixture
def content() -> str:
    """A file with a part of every kind."""
    NamedClause.objects.create(name="sound", name_zh="正常经营", title_zh="存续", feel=RULE)
    version = draft_version(
        policy=make_policy("P-98"),
        clauses=[ClauseText("企业存续", "", "sound")],
        parameters=[ParameterText("rate", "标准", (ValueText(Decimal(500)),))],
        tables=[
            TableText(
                "tier",
                "档次",
                ({"label_zh": "规模", "label_en": "", "feel": "company.size"},),
                ({"cells": ["-"], "output": "1"},),
            )
        ],
        examples=[ExampleText("小企业", {"company": {"standing": "active"}}, "eligible", Decimal(500))],
        amount_feel="rate * tier",
        opens_on=TODAY,
        granted_cny=Decimal(1000),
    )
    return export(version=PolicyVersion.objects.get(pk=version.pk)).decode()


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('label="企业存续"', f'label="{LONG}"', "Condition 1 “长"),
        (">500<", ">NaN<", "Row 1 of the parameter “rate”"),
        (">500<", ">1e30<", "Row 1 of the parameter “rate”"),
        (">500<", ">0.1234567<", "Row 1 of the parameter “rate”"),
        ('zh="标准"', f'zh="{LONG}"', "The parameter “rate”"),
        ('zh="档次"', f'zh="{LONG}"', "The table “tier”"),
        ('title="小企业"', f'title="{LONG}"', "The example “长"),
        ('expected="eligible"', 'expected="qualified"', "The example “小企业”"),
        ('expected="eligible"', 'expected="unknown"', "Only somebody who is eligible gets an amount."),
        ('expected_cny="500.00"', 'expected_cny="NaN"', "The example “小企业”"),
        (FACTS, "[1]", "The example “小企业”: The facts must be an object"),
        (FACTS, "{&quot;company&quot;: {&quot;sise&quot;: 1}}", "“company” has no fact “sise”."),
        (FACTS, "{&quot;company&quot;: [1]}", "The example “小企业”"),
        (FACTS, "[" * 50_000, "its facts are no JSON"),
    ],
)
def test_a_part_that_cannot_be_is_named_and_nothing_is_written(
    content: str, before: str, after: str, sentence: str
) -> None:
    assert before in content
    refused(content.replace(before, after), sentence)


def brought(content: str) -> str:
    """The page that answers the import of the file as another policy."""
    file = BytesIO(content.encode())
    file.name = "policy.dmn"
    client = sign_in_official("officer", f"officer-{User.objects.count()}")
    answer = client.post(reverse("admin:policies_import"), {"file": file, "code": "P-NEW"}, follow=True)
    assert answer.status_code in (200, 422)
    return answer.content.decode().replace("&quot;", '"').replace("&#x27;", "'")


def refused(content: str, sentence: str) -> None:
    before = NamedClause.objects.count()
    assert sentence in brought(content)
    assert (PolicyVersion.objects.count(), NamedClause.objects.count()) == (1, before)


def test_a_chinese_name_that_another_clause_has_is_refused(content: str) -> None:
    refused(content.replace("sound", "solid"), "“sound” has the Chinese name “正常经营”, the file gives it to “solid”")


def test_a_clause_of_the_library_is_looked_at_as_its_form_does(content: str) -> None:
    NamedClause.objects.all().delete()
    refused(content.replace('zh="正常经营"', f'zh="{LONG}"'), "The named clause “sound”")
    refused(content.replace(RULE, "company.credit_code"), "sound")
    assert "New in the library: sound." in brought(content)


def test_an_example_of_which_nothing_is_known_comes_in_and_opens(content: str) -> None:
    facts = "{&quot;employees&quot;: [{}], &quot;credit&quot;: null}"
    assert "P-NEW v1 is a draft now" in brought(content.replace(FACTS, facts))
