"""A department's list in real browsers: one officer uploads it, another publishes it, the owner claims on a phone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from companies.models import Company, Membership, User
from policies.authoring.draft import create_policy, draft_version
from policies.authoring.publish import publish_version
from policies.authoring.review import submit_version
from policies.deadlines.remind import remind_due
from policies.matching.run import match_due
from policies.models import Entitlement, ListStatus, Policy, WhiteList
from qinqing.demo.people import DEMO_PASSWORD
from tests.browser.conftest import PHONE, Visitor
from tests.factories.companies import make_company

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def listed(city: list[str]) -> tuple[Policy, Company]:
    """A policy in force that pays by a list, and a firm of the owner's with an account."""
    today = timezone.localdate()
    policy = create_policy(
        code="P-23-L",
        title_zh="国家高新技术企业认定奖励",
        title_en="Award for national high-tech recognition",
        summary_zh="",
        summary_en="",
        department="science",
    )
    writer, reviewer = (User.objects.get(username=name) for name in ("officer", "officer2"))
    version = draft_version(
        policy=policy,
        clauses=[],
        actor=writer,
        track="whitelist",
        amount_feel="200000",
        granted_cny=1_000_000,
        opens_on=today,
        closes_on=today.replace(year=today.year + 1),
        list_is_public=True,
        reminders=["opening", "halfway", "three_days"],
        commitment_zh="本企业承诺所报情况属实。",
        commitment_en="We state that this is true.",
    )
    now = timezone.now()
    submit_version(version=version, actor=writer, now=now)
    publish_version(version=version, actor=reviewer, now=now)
    company = make_company("杭州清茶科技有限公司")
    owner = User.objects.create(username="tea", first_name="茶主")
    owner.set_password(DEMO_PASSWORD)
    owner.save()
    Membership.objects.create(user=owner, company=company)
    return policy, company


def file_of(path: Path, *rows: tuple[str, ...]) -> Path:
    text = io.StringIO()
    csv.writer(text).writerows([("统一社会信用代码", "企业名称", "金额", "备注"), *rows])
    path.write_text(text.getvalue())
    return path


def brings(officer: Visitor, policy: Policy, company: Company, folder: Path) -> WhiteList:
    """
    Upload a file with faults, of which the page names each row and writes nothing; then upload and check a sound file.
    """
    page = officer.page
    officer.signs_in("officer")
    officer.opens("/admin/policies/whitelist/")
    page.get_by_text("上传名单").first.click()
    page.select_option("[name=version]", label=f"{policy.code} v1")
    page.select_option("[name=department]", "science")
    page.fill("[name=title]", "2026 年第一批认定名单")
    page.fill("[name=document_number]", "杭科高〔2026〕9号")
    bad = file_of(folder / "bad.csv", (company.credit_code, company.name, "0", ""), ("123", "错号", "5", ""))
    page.set_input_files("[name=file]", bad)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.locator(".officer-button").click()
    expect(page.locator("#faults li")).to_have_count(2)
    expect(page.locator("#faults")).to_contain_text("第 2 行：金额不大于零")
    officer.is_pictured("list-faults-desktop-zh", whole=True)
    officer.faults.clear()
    assert not WhiteList.objects.filter(version__policy=policy).exists()

    row = (company.credit_code, "清茶科技（旧名）", "100000.00", "首次认定")
    page.set_input_files("[name=file]", file_of(folder / "good.csv", row, ("合计", "", "100000", "")))
    page.locator(".officer-button").click()
    expect(page.locator(".list-preview")).to_contain_text("与登记名称不一致")
    expect(page.locator(".list-preview")).to_contain_text("¥100,000.00")
    officer.is_pictured("list-preview-desktop-zh", whole=True)
    white_list = WhiteList.objects.get(version__policy=policy)
    officer.opens(f"/admin/policies/whitelist/{white_list.pk}/check/")
    page.locator(".officer-button").click()
    expect(page.locator("body")).to_contain_text("名单等待另一位政策管理员发布")
    expect(page.get_by_role("link", name="发布", exact=True)).to_have_count(0)
    return white_list


def publishes(second: Visitor, white_list: WhiteList) -> None:
    """The second officer reads which name differs, and publishes; matching and the first reminder follow."""
    second.signs_in("officer2")
    second.opens(f"/admin/policies/whitelist/{white_list.pk}/publish/")
    expect(second.page.locator("body")).to_contain_text("registered as “杭州清茶科技有限公司”")
    fits(second)
    second.is_pictured("list-publish-phone-en", whole=True)
    second.page.locator(".officer-button").click()
    expect(second.page.locator("body")).to_contain_text("The list is published")
    white_list.refresh_from_db()
    assert (white_list.status, white_list.published_by.username) == (ListStatus.PUBLISHED, "officer2")
    now = timezone.now()
    while match_due(limit_companies=1000, now=now) is not None:
        pass
    remind_due(now=now)


def fits(visitor: Visitor) -> None:
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]


def test_a_list_is_brought_published_by_a_second_officer_and_claimed_on_a_phone(
    listed: tuple[Policy, Company], visit: Callable[..., Visitor], tmp_path: Path, bank_opens: Callable[[], object]
) -> None:
    policy, company = listed
    publishes(visit(language="en-GB", **PHONE), brings(visit(), policy, company, tmp_path))

    everybody = visit(**PHONE)
    everybody.opens(f"/policies/{policy.code}/list/")
    expect(everybody.page.locator("tbody tr")).to_have_count(1)
    fits(everybody)
    everybody.is_pictured("list-public-phone-zh", whole=True)

    owner = visit(**PHONE)
    owner.signs_in("tea")
    expect(owner.page.locator("[data-reminder]")).to_contain_text("第 1 次提醒，共 3 次")
    expect(owner.page.locator(".offers")).to_contain_text("列入名单“2026 年第一批认定名单”")
    fits(owner)
    owner.is_pictured("list-claim-phone-zh", whole=True)
    with bank_opens():
        owner.page.check("#is_accepted")
        owner.page.locator("[data-submit]").first.click()
        expect(owner.page.locator("main")).to_contain_text("已到账")
    assert Entitlement.objects.get(company=company, policy=policy).status == "claimed"
    owner.opens(f"/firms/{company.credit_code}/")
    expect(owner.page.locator("[data-reminder]")).to_have_count(0)
