"""
A policy keeps its code once a version of it was submitted, because sealed versions and other policies' rules name it.
"""

from __future__ import annotations

import pytest
from django.urls import reverse

from policies.models import Policy
from tests.factories.clients import sign_in_official
from tests.factories.policies import make_draft, make_policy, make_submitted
from tests.integration.authoring.test_policy_promises import refused, update

pytestmark = pytest.mark.django_db


def test_what_was_submitted_keeps_its_code_whoever_writes() -> None:
    version = make_submitted("true")
    with refused("policy_code_is_kept"):
        update("policy", version.policy_id, code="P-OTHER")
    update("policy", version.policy_id, title_zh="另一个标题", code=version.policy.code)
    assert Policy.objects.get(pk=version.policy_id).title_zh == "另一个标题"


def test_what_nobody_has_submitted_may_have_another_code() -> None:
    version = make_draft("true")
    update("policy", version.policy_id, code="P-OTHER")
    assert Policy.objects.get(pk=version.policy_id).code == "P-OTHER"


def test_an_officer_writes_the_titles_and_reads_the_code() -> None:
    version = make_submitted("true")
    policy, client = version.policy, sign_in_official("officer")
    page = reverse("admin:policies_policy_change", args=[policy.pk])
    read = client.get(page).content.decode()
    assert 'name="code"' not in read
    assert read.index("for rules of other policies may name it") < read.index('name="title_zh"')
    told = {"code": "P-OTHER", "title_zh": "新标题", "title_en": "", "summary_zh": "", "summary_en": ""}
    counts = {"versions-TOTAL_FORMS": 0, "versions-INITIAL_FORMS": 0}
    assert client.post(page, told | counts | {"department": "finance"}).status_code == 302
    saved = Policy.objects.get(pk=policy.pk)
    assert (saved.code, saved.title_zh) == (policy.code, "新标题")
    other = make_draft("true").policy
    assert 'name="code"' in client.get(reverse("admin:policies_policy_change", args=[other.pk])).content.decode()


def test_a_file_of_a_policy_is_called_by_its_chinese_code() -> None:
    version = make_draft("true", policy=make_policy("杭政-07"))
    answer = sign_in_official("officer").get(reverse("admin:policies_policyversion_export", args=[version.pk]))
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%E6%9D%AD%E6%94%BF-07-v1.dmn"
