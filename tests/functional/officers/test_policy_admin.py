"""The officer's desk: it refuses a wrong rule and names the place; publishing asks first, and acts by POST."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from companies.models import User
from policies.authoring.admin.forms import VersionForm
from policies.authoring.parts import ExampleText, ParameterText, TableText, ValueText
from policies.authoring.review import send_version_back, submit_version
from policies.authoring.suspend import suspend_version
from policies.models import Entitlement, MatchRun, Policy, PolicyVersion, VersionStatus
from policies.preview.run import ask_for_preview
from qinqing.proposals.models import Proposal
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.companies import make_company
from tests.factories.deliveries import make_all_deliveries
from tests.factories.people import give_roles, make_officer
from tests.factories.policies import make_draft, make_policy, make_published, make_submitted, match_all

pytestmark = pytest.mark.django_db

PASSWORD = "long-enough-for-a-test"


def address(version: PolicyVersion, page: str = "change") -> str:
    if page == "change":
        return reverse("admin:policies_policyversion_change", args=[version.pk])
    return reverse(f"admin:policies_policyversion_{page}", args=[version.pk])


def stands(version: PolicyVersion) -> str:
    return PolicyVersion.objects.get(pk=version.pk).status


def parts(prefix: str, *rows: dict[str, object]) -> dict[str, object]:
    """What the browser posts for the parts of one kind."""
    counted = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": sum("id" in row for row in rows)}
    limits = {f"{prefix}-MIN_NUM_FORMS": 0, f"{prefix}-MAX_NUM_FORMS": 1000}
    posted = {f"{prefix}-{place}-{name}": value for place, row in enumerate(rows) for name, value in row.items()}
    return counted | limits | posted


def form(version: PolicyVersion | None = None, *, clauses: list[tuple[str, str]] = (), **changed: object) -> dict:
    """What the browser posts: the version's fields and the conditions as (order, rule)."""
    fields = {
        "policy": version.policy_id if version else "",
        "subject": "company",
        "payee": "company",
        "amount_feel": "100",
        "track": "instant",
        "pool": "first_come",
        "opens_on": "2026-03-02",
        "granted_cny": "1000",
        "clauses-TOTAL_FORMS": len(clauses),
        "clauses-INITIAL_FORMS": 0,
        "clauses-MIN_NUM_FORMS": 0,
        "clauses-MAX_NUM_FORMS": 1000,
    }
    for prefix in ("parameters", "tables", "examples"):
        fields |= parts(prefix)
    if version is not None:
        fields["seen"] = VersionForm(instance=PolicyVersion.objects.get(pk=version.pk)).initial["seen"]
    existing = list(version.clauses.order_by("position")) if version else []
    fields["clauses-INITIAL_FORMS"] = min(len(existing), len(clauses))
    for index, (place, feel) in enumerate(clauses):
        fields |= {f"clauses-{index}-title_zh": f"条件{index}", f"clauses-{index}-place": place}
        fields[f"clauses-{index}-feel"] = feel
        if index < len(existing):
            fields |= {f"clauses-{index}-id": existing[index].pk, f"clauses-{index}-version": version.pk}
    return fields | changed


def test_an_officer_writes_a_draft(officer: Client) -> None:
    policy = make_policy("P-99")
    page = reverse("admin:policies_policyversion_add")
    assert b"company.industry" in officer.get(page).content
    clauses = [("2", 'company.size = "small"'), ("1", 'company.standing = "active"'), ("", "count(credit) = 0")]
    response = officer.post(page, form(clauses=clauses, policy=policy.pk))
    assert response.status_code == 302
    version = PolicyVersion.objects.get(policy=policy)
    assert (version.number, version.status) == (1, VersionStatus.DRAFT)
    texts = version.clauses.order_by("position").values_list("position", "feel")
    assert list(texts) == [(1, 'company.standing = "active"'), (2, 'company.size = "small"'), (3, "count(credit) = 0")]


