"""
The desk beside a version: it checks rules while an officer types, shows previews to all viewers, and runs for officers.
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from policies.editor.coverage import count_coverage
from policies.models import NamedClause, Parameter, ParameterValue, PolicyVersion, PreviewRun
from policies.preview import compared
from policies.preview import exact as whole_city
from policies.preview.exact import preview
from policies.preview.run import ask_for_preview, preview_due
from policies.preview.serialise import as_json
from policies.rules.content_hash import content_hash
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import make_all_deliveries, make_employment, make_row
from tests.factories.people import make_employee
from tests.factories.policies import make_draft, make_published
from tests.functional.officers.test_policy_admin import address
from tests.superuser import as_superuser

pytestmark = pytest.mark.django_db

CHECK = "admin:policies_check_rule"


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    cache.clear()


def looked_at(client: Client, text: str, *, subject: str = "company", query: str = "") -> str:
    others = {"amount_feel": "1", "clauses-1-feel": "true"}
    response = client.post(
        f"{reverse(CHECK)}?field=clauses-0-feel{query}", others | {"clauses-0-feel": text, "subject": subject}
    )
    assert response.status_code == 200
    return response.content.decode()


def test_a_rule_that_checks_is_said_in_words_and_written_in_either_language(officer: Client) -> None:
    page = looked_at(officer, 'company.size = "small"')
    assert "企业规模 等于" in page
    assert "Size class is" in page
    assert 'data-write="企业.企业规模 = &quot;small&quot;"' in page
    assert 'data-write="company.size = &quot;small&quot;"' in page


def test_a_wrong_name_is_told_with_its_place(officer: Client) -> None:
    page = looked_at(officer, "company.industri = 5")
    assert 'data-position="8"' in page
    assert 'data-length="8"' in page
    assert "Did you mean “industry”?" in page
    assert "^^^^^^^^" in page


def test_an_amount_has_to_be_a_number_and_a_condition_yes_or_no(officer: Client) -> None:
    assert "feel-wrong" in looked_at(officer, "100")
    assert "feel-right" in looked_at(officer, "100", query="&is_amount=1")
    assert "feel-wrong" in looked_at(officer, "true", query="&is_amount=1")


def test_the_facts_are_those_of_the_subject(officer: Client) -> None:
    assert "feel-wrong" in looked_at(officer, "employee.insured_months > 6")
    assert "feel-right" in looked_at(officer, "employee.insured_months > 6", subject="employee")
    assert "feel-wrong" in looked_at(officer, "employee.insured_months > 6", subject="nonsense")


@pytest.mark.parametrize("text", ["", "   "])
def test_an_empty_field_is_no_fault_yet(officer: Client, text: str) -> None:
    assert "feel-wrong" not in looked_at(officer, text)


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "\"'); DROP TABLE x; --", "((((", "x" * 5000])
def test_whatever_is_typed_is_answered_and_shown_as_text(officer: Client, text: str) -> None:
    page = looked_at(officer, text)
    assert "feel-wrong" in page
    assert "<script>alert" not in page


def test_only_those_who_write_have_rules_checked_and_only_by_post(officer: Client) -> None:
    for role in ("auditor", "finance", "department"):
        assert sign_in_official(role).post(reverse(CHECK), {"amount_feel": "1"}).status_code == 403
    assert Client().post(reverse(CHECK), {"amount_feel": "1"}).status_code in (302, 403)
    assert officer.get(reverse(CHECK)).status_code == 405


def test_a_rule_may_call_the_names_of_its_version_and_of_the_library(officer: Client) -> None:
    NamedClause.objects.create(name="sound", name_zh="经营正常", title_zh="经营正常", title_en="Sound", feel="true")
    version = make_draft("true")
    parameter = Parameter.objects.create(version=version, name="rate", name_zh="比例")
    ParameterValue.objects.create(parameter=parameter, value=Decimal("0.3"))
    assert "feel-right" in looked_at(officer, "sound and rate > 0.2", query=f"&version={version.pk}")
    assert "feel-right" in looked_at(officer, "经营正常", query=f"&version={version.pk}")
    assert "feel-wrong" in looked_at(officer, "rate > 0.2")


def test_checking_takes_few_queries(officer: Client, django_assert_max_num_queries) -> None:
    version = make_draft("true")
    with django_assert_max_num_queries(10):
        looked_at(officer, 'company.size = "small"', query=f"&version={version.pk}")


def test_the_form_lists_facts_with_their_coverage_forms_and_named_clauses(
    officer: Client, django_assert_max_num_queries
) -> None:
    make_all_deliveries()
    for revenue in (5, None):
        make_row(TaxYear, make_company(), year=2024, revenue=revenue)
    NamedClause.objects.create(name="sound", name_zh="经营正常", title_zh="经营正常", title_en="Sound", feel="true")
    version = make_draft("true")
    with django_assert_max_num_queries(40):
        page = officer.get(address(version)).content.decode()
    assert 'data-insert="tax[year = ▮].revenue"' in page
    assert "▮].营业收入" in page
    assert "100 % have it" in page
    assert "50 %" in page
    assert 'data-insert="sound"' in page
    assert "for each whole step" in page


def test_coverage_is_counted_by_set_for_firms_and_people() -> None:
    make_all_deliveries()
    one, other = make_company(size="small"), make_company(size=None, district="")
    make_row(TaxYear, one, year=2023, revenue=5)
    make_row(TaxYear, one, year=2024, revenue=None)
    make_employment(other, make_employee(), insured_months=5)
    counted = count_coverage()
    tax = counted[TaxYear._meta.db_table]
    assert (tax.percent, tax.facts["revenue"], tax.facts["year"]) == (50, 50, 50)
    company = counted["companies_company"]
    assert (company.percent, company.facts["size"], company.facts["district"]) == (100, 50, 50)


def test_coverage_of_an_empty_city_is_not_known() -> None:
    assert count_coverage() == {}


def page_of(client: Client, version: PolicyVersion, page: str = "who_matches") -> str:
    response = client.get(address(version, page))
    assert response.status_code == 200
    return response.content.decode()


def test_the_preview_shows_funnel_charts_and_samples_within_few_queries(
    officer: Client, django_assert_max_num_queries
) -> None:
    make_all_deliveries()
    for place in range(6):
        make_row(TaxYear, make_company(f"杭州{place}号店"), year=2024, revenue=place * 100)
    version = make_draft("tax[year = 2024].revenue >= 200", amount="1000", granted_cny=Decimal(3000))
    with django_assert_max_num_queries(55):
        page = page_of(officer, version)
    assert "all 6 firms were decided" in page
    assert "¥4,000.00" in page
    assert "133.3 % of the money granted" in page
    assert "does not reach for everybody" in page
    assert "− 2 not met" in page
    assert "half of them by no more than 100" in page
    assert "one condition short" in page
    assert "Information and software" in page
    # Of firms with equal amounts, the page always shows the one with the lowest id, and draws the others by lot.
    assert "杭州2号店" in page
    assert "2,000" not in page
    shown = re.search(
        r"Shown are (\d) of 4 eligible, (\d) of 2 that fail one condition alone, and 0 of 0 unknown", page
    )
    assert shown
    assert [int(number) for number in shown.groups()] == [
        page.count("desk-mark-yes"), page.count("desk-mark-no")
    ]  # fmt: skip


def test_who_may_not_see_firms_sees_them_masked(officer: Client) -> None:
    make_all_deliveries()
    company = make_company("杭州小店有限公司")
    version = make_draft("true")
    assert company.credit_code in page_of(officer, version)
    officer_without = sign_in_official("auditor")
    user = officer_without.get(address(version)).wsgi_request.user
    reader = Group.objects.create(name="reader of versions")
    with as_superuser():
        reader.permissions.set(Permission.objects.filter(codename="view_policyversion"))
        user.groups.set([reader])
    page = page_of(officer_without, version)
    assert company.credit_code not in page
    assert "杭州小店有限公司" not in page


def test_a_large_city_is_estimated_first_and_decided_whole_in_the_background(
    officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_all_deliveries()
    for _ in range(40):
        make_company()
    monkeypatch.setattr(whole_city, "SAMPLE_FIRMS", 20)
    version = make_draft("true", amount="100")
    page = page_of(officer, version)
    assert "Estimate" in page
    assert "drawn by lot out of 40" in page
    run_address = reverse("admin:policies_preview_run", args=[version.pk])
    assert run_address in page

    assert officer.post(run_address).status_code == 302
    assert officer.post(run_address, headers={"HX-Request": "true"}).status_code == 200
    due = PreviewRun.objects.get()
    assert (due.asked_by.username, due.finished_at) == ("officer", None)
    progress = reverse("admin:policies_preview_progress", args=[version.pk])
    assert "waiting for a worker" in officer.get(progress).content.decode()
    assert progress in page_of(officer, version)

    assert preview_due(clock=lambda: NOW) is True
    assert preview_due(clock=lambda: NOW) is False
    assert officer.get(progress).headers["HX-Refresh"] == "true"
    page = page_of(officer, version)
    assert "all 40 firms were decided" in page
    assert "¥4,000.00" in page

    PolicyVersion.objects.filter(pk=version.pk).update(amount_feel="200")
    page = page_of(officer, version)
    assert "those figures are not shown any more" in page
    assert "Estimate" in page


def test_only_officers_start_runs_and_only_by_post(officer: Client) -> None:
    version = make_draft("true")
    run_address = reverse("admin:policies_preview_run", args=[version.pk])
    assert officer.get(run_address).status_code == 405
    for role in ("auditor", "finance", "department"):
        client = sign_in_official(role)
        assert client.post(run_address).status_code == 403
        progress = client.get(reverse("admin:policies_preview_progress", args=[version.pk]))
        assert progress.status_code == (403 if role == "department" else 200)
    assert not PreviewRun.objects.exists()
    assert officer.post(reverse("admin:policies_preview_run", args=[0])).status_code == 404


def test_a_back_test_says_who_gains_and_who_loses(officer: Client) -> None:
    make_all_deliveries()
    for place in range(4):
        make_row(TaxYear, make_company(f"杭州{place}号店"), year=2024, revenue=place * 100)
    old = make_published("tax[year = 2024].revenue >= 100", amount="1000")
    new = make_draft("tax[year = 2024].revenue >= 200", policy=old.policy, amount="tax[year = 2024].revenue * 5")
    page = page_of(officer, new, "back_test")
    # 100 → nothing (−1,000), 200 → 1,000 (as before), 300 → 1,500 (+500).
    assert "−¥500.00" in page
    assert "¥500.00 more, ¥1,000.00 less" in page
    assert "杭州1号店" in page
    assert "杭州2号店" not in page
    assert "no pace can be told" in page
    assert "nothing to compare with" in page_of(officer, old, "back_test")


def finished(version: PolicyVersion, **fields: Any) -> None:
    """A finished run of the background worker over the version's present rules."""
    written = content_hash(version=PolicyVersion.objects.get(pk=version.pk))
    PreviewRun.objects.create(version=version, asked_at=NOW, finished_at=NOW, content_hash=written, **fields)


