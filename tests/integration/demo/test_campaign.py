"""A campaign end to end: real workers, real portal, real bank simulator, on a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qinqing.demo.policies.twenty import POLICIES

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).resolve().parents[3]
KEYS = {
    *("policies", "companies", "employees", "entitlements", "payouts", "paid", "paid_cny", "claims", "waitlisted"),
    *("distinct_companies_paid", "distinct_employees_paid", "claims_through_portal", "without_account", "unknown"),
    *("seconds", "invariants", "seed", "peak_rss_mb", "machine", "by_policy", "batches"),
}


def manage(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=PROJECT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("campaign") / "report.json"
    ran = manage("campaign", "--companies", "60", "--employees", "240", "--portal-claims", "8", "--report", str(file))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def test_the_report_says_everything_that_was_asked(report: dict[str, Any]) -> None:
    assert set(report) >= KEYS
    assert set(report["seconds"]) >= {"generate", "deliver", "match", "claim", "pay", "export", "total"}
    assert set(report["invariants"]) == {"books_balance", "bank_agrees", "double_payments", "lost"}


def test_everybody_entitled_is_paid_once_and_the_bank_agrees(report: dict[str, Any]) -> None:
    assert report["invariants"] == {"books_balance": True, "bank_agrees": True, "double_payments": 0, "lost": 0}
    assert report["paid"] == report["payouts"] > 200
    assert (report["companies"], report["employees"]) == (60, 240)
    assert report["policies"] == 34
    assert report["claims_through_portal"] == 8
    assert report["distinct_companies_paid"] > 50


def test_each_policy_of_the_demo_set_pays_somebody(report: dict[str, Any]) -> None:
    demo_set = {policy.code for policy in POLICIES}
    assert [row["code"] for row in report["by_policy"] if row["code"] in demo_set and not row["paid"]] == []


def test_some_facts_are_missing_and_pay_nothing(report: dict[str, Any]) -> None:
    assert report["unknown"] > 0
    assert report["without_account"] > 0


def test_a_campaign_does_not_run_in_production() -> None:
    told = dict.fromkeys(["ALLOWED_HOSTS", "PAYER_NAME", "PAYER_ACCOUNT", "PAYER_BANK_NUMBER"], "x")
    ran = manage("campaign", QINQING_ENV="production", **told)
    assert ran.returncode != 0
    assert "does not run in production" in ran.stderr


def test_a_city_without_companies_is_refused() -> None:
    ran = manage("campaign", "--companies", "0")
    assert ran.returncode != 0
    assert "1 to 1,000,000 companies, not 0" in ran.stderr


def test_a_report_that_cannot_be_written_is_refused_before_the_work_begins() -> None:
    ran = manage("campaign", "--report", "no/such/folder/report.json")
    assert ran.returncode != 0
    assert "There is no folder" in ran.stderr