def test_conditions_are_changed_removed_and_reordered(officer: Client) -> None:
    version = make_draft("true", 'company.size = "small"')
    clauses = [("2", "not(false)"), ("1", 'company.size = "small"')]
    assert officer.post(address(version), form(version, clauses=clauses)).status_code == 302
    rules = version.clauses.order_by("position").values_list("feel", flat=True)
    assert list(rules) == ['company.size = "small"', "not(false)"]
    removing = form(
        version, clauses=[("1", 'company.size = "small"'), ("2", "not(false)")], **{"clauses-1-DELETE": "on"}
    )
    assert officer.post(address(version), removing).status_code == 302
    assert list(version.clauses.values_list("position", "feel")) == [(1, 'company.size = "small"')]


def test_a_draft_stays_with_its_policy(officer: Client) -> None:
    version, other = make_draft("true"), make_draft("true")
    assert 'name="policy"' not in officer.get(address(version)).content.decode()
    assert officer.post(address(version), form(version, policy=other.policy_id)).status_code == 302
    assert PolicyVersion.objects.get(pk=version.pk).policy_id == version.policy_id


def test_an_officer_deletes_a_draft_that_nobody_has_reviewed(officer: Client) -> None:
    facts = {"company": {"staff": 5}}
    example = ExampleText(title="五人", facts=facts, expected_verdict="eligible", expected_cny=Decimal(100))
    staff = {"label_zh": "人数", "label_en": "staff", "feel": "company.staff"}
    table = TableText("rate", "比例", (staff,), ({"cells": ["-"], "output": "1"},))
    version = make_draft(
        "true",
        parameters=[ParameterText("base", "基数", (ValueText(Decimal(3)),))],
        tables=[table],
        examples=[example],
    )
    ask_for_preview(version=version, actor=None, now=NOW)
    assert officer.get(address(version, "delete")).status_code == 200
    assert officer.post(address(version, "delete"), {"post": "yes"}).status_code == 302
    assert not PolicyVersion.objects.filter(pk=version.pk).exists()


def test_nobody_deletes_a_version_that_was_reviewed(officer: Client) -> None:
    sent_back = send_version_back(version=make_submitted("true"), actor=make_officer(), because="again", now=NOW)
    for version in (sent_back, make_submitted("true"), make_published("true")):
        assert officer.post(address(version, "delete"), {"post": "yes"}).status_code == 403
        assert PolicyVersion.objects.filter(pk=version.pk).exists()


def test_an_officer_deletes_a_policy_without_versions(officer: Client) -> None:
    empty, written = make_policy(), make_draft("true").policy
    page = reverse("admin:policies_policy_delete", args=[empty.pk])
    assert officer.get(page).status_code == 200
    assert officer.post(page, {"post": "yes"}).status_code == 302
    refused = officer.post(reverse("admin:policies_policy_delete", args=[written.pk]), {"post": "yes"})
    assert refused.status_code == 403
    assert list(Policy.objects.filter(pk__in=[empty.pk, written.pk])) == [written]


def test_a_condition_that_does_not_check_is_refused_with_its_place(officer: Client) -> None:
    version = make_draft("true")
    response = officer.post(
        address(version), form(version, clauses=[("1", 'company.standing = "active"\nand company.industri = 5')])
    )
    page = response.content.decode()
    assert response.status_code == 200
    assert "Condition 1, line 2, character 13" in page
    assert "company.industry" in page  # Did you mean …
    assert "\n            ^^^^^^^^" in page
    assert version.clauses.get().feel == "true"


