"""Three pages show how far matching is: the version's, the run's and the list of runs; they refresh by themselves."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from policies.matching.progress import measure_progress
from policies.matching.run import match_due
from policies.matching.shards import divide_due_runs
from policies.models import MatchRun, PolicyVersion
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.deliveries import make_all_deliveries
from tests.factories.policies import make_published, match_all
from tests.functional.officers.test_policy_admin import address

pytestmark = pytest.mark.django_db

PROGRESS = "admin:policies_match_progress"


@pytest.fixture
def version() -> PolicyVersion:
    """A version in force over five firms in shards of two, of which one is decided."""
    make_all_deliveries()
    for _ in range(5):
        make_company()
    version = make_published("true")
    divide_due_runs(limit_companies=2, now=NOW)
    match_due(now=NOW, limit_companies=2)
    return version


def how_far(run: MatchRun) -> tuple[int, int, int, int]:
    found = measure_progress(runs=[run])[run.pk]
    return found.shards_done, found.shards, found.firms_done, found.firms


def test_a_run_knows_how_much_of_the_city_is_decided(version: PolicyVersion) -> None:
    run = MatchRun.objects.get(version=version)
    assert how_far(run) == (1, 3, 2, 5)
    match_all(limit_companies=2)
    run.refresh_from_db()
    assert how_far(run) == (3, 3, 5, 5)
    assert not measure_progress(runs=[run])[run.pk].is_running


def test_a_run_that_nobody_has_begun_is_at_nothing(officer: Client) -> None:
    version = make_published("true")
    run = MatchRun.objects.get(version=version)
    assert how_far(run) == (0, 0, 0, 0)
    assert "waits for a worker" in officer.get(address(version)).content.decode()


@pytest.mark.parametrize("where", ["version", "run", "list"])
def test_the_pages_show_it_and_look_again(where: str, officer: Client, version: PolicyVersion) -> None:
    run = MatchRun.objects.get(version=version)
    place = {
        "version": address(version),
        "run": reverse("admin:policies_matchrun_change", args=[run.pk]),
        "list": reverse("admin:policies_matchrun_changelist"),
    }[where]
    page = officer.get(place).content.decode()
    assert "2 of 5 firms, 1 of 3 parts of the city" in page
    assert '<progress max="3" value="1">' in page
    assert f"{reverse(PROGRESS)}?runs={run.pk}" in page
    match_all(limit_companies=2)
    page = officer.get(place).content.decode()
    assert "all 5 firms were decided" in page
    assert reverse(PROGRESS) not in page


def test_a_look_brings_the_bars_and_the_last_one_the_page(officer: Client, version: PolicyVersion) -> None:
    run = MatchRun.objects.get(version=version)
    answer = officer.get(reverse(PROGRESS), {"runs": str(run.pk)})
    shown = answer.content.decode()
    assert f'id="match-progress-{run.pk}" hx-swap-oob="true"' in shown
    assert 'id="match-polling"' in shown
    assert "HX-Refresh" not in answer.headers
    match_all(limit_companies=2)
    assert officer.get(reverse(PROGRESS), {"runs": str(run.pk)}).headers["HX-Refresh"] == "true"


def test_a_run_that_stopped_is_not_looked_at_again(officer: Client, version: PolicyVersion) -> None:
    MatchRun.objects.filter(version=version).update(refusal="It took too long.", holds_claims=True)
    page = officer.get(address(version)).content.decode()
    assert "stopped" in page
    assert reverse(PROGRESS) not in page


@pytest.mark.parametrize("runs", ["", "x", "9" * 30, "-1", "1,,2", "²"])
def test_what_is_no_run_ends_the_looking(runs: str, officer: Client) -> None:
    assert officer.get(reverse(PROGRESS), {"runs": runs}).headers["HX-Refresh"] == "true"


def test_strangers_do_not_look(version: PolicyVersion) -> None:
    assert sign_in_official("department").get(reverse(PROGRESS), {"runs": "1"}).status_code == 403
    assert Client().get(reverse(PROGRESS), {"runs": "1"}).status_code == 302


def test_a_list_of_runs_takes_one_query_more_for_all_of_them(
    officer: Client, version: PolicyVersion, django_assert_max_num_queries
) -> None:
    for _ in range(4):
        make_published("true")
    divide_due_runs(limit_companies=2, now=NOW)
    with django_assert_max_num_queries(12):
        assert officer.get(reverse("admin:policies_matchrun_changelist")).status_code == 200
