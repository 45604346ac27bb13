"""The time limit stops a statement, and a sentence names the rule that takes so long."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from policies.matching import run as matching
from policies.matching import slow_rule as slowness
from policies.models import MatchRun, PreviewRun
from policies.preview import compared
from policies.preview import exact as whole_city
from policies.preview import run as preview_run
from policies.preview.exact import TooSlow, estimate
from policies.preview.run import ask_for_preview
from policies.tasks import preview_due
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import make_all_deliveries, make_row
from tests.factories.policies import entitlements_of, make_draft, make_published, match_all

pytestmark = pytest.mark.django_db

# The rule nests five loops over the years.
SLOW = "true"
for loop in "edcba":
    SLOW = f"(some {loop} in tax satisfies {SLOW} and {loop}.year < 0)"
SLOW = SLOW.replace("true", "a.revenue + b.revenue + c.revenue + d.revenue + e.revenue = 1")


@pytest.fixture
def busy_firm() -> None:
    make_all_deliveries()
    company = make_company()
    for year in range(1990, 2040):
        make_row(TaxYear, company, year=year, revenue=year * 2)


@pytest.mark.usefixtures("busy_firm")
def test_matching_names_the_condition(monkeypatch: pytest.MonkeyPatch) -> None:
    version = make_published('company.standing = "active"', SLOW)
    monkeypatch.setattr(matching, "STATEMENT_SECONDS", 0.5)
    monkeypatch.setattr(slowness, "RULE_SECONDS", 0.5)
    match_all()
    assert entitlements_of(version) == {}
    run = MatchRun.objects.get(version=version, finished_at=None)
    assert "条件 2“条件2”单独就超过 0.5 秒" in run.refusal
    assert "Condition 2 “Condition 2” alone takes longer than 0.5 seconds." in run.refusal_en


@pytest.mark.usefixtures("busy_firm")
def test_a_preview_names_the_amount(monkeypatch: pytest.MonkeyPatch) -> None:
    version = make_draft('company.standing = "active"', amount=f"if {SLOW} then 1 else 2")
    monkeypatch.setattr(whole_city, "ESTIMATE_SECONDS", 0.5)
    monkeypatch.setattr(slowness, "RULE_SECONDS", 0.5)
    with translation.override("en"), pytest.raises(TooSlow, match=r"The amount alone takes longer than 0\.5 seconds"):
        estimate(version=version, now=NOW)


@pytest.mark.usefixtures("busy_firm")
def test_a_back_test_names_the_condition_of_the_wording_that_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    before = make_published("true")
    version = make_draft('company.standing = "active"', SLOW, policy=before.policy)
    monkeypatch.setattr(compared, "ESTIMATE_SECONDS", 0.5)
    monkeypatch.setattr(slowness, "RULE_SECONDS", 0.5)
    with translation.override("en"), pytest.raises(TooSlow, match=r"Condition 2 “Condition 2” alone takes longer"):
        compared.estimated_back_test(version=version, before=before, now=NOW)


@pytest.mark.usefixtures("busy_firm")
def test_a_preview_in_the_background_ends_with_the_name_of_the_condition(monkeypatch: pytest.MonkeyPatch) -> None:
    version = make_draft('company.standing = "active"', SLOW)
    monkeypatch.setattr(whole_city, "PREVIEW_SECONDS", 0.5)
    monkeypatch.setattr(slowness, "RULE_SECONDS", 0.5)
    ask_for_preview(version=version, actor=None, now=NOW)
    assert preview_run.preview_due(clock=lambda: NOW) is True
    run = PreviewRun.objects.get()
    assert (run.result, run.finished_at) == (None, NOW)
    assert "条件 2“条件2”单独就超过 0.5 秒" in run.refusal
    assert "Condition 2 “Condition 2” alone takes longer than 0.5 seconds." in run.refusal_en


@pytest.mark.usefixtures("busy_firm")
def test_a_preview_stands_though_its_back_test_was_stopped_which_names_version_and_condition(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = make_published('company.standing = "active"', SLOW)
    version = make_draft("true", policy=before.policy)
    # The draft's own preview takes no time; the version that it is compared with takes too long.
    monkeypatch.setattr(compared, "PREVIEW_SECONDS", 0.5)
    monkeypatch.setattr(slowness, "RULE_SECONDS", 0.5)
    ask_for_preview(version=version, actor=None, now=NOW)
    preview_due()
    run = PreviewRun.objects.get()
    assert run.result is not None
    assert (run.result["count"], run.back_test, run.refusal) == (1, None, "")
    assert run.finished_at is not None
    assert f"正在计算现行的{before}时" in run.back_test_refusal
    assert "条件 2“条件2”单独就超过 0.5 秒" in run.back_test_refusal
    assert f"stopped while {before}, which is in force, was being decided." in run.back_test_refusal_en
    assert "Condition 2 “Condition 2” alone takes longer than 0.5 seconds." in run.back_test_refusal_en
    # The worker is free for the next preview, and an officer may ask anew.
    assert preview_run.preview_due(clock=lambda: NOW) is False
    assert ask_for_preview(version=version, actor=None, now=NOW).pk != run.pk


@pytest.mark.usefixtures("busy_firm")
def test_a_back_test_that_was_stopped_at_the_draft_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    before = make_published("true")
    version = make_draft("true", SLOW, policy=before.policy)
    monkeypatch.setattr(compared, "ESTIMATE_SECONDS", 0.5)
    monkeypatch.setattr(slowness, "RULE_SECONDS", 0.5)
    with (
        translation.override("en"),
        pytest.raises(TooSlow, match=re.escape(f"stopped while {version} was being decided.")),
    ):
        compared.estimated_back_test(version=version, before=before, now=NOW)
