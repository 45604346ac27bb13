"""Departments' lists on the pages: one officer uploads, another publishes, the firm claims, everybody reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company, User
from payouts.controls.post_audit import raise_withdrawn
from payouts.models import Payout, PostCheck
from policies.authoring.publish import match_version_again
from policies.deadlines.lapse import lapse_entitlements
from policies.deadlines.remind import remind_due
from policies.models import (
    Entitlement,
    ListStatus,
    PolicyVersion,
    Reminder,
    ReminderRound,
    WhiteList,
    WhiteListEntry,
)
from policies.white_lists.lists import withdraw_entry
from tests.factories.claims import claim_entitlements
from tests.factories.companies import make_company
from tests.factories.deliveries import make_all_deliveries
from tests.factories.payouts import settle_payouts
from tests.factories.people import give_rights, make_employee, make_officer, make_user
from tests.factories.policies import match_all
from tests.factories.white_lists import (
    FIRMS,
    list_file,
    list_person_row,
    list_row,
    make_checked_list,
    make_list_version,
    make_people_list_version,
    make_published_list,
)

pytestmark = pytest.mark.django_db

BRING = "/admin/policies/whitelist/bring/"
ROLES = ["officer", "finance", "department", "auditor"]


@pytest.fixture
def version() -> PolicyVersion:
    """A version in force today that pays by a public list and reminds firms."""
    now = timezone.now()
    make_all_deliveries(as_of_on=timezone.localdate())
    today = timezone.localdate()
    return make_list_version(
        now=now,
        opens_on=today,
        closes_on=today + dt.timedelta(days=30),
        list_is_public=True,
        reminders=["opening", "halfway", "three_days"],
    )


def asked(version: PolicyVersion, content: bytes, **fields: object) -> dict[str, object]:
    usual = {
        "version": version.pk,
        "department": "labour",
        "title": "百强企业名单",
        "document_number": "1号",
        "file": SimpleUploadedFile("名单.csv", content),
    }
    return usual | fields


def test_a_list_is_brought_checked_and_published_by_another_officer(
    version: PolicyVersion, browser: Callable[..., Client]
) -> None:
    company = make_company("杭州清茶有限公司")
    first, second = browser("first", role="officer"), browser("second", role="officer")
    # The theme's script writes the file's name into the first text field of a form, so a hidden field comes first.
    form = first.get(BRING).content.decode()
    assert form.index('<input type="text" hidden>') < form.index('name="title"')
    answer = first.post(BRING, asked(version, list_file(FIRMS, list_row(company, 900))))
    white_list = WhiteList.objects.get()
    page = reverse("admin:policies_whitelist_change", args=[white_list.pk])
    assert answer["Location"] == page
    assert "Known to the register" in first.get(page).content.decode()
    step = page.replace("/change/", "/{}/")
    assert "Another officer publishes it" in first.get(step.format("check")).content.decode()
    first.post(step.format("check"))
    # The officer who uploaded the list cannot publish it.
    assert first.post(step.format("publish")).status_code == 403
    assert "¥900.00" in second.get(step.format("publish")).content.decode()
    second.post(step.format("publish"))
    white_list.refresh_from_db()
    assert (white_list.status, white_list.published_by.username) == (ListStatus.PUBLISHED, "second")
    assert LogEntry.objects.filter(object_id=white_list.pk).count() == 3
    match_all(now=timezone.now())
    assert "can be claimed" in second.get(page).content.decode()
    # The same file, uploaded again, leads to the list that it became.
    again = second.post(BRING, asked(version, list_file(FIRMS, list_row(company, 900))))
    assert again["Location"] == page


def test_a_bad_file_names_its_rows_and_writes_nothing(version: PolicyVersion, browser: Callable[..., Client]) -> None:
    officer = browser("first", role="officer", language="zh-Hans")
    answer = officer.post(BRING, asked(version, list_file(FIRMS, list_row(make_company(), 0), ("123", "错", "5", ""))))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "第 2 行：金额不大于零" in page
    assert "第 3 行：“123”不是 18 位统一社会信用代码" in page
    assert not WhiteList.objects.exists()
    assert officer.post(BRING, asked(version, b"%PDF-1.7")).status_code == 422
    assert (
        officer.post(
            BRING, asked(version, list_file(FIRMS, list_row(make_company(), 5)), document_number="")
        ).status_code
        == 422
    )


STEPS = ["check", "publish", "reopen", "put-away"]


@pytest.mark.parametrize("role", ["finance", "department", "auditor", ""])
@pytest.mark.parametrize("name", STEPS)
def test_only_officers_take_the_steps_of_a_list(
    name: str, role: str, version: PolicyVersion, browser: Callable[..., Client]
) -> None:
    white_list = make_checked_list(version, list_row(make_company(), 5))
    answer = browser("somebody", role=role).post(f"/admin/policies/whitelist/{white_list.pk}/{name}/")
    assert answer.status_code in (302, 403)
    white_list.refresh_from_db()
    assert white_list.status == ListStatus.CHECKED


@pytest.mark.parametrize("role", ["finance", "department", "auditor", ""])
def test_only_officers_take_rows_back(role: str, version: PolicyVersion, browser: Callable[..., Client]) -> None:
    entry = make_published_list(version, list_row(make_company(), 5)).entries.get()
    browser("somebody", role=role).post(f"/admin/policies/whitelistentry/{entry.pk}/withdraw/", {"because": "x"})
    entry.refresh_from_db()
    assert entry.standing == "live"


@pytest.mark.parametrize(
    ("role", "status"), [("officer", 200), ("department", 200), ("finance", 403), ("auditor", 403)]
)
def test_who_may_bring_a_list(role: str, status: int, browser: Callable[..., Client]) -> None:
    assert browser("somebody", role=role).get(BRING).status_code == status


def test_a_department_brings_and_sees_its_own_lists_alone(
    version: PolicyVersion, browser: Callable[..., Client]
) -> None:
    foreign = make_checked_list(version, list_row(make_company(), 5), title="别人的名单")
    # A filter appears only if it has several choices.
    make_checked_list(version, list_row(make_company(), 5), title="又一份自己的名单", department="tax")
    clerk = browser("tax clerk", role="department")
    give_rights(User.objects.get(username="tax clerk"), department="tax")
    content = list_file(FIRMS, list_row(make_company(), 7))
    assert clerk.post(BRING, asked(version, content)).status_code == 422
    clerk.post(BRING, asked(version, content, department="tax"))
    own = WhiteList.objects.get(department="tax", title="百强企业名单")
    assert clerk.get(reverse("admin:policies_whitelist_change", args=[own.pk])).status_code == 200
    assert clerk.get(reverse("admin:policies_whitelist_change", args=[foreign.pk])).status_code == 404
    listed = clerk.get(reverse("admin:policies_whitelistentry_changelist")).content.decode()
    assert own.entries.get().credit_code in listed
    assert foreign.entries.get().credit_code not in listed
    assert "又一份自己的名单" in listed
    assert "别人的名单" not in listed


def test_putting_away_says_what_it_means_for_this_list(version: PolicyVersion, browser: Callable[..., Client]) -> None:
    official = browser("officer", role="officer")
    draft, counts = (
        make_checked_list(version, list_row(make_company(), 5)),
        make_published_list(version, list_row(make_company(), 5)),
    )
    for white_list, said in ((draft, "it is discarded"), (counts, "what was claimed stays")):
        page = official.get(reverse("admin:policies_whitelist_put_away", args=[white_list.pk])).content.decode()
        assert [sentence in page for sentence in ("it is discarded", "what was claimed stays")].count(True) == 1
        assert said in page


def test_a_person_of_a_list_stands_in_one_column_with_the_masked_number(browser: Callable[..., Client]) -> None:
    person = make_employee("王小芳")
    make_published_list(make_people_list_version(), list_person_row(make_company(), person, 800))
    page = browser("reader", role="auditor").get(reverse("admin:policies_whitelistentry_changelist")).content.decode()
    assert f"王小芳 {person.id_number_masked}" in page


def test_a_clerk_of_no_department_sees_no_list(version: PolicyVersion, browser: Callable[..., Client]) -> None:
    foreign = make_checked_list(version, list_row(make_company(), 5), title="别人的名单")
    clerk = browser("clerk of nothing", role="department")
    assert clerk.get(reverse("admin:policies_whitelist_change", args=[foreign.pk])).status_code == 302
    for page in ("whitelist", "whitelistentry"):
        shown = clerk.get(reverse(f"admin:policies_{page}_changelist")).content.decode()
        assert "别人的名单" not in shown
        assert foreign.entries.get().credit_code not in shown
    content = list_file(FIRMS, list_row(make_company(), 7))
    assert clerk.post(BRING, asked(version, content)).status_code == 422


def test_an_officer_takes_a_row_back_and_the_firm_reads_why(
    version: PolicyVersion, browser: Callable[..., Client]
) -> None:
    company = make_company()
    entry = make_published_list(version, list_row(company, 900)).entries.get()
    match_all(now=timezone.now())
    officer, owner = browser("officer", role="officer"), browser("owner", company)
    address = f"/admin/policies/whitelistentry/{entry.pk}/withdraw/"
    assert officer.get(address).status_code == 200
    officer.post(address, {"because": ""})
    entry.refresh_from_db()
    assert entry.standing == "live"
    officer.post(address, {"because": "重复享受"})
    reasons = owner.get(reverse("reasons", args=[company.credit_code, version.policy.code])).content.decode()
    assert "重复享受" in reasons
    assert officer.get(reverse("admin:policies_whitelistentry_change", args=[entry.pk])).status_code == 200


def test_what_was_claimed_before_a_row_is_taken_back_is_checked_afterwards(
    version: PolicyVersion, browser: Callable[..., Client]
) -> None:
    company = make_company()
    entry = make_published_list(version, list_row(company, 900)).entries.get()
    now = timezone.now()
    match_all(now=now)
    right = Entitlement.objects.get()
    claim_entitlements(entitlement_ids=[right.pk], company=company, commitment="", actor=make_user("clicker"), now=now)
    officer = User.objects.get_or_create(username="reviewer")[0]
    assert not withdraw_entry(entry=entry, because="误列", actor=officer, now=now)
    right.refresh_from_db()
    assert right.status == "claimed"
    assert raise_withdrawn(now=now) == 0, "it is not paid yet"
    settle_payouts(now=timezone.now())
    assert raise_withdrawn(now=now) == 1
    assert raise_withdrawn(now=now) == 0
    check = PostCheck.objects.get()
    assert (check.reason, check.payout) == ("facts", Payout.objects.get())


def test_the_firm_is_reminded_claims_and_is_not_reminded_any_more(
    version: PolicyVersion, browser: Callable[..., Client]
) -> None:
    company = make_company()
    make_published_list(version, list_row(company, 900))
    now = timezone.now()
    match_all(now=now)
    owner = browser("owner", company)
    address = reverse("firm", args=[company.credit_code])
    assert "data-reminder" not in owner.get(address).content.decode()
    remind_due(now=now)
    page = owner.get(address).content.decode()
    assert "reminder 1 of 3" in page
    assert "On the list “百强企业名单”" in page
    owner.post(reverse("claim", args=[company.credit_code]), {"offer": f"1:{Entitlement.objects.get().pk}=900.00"})
    assert Payout.objects.count() == 1
    assert "data-reminder" not in owner.get(address).content.decode()


def test_what_is_not_claimed_in_time_is_shown_as_waived(version: PolicyVersion, browser: Callable[..., Client]) -> None:
    company = make_company()
    make_published_list(version, list_row(company, 900))
    now = timezone.now()
    match_all(now=now)
    assert lapse_entitlements(now=now + dt.timedelta(days=31)) == 1
    page = browser("owner", company).get(reverse("firm", args=[company.credit_code])).content.decode()
    assert "Waived: not claimed in time" in page
    assert "¥900.00" in page
    public = Client(headers={"accept-language": "en"})
    assert (
        "1 entitlement was not claimed in time"
        in public.get(reverse("policy", args=[version.policy.code])).content.decode()
    )
    assert "waived" in public.get(reverse("white-list", args=[version.policy.code])).content.decode()
    officer = browser("officer", role="officer")
    page = officer.get(reverse("admin:policies_policyversion_change", args=[version.pk])).content.decode()
    assert "lapsed: not claimed in time" in page


def test_the_public_list_shows_firms_and_hides_persons(browser: Callable[..., Client]) -> None:
    now, today = timezone.now(), timezone.localdate()
    make_all_deliveries(as_of_on=today)
    window = {"now": now, "opens_on": today, "closes_on": today + dt.timedelta(days=30)}
    people, silent = make_people_list_version(list_is_public=True, **window), make_list_version(**window)
    worker = make_employee("王小芳")
    make_published_list(people, list_person_row(make_company(), worker, 800))
    make_published_list(silent, list_row(make_company("甲公司"), 5))
    anybody = Client(headers={"accept-language": "en"})
    page = anybody.get(reverse("white-list", args=[people.policy.code])).content.decode()
    assert "王**" in page
    assert "王小芳" not in page
    assert worker.id_number_masked not in page
    assert anybody.get(reverse("white-list", args=[silent.policy.code])).status_code == 404
    assert anybody.get(reverse("white-list", args=["nothing"])).status_code == 404
    assert anybody.get(reverse("white-list", args=[people.policy.code]), {"after": "x' OR 1"}).status_code == 200


def test_the_public_list_tells_apart_why_a_firm_is_paid_nothing() -> None:
    now, today = timezone.now(), timezone.localdate()
    make_all_deliveries(as_of_on=today)
    version = make_list_version(
        'company.size = "small"', list_is_public=True, now=now, opens_on=today, closes_on=today + dt.timedelta(days=30)
    )
    grown, back, other = make_company("变大公司"), make_company("收回公司"), make_company("改领公司")
    never = make_company("大公司", size="large")
    listed = make_published_list(version, *(list_row(each, 5) for each in (grown, back, other, never)))

    def standing(company: Company) -> str:
        page = Client(headers={"accept-language": "en"}).get(reverse("white-list", args=[version.policy.code]))
        return {each.name: each.status for each in page.context["list"].rows}[company.name]

    assert standing(never) == "undecided"
    match_all(now=now)
    assert (standing(never), standing(grown)) == ("none", "open")
    Company.objects.filter(pk=grown.pk).update(size="large")
    entry = listed.entries.get(credit_code=back.credit_code)
    withdraw_entry(entry=entry, because="误列", actor=make_officer(), now=now)
    match_version_again(version=version, now=now)
    assert standing(never) == "undecided"
    match_all(now=now)
    Entitlement.objects.filter(company=other).update(status="superseded")
    assert [standing(each) for each in (grown, back, other)] == ["withdrawn", "taken_back", "superseded"]
    page = Client(headers={"accept-language": "en"}).get(reverse("white-list", args=[version.policy.code]))
    for sentence in (
        "taken back by the department",
        "conditions do not hold now",
        "another policy was claimed instead",
    ):
        assert page.content.decode().count(sentence) == 1
    assert "being checked" not in page.content.decode()


def test_the_public_list_comes_in_pages(version: PolicyVersion) -> None:
    make_published_list(version, *(list_row(make_company(f"公司{number}"), 5) for number in range(51)))
    first = Client(headers={"accept-language": "en"}).get(reverse("white-list", args=[version.policy.code]))
    assert first.content.decode().count("¥5.00") == 50
    last = WhiteListEntry.objects.order_by("pk")[49].pk
    second = Client().get(reverse("white-list", args=[version.policy.code]), {"after": last})
    assert second.content.decode().count("¥5.00") == 1


def test_the_policy_says_how_it_is_paid(version: PolicyVersion) -> None:
    anybody = Client(headers={"accept-language": "en"})
    page = anybody.get(reverse("policy", args=[version.policy.code])).content.decode()
    assert "The department publishes a list" in page
    assert "up to ¥200,000" in page
    calculated = anybody.post(reverse("calculator", args=[version.policy.code])).content.decode()
    assert "only whom the department’s list names is paid" in calculated.replace("&#x27;", "’")


@pytest.mark.parametrize(
    ("role", "status"), [("officer", 200), ("auditor", 200), ("finance", 403), ("department", 403)]
)
def test_who_takes_reminders_away(
    role: str, status: int, version: PolicyVersion, browser: Callable[..., Client]
) -> None:
    company = make_company("杭州清茶有限公司")
    make_published_list(version, list_row(company, 900))
    match_all(now=timezone.now())
    remind_due(now=timezone.now())
    done = ReminderRound.objects.get()
    answer = browser("somebody", role=role).get(f"/admin/policies/reminderround/{done.pk}/export/")
    assert answer.status_code == status
    if status == 200:
        text = b"".join(answer.streaming_content).decode()
        assert text.startswith("\ufeff")
        assert company.credit_code in text
        assert text.count("\r\n") == 2


@pytest.mark.parametrize("role", ROLES)
def test_reminders_and_lists_are_read_by_role(
    role: str, version: PolicyVersion, browser: Callable[..., Client]
) -> None:
    make_published_list(version, list_row(make_company(), 900))
    match_all(now=timezone.now())
    remind_due(now=timezone.now())
    official = browser("somebody", role=role)
    pages = {"whitelist": True, "whitelistentry": True, "reminder": role in ("officer", "auditor")}
    for page, is_open in pages.items():
        answer = official.get(reverse(f"admin:policies_{page}_changelist"))
        assert (answer.status_code == 200) is is_open, page
    if pages["reminder"]:
        reminder = Reminder.objects.get()
        assert official.get(reverse("admin:policies_reminder_change", args=[reminder.pk])).status_code == 200


def test_companies_that_a_list_does_not_name_read_so(version: PolicyVersion, browser: Callable[..., Client]) -> None:
    named, other = make_company(), make_company()
    address = "reasons"
    client = browser("owner", named, other)

    def told(company: Company) -> str:
        return client.get(reverse(address, args=[company.credit_code, version.policy.code])).content.decode()

    assert "has not published its list yet" in told(other)
    make_published_list(version, list_row(named, 900))
    assert "does not name the firm" in told(other)
    assert "names the firm on its list" in told(named)