def test_a_preview_is_shown_though_its_back_test_was_stopped(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_all_deliveries()
    for _ in range(40):
        make_company()
    old = make_published("true", amount="1000")
    new = make_draft("true", policy=old.policy, amount="500")
    whole = preview(version=new, now=NOW)
    finished(new, result=as_json(whole), back_test_refusal="Condition 2 is too slow.")
    monkeypatch.setattr(whole_city, "SAMPLE_FIRMS", 20)
    monkeypatch.setattr(compared, "SAMPLE_FIRMS", 20)
    page = page_of(officer, new)
    assert "all 40 firms were decided" in page
    assert "Condition 2 is too slow. The preview is complete; only the comparison" in page
    # Meanwhile the page shows the comparison by lot, and says that it is an estimate.
    page = page_of(officer, new, "back_test")
    assert "Estimate" in page
    assert "comparing every firm took too long. Condition 2 is too slow." in page


def test_what_was_stopped_says_why_and_is_not_begun_again_by_looking(
    officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_all_deliveries()
    for _ in range(40):
        make_company()
    monkeypatch.setattr(whole_city, "SAMPLE_FIRMS", 20)
    version = make_draft("true", amount="100")
    assert 'hx-trigger="load, submit"' in page_of(officer, version)
    finished(version, refusal="Condition 1 is too slow.")
    page = page_of(officer, version)
    assert "Not every firm could be decided. Condition 1 is too slow." in page
    assert 'hx-trigger="submit"' in page
    # Changed rules may be tried again.
    PolicyVersion.objects.filter(pk=version.pk).update(amount_feel="200")
    page = page_of(officer, version)
    assert "too slow" not in page
    assert 'hx-trigger="load, submit"' in page


@pytest.mark.parametrize(("role", "status"), [("auditor", 200), ("finance", 200), ("department", 403)])
def test_who_may_see_a_version_may_see_its_back_test(role: str, status: int) -> None:
    version = make_draft("true")
    assert sign_in_official(role).get(address(version, "back_test")).status_code == status


def test_a_rule_that_does_not_check_any_more_is_told_and_nothing_breaks(officer: Client) -> None:
    version = make_draft("true")
    PolicyVersion.objects.filter(pk=version.pk).update(amount_feel="company.gone")
    for page in ("who_matches", "back_test"):
        response = officer.get(address(version, page), follow=True)
        assert response.status_code == 200
    assert "company" in officer.get(address(version, "who_matches"), follow=True).content.decode()


def test_a_run_whose_worker_died_is_begun_anew_and_the_dead_one_writes_nothing() -> None:
    make_all_deliveries()
    make_company()
    version = make_draft("true", amount="100")
    ask_for_preview(version=version, actor=None, now=NOW)
    PreviewRun.objects.update(started_at=NOW, taken_until=NOW + timedelta(seconds=60))
    assert preview_due(clock=lambda: NOW) is False
    assert preview_due(clock=lambda: NOW + timedelta(seconds=61)) is True
    run = PreviewRun.objects.get()
    assert run.result["count"] == 1
    assert run.started_at == NOW + timedelta(seconds=61)


def test_a_run_that_is_refused_says_why_and_can_be_asked_for_again() -> None:
    version = make_draft("true")
    ask_for_preview(version=version, actor=None, now=NOW)
    PolicyVersion.objects.filter(pk=version.pk).update(amount_feel="company.gone")
    assert preview_due(clock=lambda: NOW) is True
    run = PreviewRun.objects.get()
    assert (run.result, run.finished_at) == (None, NOW)
    assert run.refusal
    assert ask_for_preview(version=version, actor=None, now=NOW).pk != run.pk
