"""
An owner looks at policies that exclude each other: the page says which one pays, and lets her choose where she may.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from companies.models import Company, Membership, User
from policies.models import Entitlement, Pool
from qinqing.demo.people import DEMO_PASSWORD
from tests.browser.conftest import DESKTOP, PHONE, Visitor
from tests.factories.companies import make_company
from tests.factories.entitlements import make_entitlement, make_version
from tests.factories.stacking import make_group

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def entitled(firm: Company, title_zh: str, title_en: str, amount_cny: int, **fields: object) -> Entitlement:
    today = timezone.localdate()
    window = {"opens_on": today, "closes_on": today + timedelta(days=30), "commitment_zh": "我承诺以上数据属实。"}
    version = make_version(**(window | fields))
    version.policy.title_zh, version.policy.title_en = title_zh, title_en
    version.policy.save()
    return make_entitlement(of=version, company=firm, amount_cny=amount_cny)


@pytest.fixture
def shop(live_server: object) -> Company:
    """A firm with entitlements in three groups and a pool, and its owner."""
    firm = make_company("杭州清茶有限公司")
    owner = User.objects.create_user("owner", password=DEMO_PASSWORD)
    Membership.objects.create(user=owner, company=firm)
    lower = entitled(firm, "省级专精特新奖励", "Provincial title award", 100_000)
    higher = entitled(firm, "国家级“小巨人”奖励", "National little giant award", 750_000)
    make_group(lower.version, higher.version)
    rent = entitled(firm, "租金补贴", "Rent subsidy", 60_000)
    relief = entitled(firm, "租金减免", "Rent relief", 45_000)
    make_group(rent.version, relief.version, rule="first_wins")
    first = entitled(firm, "水电补贴", "Utility subsidy", 8_000)
    second = entitled(firm, "纾困补贴", "Hardship relief", 20_000)
    together = make_group(first.version, second.version, rule="cap_together", cap_cny=18_000)
    together.title_zh, together.title_en = "困难行业补贴合计", "Relief for hard-hit trades"
    together.save()
    entitled(firm, "研发投入补贴", "Research subsidy", 900_000, pool=Pool.PROPORTIONAL)
    return firm


@pytest.mark.parametrize(("language", "device", "name"), [("zh-CN", PHONE, "phone-zh"), ("en-GB", DESKTOP, "desk-en")])
def test_the_page_says_which_is_paid_and_the_owner_chooses(
    shop: Company, visit: Callable[..., Visitor], language: str, device: dict[str, object], name: str
) -> None:
    owner = visit(language=language, **device)
    page = owner.page
    owner.signs_in("owner")
    expect(page.locator("strong[data-sum]")).to_have_text("¥828,000.00")
    owner.is_pictured(f"stacked-{name}", whole=True)
    card = page.locator(".policy-card", has=page.locator("form.instead"))
    expect(card).to_contain_text("Rent relief" if language == "en-GB" else "租金减免")
    card.locator("input[type=checkbox]").check()
    card.get_by_role("button").click()
    page.wait_for_url("**/claims/**")
    owner.opens(f"/firms/{shop.credit_code}/")
    expect(page.locator("strong[data-sum]")).to_have_text("¥768,000.00")
    owner.is_pictured(f"stacked-after-{name}", whole=True)