def test_the_refusal_speaks_chinese_to_a_chinese_browser(officer: Client) -> None:
    version = make_draft("true")
    response = officer.post(
        address(version), form(version, clauses=[("1", "company.nothing")]), headers={"accept-language": "zh-hans"}
    )
    assert "条件 1第 1 行第 9 个字符" in response.content.decode()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"amount_feel": "company.size"}, "Amount, line 1"),
        ({"amount_feel": "sale.retail"}, "Amount, line 1"),
        ({"closes_on": "2026-03-01"}, "lies before the first one"),
        ({"cap_cny": "0"}, "has to be above zero"),
        ({"minimum_cny": "-1"}, "cannot be negative"),
        ({"granted_cny": "-1"}, "cannot be negative"),
        ({"payee": "employee"}, "can pay the person"),
    ],
)
def test_a_version_that_contradicts_itself_is_refused(officer: Client, changed: dict, sentence: str) -> None:
    version = make_draft("true")
    response = officer.post(address(version), form(version, clauses=[("1", "true")], **changed))
    assert response.status_code == 200
    assert sentence in response.content.decode()
    version.refresh_from_db()
    assert (version.amount_feel, version.payee, version.granted_cny) == ("100", "company", Decimal(1_000_000))


def test_a_rule_is_shown_as_text_and_nothing_else(officer: Client) -> None:
    version = make_draft("true")
    response = officer.post(address(version), form(version, clauses=[("1", "<script>alert(1)</script>")]))
    assert b"<script>alert(1)" not in response.content


def test_who_matches_shows_count_total_and_first_firms(officer: Client) -> None:
    make_all_deliveries()
    make_company("杭州小店有限公司", size="small")
    make_company(size="large")
    version = make_draft('company.size = "small"', amount="2000", granted_cny=Decimal(1500))
    page = officer.get(address(version, "who_matches")).content.decode()
    assert "杭州小店有限公司" in page
    assert "¥2,000.00" in page
    assert "does not reach for everybody" in page
    assert not Entitlement.objects.exists()


def test_submitting_hands_a_draft_to_somebody_else(officer: Client) -> None:
    make_all_deliveries()
    make_company()
    officer.post(reverse("admin:policies_policyversion_add"), form(clauses=[("1", "true")], policy=make_policy().pk))
    version = PolicyVersion.objects.get()
    assert officer.get(address(version, "publish")).status_code == 403
    asked = officer.get(address(version, "submit")).content.decode()
    assert "not a word of it can be changed" in asked
    assert "It has no example yet" in asked
    assert stands(version) == VersionStatus.DRAFT
    assert "waits for another officer" in officer.post(address(version, "submit"), follow=True).content.decode()
    assert stands(version) == VersionStatus.SUBMITTED
    assert b"<textarea" not in officer.get(address(version)).content

    read = {"reviewed_hash": PolicyVersion.objects.get().content_hash}
    refused = officer.post(address(version, "publish"), read, follow=True).content.decode()
    assert "somebody else has to publish it" in refused
    assert stands(version) == VersionStatus.SUBMITTED


def test_a_second_officer_publishes_by_post(officer: Client) -> None:
    make_all_deliveries()
    make_company()
    version = make_submitted("true")
    assert "1 subjects of 1 firms" in officer.get(address(version, "publish")).content.decode()
    assert stands(version) == VersionStatus.SUBMITTED
    response = officer.post(address(version, "publish"), {"reviewed_hash": version.content_hash}, follow=True)
    assert "is published" in response.content.decode()
    version.refresh_from_db()
    assert (version.status, version.published_by.username) == (VersionStatus.PUBLISHED, "officer")
    assert MatchRun.objects.filter(version=version).exists()


def test_whoever_only_edited_the_draft_does_not_publish_it(officer: Client) -> None:
    version = make_draft("true")
    officer.post(address(version), form(version, clauses=[("1", "not(false)")]))
    submit_version(version=version, actor=make_officer("writer"), now=NOW)
    version.refresh_from_db()
    page = officer.post(address(version, "publish"), {"reviewed_hash": version.content_hash}, follow=True)
    assert "somebody else has to publish it" in page.content.decode()
    assert stands(version) == VersionStatus.SUBMITTED


def test_what_was_not_read_is_not_published(officer: Client) -> None:
    version = make_submitted("true")
    page = officer.post(address(version, "publish"), follow=True).content.decode()
    assert "review it anew" in page
    assert stands(version) == VersionStatus.SUBMITTED


