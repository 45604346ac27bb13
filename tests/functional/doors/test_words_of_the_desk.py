"""The officials' pages are in the reader's language, down to units, roles and the pages of libraries."""

from __future__ import annotations

from decimal import Decimal

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import translation

from payouts.controls.circuit_breaker import _refusals
from payouts.ledger.funds import open_funds
from payouts.ledger.grants import propose_grant
from payouts.models import ReplyLine
from payouts.replies.admin.reply_files import _amount
from policies.models import Breaker, Entitlement, MatchRun
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.dataset_models import TaxYear
from tests.factories.deliveries import make_all_deliveries, make_row
from tests.factories.entitlements import make_version
from tests.factories.payouts import make_payout, make_sealed_batch
from tests.factories.people import make_user
from tests.factories.policies import make_draft, make_published, match_all
from tests.functional.officers.test_policy_admin import address

pytestmark = pytest.mark.django_db


def administrator(language: str = "zh-hans") -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(make_user(f"admin-{language}", is_staff=True, is_superuser=True))
    return client


def read(client: Client, model: str, page: str = "changelist", *args: object) -> str:
    answer = client.get(reverse(f"admin:{model}_{page}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def test_entitlements_and_runs_have_chinese_columns_and_filters() -> None:
    make_all_deliveries()
    make_company()
    make_published("true")
    match_all()
    client = administrator()
    pages = [
        read(client, "policies_entitlement"),
        read(client, "policies_entitlement", "change", Entitlement.objects.get().pk),
        read(client, "policies_matchrun"),
        read(client, "policies_matchrun", "change", MatchRun.objects.get().pk),
    ]
    for page in pages:
        for english in ("ubject key", "eriod key", "ersion hash", "tale datasets", ">Version", ">Company", ">Employee"):
            assert english not in page
        assert "By policy" not in page


def test_roles_are_given_and_looked_for_by_their_names() -> None:
    client = administrator()
    form = read(client, "companies_user", "propose_roles", make_user("new", is_staff=True).pk)
    assert '<option value="officer">政策管理员</option>' in form
    assert "政策管理员" in read(client, "companies_user")
    assert "财务人员" in read(client, "auth_group")
    assert "policy officer" in read(administrator("en"), "auth_group")


def test_a_role_that_an_administrator_made_keeps_its_name() -> None:
    Group.objects.create(name="夜班")
    assert "夜班" in read(administrator(), "auth_group")


def test_the_pages_of_sign_ins_are_in_chinese_too() -> None:
    tried = {"user_agent": "x", "ip_address": "10.0.0.1", "username": "lin", "http_accept": "*/*", "path_info": "/"}
    attempt = AccessAttempt.objects.create(**tried, get_data="", post_data="", failures_since_start=5)
    failure, entry = AccessFailureLog.objects.create(**tried), AccessLog.objects.create(**tried)
    client = administrator()
    shown = "".join(
        read(client, f"axes_{row._meta.model_name}") + read(client, f"axes_{row._meta.model_name}", "change", row.pk)
        for row in (attempt, failure, entry)
    )
    for english in ("Failed Logins", "POST Data", "GET Data", "User Agent", "IP Address", "Meta Data", "Attempt Time"):
        assert english not in shown
    assert "已锁定" in shown


def test_units_are_in_the_readers_language() -> None:
    client = sign_in_official("officer")
    page = client.get(address(make_draft("true"))).content.decode()
    vocabulary = page[page.index("vocabulary-words") :]
    assert "(yuan)" in vocabulary
    assert "(元)" not in vocabulary
    query = f"{reverse('admin:policies_suggest_rule')}?field=clauses-0-feel"
    typed = {"clauses-0-feel": "rev", "subject": "company", "cursor": 3}
    suggested = client.post(query, typed).content.decode()
    assert "(yuan)" in suggested
    assert "number (元)" not in suggested


def test_a_fund_is_called_by_its_policys_title_in_the_readers_language() -> None:
    version = make_version()
    open_funds(version_ids=[version.pk], now=NOW)
    page = read(administrator("en"), "payouts_fund")
    assert version.policy.title.en in page
    assert version.policy.title.zh not in page


def test_the_facts_of_an_entitlement_scroll_on_a_phone() -> None:
    make_all_deliveries()
    make_company()
    make_published('company.size = "small"')
    match_all()
    page = read(sign_in_official("officer"), "policies_entitlement", "change", Entitlement.objects.get().pk)
    facts = page.index('<table class="officer-table"')
    assert page.rindex("officer-scroll", 0, facts) > facts - 60


@pytest.mark.parametrize(("language", "verb"), [("en", "Cancel the payout"), ("zh-hans", "取消该兑付单")])
def test_the_button_that_cancels_a_payout_says_so(language: str, verb: str) -> None:
    payout = make_payout()
    page = read(administrator(language), "payouts_payout", "cancel", payout.pk)
    assert f">{verb}</button>" in page


@pytest.mark.parametrize(
    ("language", "batch", "grant"), [("zh-hans", "复核通过", "确认"), ("en", "Approve", "Confirm")]
)
def test_a_grant_is_approved_and_a_batch_checked(language: str, batch: str, grant: str) -> None:
    version = make_version()
    open_funds(version_ids=[version.pk], now=NOW)
    entered = propose_grant(version=version, amount_cny=5, because="预算", actor=make_user("maker"), now=NOW)
    client = administrator(language)
    assert f">{batch}</button>" in read(client, "payouts_batch", "approve", make_sealed_batch().pk)
    assert f">{grant}</button>" in read(client, "proposals_proposal", "confirm", entered.pk)


def test_chinese_says_that_a_breaker_trips_when_its_limit_is_reached() -> None:
    with translation.override("zh-hans"):
        sentence = _refusals(3, 10, Breaker(refused_minutes=5, refused_count=3, refused_percent=30))
    assert "达到 3 笔且达到 30 %" in sentence
    assert "超过" not in sentence


def test_amounts_of_reply_files_are_written_as_amounts() -> None:
    assert _amount(ReplyLine(amount_cny=Decimal("1234.5"), amount_said="")) == "¥1,234.50"
    assert _amount(ReplyLine(amount_said="12,x")) == "12,x"
    assert _amount(ReplyLine(amount_said="")) == "—"


def test_the_rows_of_a_dataset_have_its_own_words_as_titles() -> None:
    make_row(TaxYear, make_company(), year=2024)
    assert "营业收入" in read(administrator(), "companies_datasetcontract", "rows", "tax")
    assert "营业收入" not in read(administrator("en"), "companies_datasetcontract", "rows", "tax")
