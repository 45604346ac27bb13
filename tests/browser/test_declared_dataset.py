"""
In real browsers: a data steward declares a dataset from a workbook, her department delivers it with wrong rows and
mends them, and the same minute two officers put a policy on it in force.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import xlsxwriter
from django.utils import timezone
from playwright.sync_api import Page, expect

from companies.models import Company, DatasetContract, Delivery
from policies.matching.run import match_due
from policies.models import Entitlement, Policy
from qinqing.demo.people import DEMO_PASSWORD
from tests.browser.conftest import PHONE, Visitor, one_more
from tests.browser.test_officer import fill, save, step
from tests.factories.people import make_department_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
TITLES = ("统一社会信用代码", "年度", "设备投资额（元）", "项目编号")
TERMS = {
    "zh": "设备投资",
    "en": "Equipment investment",
    "name": "equipment_investment",
    "freshness_days": "400",
    "every_days": "90",
    "purpose": "企业经核定的设备投资额。",
}
COLUMNS = (
    {"en": "Credit code"},
    {"en": "Year", "name": "year"},
    {"zh": "投资额", "en": "Amount", "name": "amount", "minimum": "0"},
    {"en": "Project", "name": "project"},
)
KEYS = (1, 3)
POLICY = {"code": "P-60", "title_zh": "设备更新补助", "title_en": "Aid for new equipment"}
FIELDS = {
    "period_label": "2025",
    "as_of_on": "2026-01-01",
    "amount_feel": "sum(设备投资[年度 = 2025].投资额) * 0.1",
    "cap_cny": "500000",
    "granted_cny": "1000000",
    "opens_on": "2026-01-01",
    "commitment_zh": "本企业承诺所报投资属实。",
}


def write_sample(file: Path, *codes: str) -> Path:
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, TITLES)
        for place, code in enumerate(codes, start=1):
            sheet.write_row(place, 0, (code, "2025", f"{place}200000.50", f"SB-{place}"))
    return file


def write_delivery(file: Path, rows: Sequence[Sequence[str]]) -> Path:
    with file.open("w", newline="") as text:
        csv.writer(text).writerows([("统一社会信用代码", "年度", "投资额", "项目编号"), *rows])
    return file


def declare(steward: Visitor, sample: Path) -> None:
    """Confirm each column that the sample proposes, after the page has refused to guess; then declare."""
    page = steward.page
    steward.signs_in("steward")
    steward.opens("/admin/companies/datasetcontract/declare")
    page.set_input_files("[name=file]", sample)
    page.locator("button.officer-button").click()
    expect(page.locator("[name=columns-2-type]")).to_have_value("yuan")
    fill(page, TERMS)
    for place, column in enumerate(COLUMNS):
        fill(page, {f"columns-{place}-{name}": value for name, value in column.items()})
    page.locator("button.officer-button").first.click()
    expect(page.locator(".officer-warning").first).to_contain_text("请核对并确认这一列")
    for place in range(len(COLUMNS)):
        page.check(f"[name=columns-{place}-is_confirmed]")
    for place in KEYS:
        page.check(f"[name=columns-{place}-is_key]")
    page.locator("[name=preview]").click()
    expect(page.locator("#preview")).to_be_visible()
    steward.is_pictured("declare-form-desktop-zh", whole=True)
    page.locator("button.officer-button").first.click()
    expect(page.locator("body")).to_contain_text("立即建表")
    steward.is_pictured("declare-confirm-desktop-zh", whole=True)
    page.locator("button.officer-button").click()
    expect(page.locator("body")).to_contain_text("已声明：现在即可归集并用于规则")


def deliver(steward: Visitor, file: Path) -> None:
    page = steward.page
    steward.opens("/admin/companies/delivery/add/")
    page.select_option("[name=dataset_name]", "equipment_investment")
    page.fill("[name=as_of_on]", timezone.localdate().isoformat())
    page.set_input_files("[name=file]", file)
    page.locator("[name=_save]").first.click()


def write_policy(officer: Visitor) -> None:
    page = officer.page
    officer.signs_in("officer")
    officer.opens("/admin/policies/policy/add/")
    fill(page, POLICY)
    page.select_option("[name=department]", "economy")
    page.locator("[name=_save]").first.click()
    officer.opens("/admin/policies/policyversion/add/")
    page.locator(".field-policy .select2-selection, .select2-selection").first.click()
    page.locator(".select2-search__field").fill(POLICY["code"])
    page.locator(".select2-results__option", has_text=POLICY["code"]).click()
    page.select_option("[name=track]", "instant")
    fill(page, FIELDS)
    place = one_more(page, "clauses")
    fill(page, {f"clauses-{place}-title_zh": "当年投资百万元以上"})
    fill(page, {f"clauses-{place}-feel": "sum(设备投资[年度 = 2025].投资额) >= 1000000"})
    expect(page.locator(".feel-editor", has=page.locator("[name=amount_feel]")).locator(".feel-right")).to_be_visible()
    save(page)
    step(page, "submit")
    page.locator(".officer-button").click()
    expect(page.locator("body")).to_contain_text("等待另一位政策管理员复核")


def publish(second: Visitor, page: Page, version_id: int) -> None:
    second.signs_in("officer2")
    second.opens(f"/admin/policies/policyversion/{version_id}/publish/")
    page.check("#is-read")
    page.locator(".officer-button").click()
    expect(page.locator("body")).to_contain_text("is published")


def test_a_dataset_is_declared_delivered_mended_and_paid_for(
    city: list[str], visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    make_department_user(department="economy", username="steward", password=DEMO_PASSWORD)
    first, second, third = Company.objects.order_by("pk").values_list("credit_code", flat=True)[:3]
    steward = visit()
    declare(steward, write_sample(tmp_path / "sample.xlsx", first, second))
    assert DatasetContract.objects.get(name="equipment_investment").declared_by.username == "steward"

    faulty = [(first, "2025", "1200000.50", "SB-1"), (second, "3021", "90000", "SB-2"), (third, "2025", "-5", "SB-3")]
    deliver(steward, write_delivery(tmp_path / "faulty.csv", faulty))
    quarantine = steward.page.locator("body")
    expect(quarantine).to_contain_text("不合常理；数据契约允许 1900 – 2199")
    expect(quarantine).to_contain_text("不合常理；数据契约允许 ≥ 0")
    steward.is_pictured("declared-quarantine-desktop-zh", whole=True)
    mended = [(second, "2025", "90000", "SB-2"), (third, "2025", "2500000", "SB-3")]
    deliver(steward, write_delivery(tmp_path / "mended.csv", mended))
    landed = Delivery.objects.filter(dataset="equipment_investment").order_by("pk")
    assert [(each.landed_count, each.quarantined_count) for each in landed] == [(1, 2), (2, 0)]

    write_policy(visit())
    version = Policy.objects.get(code=POLICY["code"]).versions.get()
    reviewer = visit(language="en-GB", **PHONE)
    publish(reviewer, reviewer.page, version.pk)
    while match_due(limit_companies=1000, now=timezone.now()) is not None:
        pass
    awards = Entitlement.objects.filter(version=version, status="open").order_by("amount_cny")
    assert [(each.company.credit_code, str(each.amount_cny)) for each in awards] == [
        (first, "120000.05"),
        (third, "250000.00"),
    ]