def test_a_version_is_sent_back_with_a_reason(officer: Client) -> None:
    version = make_submitted("true")
    assert "What has to change?" in officer.get(address(version, "send_back")).content.decode()
    assert "Say what has to change." in officer.post(address(version, "send_back"), follow=True).content.decode()
    officer.post(address(version, "send_back"), {"because": "Name the year."})
    assert stands(version) == VersionStatus.DRAFT
    assert officer.get(address(version)).content.count(b"<textarea")


def test_a_version_in_force_is_replaced_only_when_the_page_said_so(officer: Client) -> None:
    old = make_published("true")
    new = make_submitted("not(false)", policy=old.policy)
    read = {"reviewed_hash": new.content_hash}
    response = officer.post(address(new, "publish"), read, follow=True)
    assert f"{old} is in force; close it, or replace it." in response.content.decode()
    assert str(old) in officer.get(address(new, "publish")).content.decode()
    officer.post(address(new, "publish"), {"replaces": old.pk, **read})
    assert (stands(old), stands(new)) == (VersionStatus.CLOSED, VersionStatus.PUBLISHED)


def test_suspending_says_that_two_lift_it_and_they_do(officer: Client) -> None:
    version = make_published("true")
    assert "Two people lift the suspension" in officer.get(address(version, "suspend")).content.decode()
    officer.post(address(version, "suspend"), {"because": "The list was wrong."})
    assert stands(version) == VersionStatus.SUSPENDED
    suspension = reverse("admin:policies_suspension_change", args=[version.suspensions.get().pk])
    assert address(version, "lift") in officer.get(suspension).content.decode()
    assert "The list was wrong." in officer.get(address(version, "lift")).content.decode()
    refused = officer.post(address(version, "lift"), {"because": " "}, follow=True).content.decode()
    assert "Say what was found" in refused
    told = officer.post(address(version, "lift"), {"because": "It is right."}, follow=True).content.decode()
    assert "A colleague has to confirm" in told
    assert stands(version) == VersionStatus.SUSPENDED
    proposal = Proposal.objects.get()
    waits = reverse("admin:proposals_proposal_change", args=[proposal.pk])
    for page in (address(version), suspension):
        assert waits in officer.get(page).content.decode()
        assert address(version, "lift") not in officer.get(page).content.decode(), "it is proposed once"
    step = reverse("admin:proposals_proposal_confirm", args=[proposal.pk])
    assert officer.get(step).status_code == 403
    second = sign_in_official("officer", "second")
    page = second.get(step).content.decode()
    assert all(said in page for said in ("The list was wrong.", "It is right.", "The whole city is decided again"))
    second.post(step)
    assert stands(version) == VersionStatus.PUBLISHED


def test_closing_says_what_lapses(officer: Client) -> None:
    make_all_deliveries()
    make_company()
    version = make_published("true")
    match_all()
    asked = officer.get(address(version, "close")).content.decode()
    assert "1 entitlement that nobody has claimed lapses for good: ¥100.00." in asked
    assert "Why is it closed?" in asked
    for blank in ({}, {"because": "  "}):
        refused = officer.post(address(version, "close"), blank, follow=True).content.decode()
        assert "Say why it is closed" in refused
        assert stands(version) == VersionStatus.PUBLISHED
    officer.post(address(version, "close"), {"because": "The budget was cut."})
    version.refresh_from_db()
    assert (version.status, version.closed_by.username) == (VersionStatus.CLOSED, "officer")
    assert version.moved_because == "The budget was cut."


def test_who_wrote_a_version_takes_it_back_without_a_reason_and_others_send_it_back(officer: Client) -> None:
    version = make_submitted("true")
    other, author = officer, Client(headers={"accept-language": "en"})
    author.force_login(give_roles(make_officer("writer"), "officer"))
    assert other.get(address(version, "take_back")).status_code == 403
    assert other.post(address(version, "take_back")).status_code == 403
    assert author.get(address(version, "send_back")).status_code == 403
    for client, offered, hidden in ((author, "take_back", "send_back"), (other, "send_back", "take_back")):
        page = client.get(address(version)).content.decode()
        assert address(version, offered) in page
        assert address(version, hidden) not in page
    assert "<textarea" not in author.get(address(version, "take_back")).content.decode()
    author.post(address(version, "take_back"))
    assert stands(version) == VersionStatus.DRAFT


def test_a_published_version_is_read_only_and_can_be_copied(officer: Client) -> None:
    version = make_published('company.size = "small"')
    assert b"<textarea" not in officer.get(address(version)).content
    assert officer.post(address(version), form(version, clauses=[("1", "true")])).status_code == 403
    assert officer.get(address(version, "publish")).status_code == 403
    officer.post(address(version, "copy"))
    copy = PolicyVersion.objects.get(policy=version.policy, status=VersionStatus.DRAFT)
    assert (copy.number, copy.clauses.get().feel) == (2, 'company.size = "small"')


def test_matching_can_be_asked_for_again(officer: Client) -> None:
    version = make_published("true")
    match_all()
    officer.post(address(version, "match_again"))
    assert MatchRun.objects.filter(version=version, finished_at=None).count() == 1


READ = ("change", "who_matches")
STEPS = {
    "draft": ("submit", "copy"),
    "submitted": ("publish", "send_back"),
    "published": ("suspend", "match_again"),
    "suspended": ("lift", "close"),
}


def cast() -> dict[str, PolicyVersion]:
    """A version in each status that has steps."""
    found = {"draft": make_draft("true"), "submitted": make_submitted("true"), "published": make_published("true")}
    suspend_version(
        version=(stopped := make_published("true")), actor=make_officer("writer"), reason="a doubt", now=NOW
    )
    return {**found, "suspended": stopped}


@pytest.mark.parametrize(("role", "reads"), [("auditor", True), ("finance", True), ("department", False)])
def test_only_officers_write(role: str, reads: bool) -> None:
    client, versions = sign_in_official(role), cast()
    for status, version in versions.items():
        for page in READ:
            assert client.get(address(version, page)).status_code == (200 if reads else 403), page
        assert client.post(address(version), form(version, clauses=[("1", "false")])).status_code == 403
        for page in STEPS[status]:
            assert client.get(address(version, page)).status_code == 403, page
            assert client.post(address(version, page), {"because": "x"}).status_code == 403, page
        assert stands(version) == status


def test_each_step_has_its_status(officer: Client) -> None:
    for status, version in cast().items():
        for page in {page for pages in STEPS.values() for page in pages} - {"copy", "close"}:
            expected = 200 if page in STEPS[status] else 403
            assert officer.get(address(version, page)).status_code == expected, (status, page)


def test_an_owner_and_a_stranger_do_not_get_in() -> None:
    version, client = make_draft("true"), Client()
    for user in (None, User.objects.create_user(username="owner", password=PASSWORD)):
        if user:
            client.force_login(user)
        for page in (*READ, *(page for pages in STEPS.values() for page in pages)):
            assert client.get(address(version, page)).status_code in (302, 403)
            assert client.post(address(version, page)).status_code in (302, 403)
    assert PolicyVersion.objects.get().status == VersionStatus.DRAFT


def test_lists_take_few_queries(officer: Client, django_assert_max_num_queries) -> None:
    make_all_deliveries()
    for _ in range(5):
        make_company()
    for _ in range(5):
        make_published("true")
    match_all()
    for model in ("policy", "policyversion", "entitlement", "matchrun"):
        with django_assert_max_num_queries(12):
            assert officer.get(reverse(f"admin:policies_{model}_changelist")).status_code == 200
    for entitlement in Entitlement.objects.all()[:1]:
        with django_assert_max_num_queries(15):
            assert officer.get(reverse("admin:policies_entitlement_change", args=[entitlement.pk])).status_code == 200
