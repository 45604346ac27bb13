"""After payment, at the desks and on the firm’s page: who checks, demands, records repayments, closes and appeals."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company
from payouts.banks.gateway import Answer
from payouts.controls.post_audit import draw_samples
from payouts.models import Appeal, Blacklisting, Payout, PostCheck, Recovery, SamplingPlan
from payouts.replies.apply import apply_replies, record_answers
from payouts.states import Status
from qinqing.proposals.models import Proposal
from tests.factories.claims import claim_entitlements
from tests.factories.companies import make_company
from tests.factories.entitlements import make_entitlement
from tests.factories.payouts import settle_payouts
from tests.factories.penalties import punish
from tests.factories.people import make_user
from tests.functional.conftest import in_force

pytestmark = pytest.mark.django_db
Sign = Callable[..., Client]


@pytest.fixture
def paid(firm: Company) -> Payout:
    right = make_entitlement(of=in_force(), company=firm)
    claim_entitlements(
        entitlement_ids=[right.pk], company=firm, commitment="yes", actor=make_user("owner"), now=timezone.now()
    )
    settle_payouts(now=timezone.now())
    return Payout.objects.get(entitlement=right)


def step(model: str, name: str, row: int) -> str:
    return reverse(f"admin:payouts_{model}_{name}", args=[row])


@pytest.fixture
def people(browser: Sign) -> dict[str, Client]:
    roles = {
        "lin": "officer",
        "shen": "officer",
        "zhao": "officer",
        "wu": "finance",
        "xu": "finance",
        "ma": "auditor",
        "he": "department",
    }
    return {name: browser(name, role=role) for name, role in roles.items()}


DEMAND = {"amount_cny": "100", "because": "提供虚假材料"}


@pytest.fixture
def recovery(people: dict[str, Client], paid: Payout) -> Recovery:
    people["lin"].post(step("payout", "look_again", paid.pk), {"because": "群众举报"})
    check = PostCheck.objects.get()
    people["shen"].post(step("postcheck", "find_breach", check.pk), {"because": "现场已停业"})
    people["wu"].post(step("postcheck", "demand_back", check.pk), DEMAND)
    return punish(Recovery.objects.get(), 10, now=timezone.now())


def test_each_step_is_for_another_person(people: dict[str, Client], paid: Payout) -> None:
    for name in ("wu", "ma", "he"):
        assert people[name].post(step("payout", "look_again", paid.pk), {"because": "x"}).status_code == 403
    assert people["lin"].get(step("payout", "look_again", paid.pk)).status_code == 200
    assert people["lin"].post(step("payout", "look_again", paid.pk), {"because": "群众举报"}).status_code == 302
    check = PostCheck.objects.get()
    for name in ("lin", "wu", "ma", "he"):
        assert people[name].post(step("postcheck", "find_breach", check.pk), {"because": "x"}).status_code == 403
    assert people["wu"].post(step("postcheck", "demand_back", check.pk), DEMAND).status_code == 403
    assert people["shen"].get(step("postcheck", "keep", check.pk)).status_code == 200
    people["shen"].post(step("postcheck", "find_breach", check.pk), {"because": "现场已停业"})
    for name in ("lin", "shen", "ma", "he"):
        assert people[name].post(step("postcheck", "demand_back", check.pk), DEMAND).status_code == 403
    assert people["wu"].get(step("postcheck", "demand_back", check.pk)).status_code == 200
    refused = people["wu"].post(step("postcheck", "demand_back", check.pk), DEMAND | {"amount_cny": "101"})
    assert (refused.status_code, Recovery.objects.count()) == (200, 0)
    assert f'value="{DEMAND["because"]}"' in refused.content.decode(), "what was filled in stays"
    people["wu"].post(step("postcheck", "demand_back", check.pk), DEMAND)
    paid.refresh_from_db()
    assert paid.status == Status.RECOVERING


PART = {"received_on": "2026-03-02", "bank_reference": "R1"}


def test_finance_takes_money_down_and_another_clerk_closes(people: dict[str, Client], recovery: Recovery) -> None:
    taking, closing = step("recovery", "take_down", recovery.pk), step("recovery", "close", recovery.pk)
    for name in ("lin", "ma", "he"):
        assert people[name].post(taking, PART | {"amount_cny": "110"}).status_code == 403
        assert people[name].post(closing).status_code == 403
    assert b'type="date"' in people["wu"].get(taking).content
    assert people["wu"].post(taking, PART | {"amount_cny": "110"}).status_code == 302
    assert people["wu"].post(closing).status_code == 403
    assert people["xu"].get(closing).status_code == 200
    assert people["xu"].post(closing).status_code == 302
    recovery.refresh_from_db()
    assert recovery.ended_as == "repaid"
    again = people["xu"].post(closing, follow=True)
    assert "This recovery has ended already." in again.content.decode()
    page = people["ma"].get(step("recovery", "change", recovery.pk)).content.decode()
    assert "R1" in page


def test_a_repayment_of_a_day_to_come_is_refused_for_its_day(people: dict[str, Client], recovery: Recovery) -> None:
    given = {"amount_cny": "1", "received_on": "2999-01-01", "bank_reference": "R1"}
    answer = people["wu"].post(step("recovery", "take_down", recovery.pk), given).content.decode()
    assert "That day has not come yet" in answer
    assert not recovery.repayments.exists()


def test_a_recovery_without_repayments_says_so(people: dict[str, Client], recovery: Recovery) -> None:
    page = step("recovery", "change", recovery.pk)
    assert "Nothing has come in yet." in people["wu"].get(page).content.decode()
    people["wu"].post(step("recovery", "take_down", recovery.pk), PART | {"amount_cny": "1"})
    assert "Nothing has come in yet." not in people["wu"].get(page).content.decode()


def test_each_field_stands_in_one_block_with_what_is_wrong_with_it(
    people: dict[str, Client], recovery: Recovery
) -> None:
    page = people["wu"].post(step("recovery", "take_down", recovery.pk)).content.decode()
    # The browser ends a paragraph where the theme's block of a field begins; the error would slip under the field.
    assert '<p class="officer-field">' not in page
    assert page.count('<div class="officer-field">') == page.count("This field is required.") == 3


def test_the_firm_reads_the_demand_and_appeals(
    owner: Client, browser: Sign, people: dict[str, Client], recovery: Recovery
) -> None:
    code = recovery.payout.company.credit_code
    address = reverse("recovery", args=[code, recovery.pk])
    firm_page = owner.get(reverse("firm", args=[code])).content.decode()
    assert address in firm_page
    assert "cannot claim until" in firm_page
    page = owner.get(address).content.decode()
    assert "提供虚假材料" in page
    assert "¥110.00" in page
    assert owner.post(address, {"text": "short"}).status_code == 422
    assert owner.post(address, {"text": "我们没有停业，三月照常营业，附水电发票。"}).status_code == 302
    assert owner.post(address, {"text": "再来一次，我们没有停业。"}).status_code == 422
    appeal = Appeal.objects.get()
    assert browser("neighbour", make_company("邻居有限公司")).get(address).status_code == 404
    for name in ("shen", "wu", "ma", "he"):
        assert people[name].post(step("appeal", "uphold", appeal.pk), {"because": "x"}).status_code == 403
    assert people["zhao"].get(step("appeal", "reject", appeal.pk)).status_code == 200
    assert people["zhao"].post(step("appeal", "uphold", appeal.pk), {"because": "申诉属实"}).status_code == 302
    recovery.refresh_from_db()
    assert recovery.ended_as == "withdrawn"
    again = people["zhao"].post(step("appeal", "uphold", appeal.pk), {"because": "申诉属实"}, follow=True)
    assert "This appeal was decided already." in again.content.decode()
    assert "申诉属实" in owner.get(address).content.decode()
    assert "cannot claim until" not in owner.get(reverse("firm", args=[code])).content.decode()


def test_an_appeal_about_what_the_bank_sent_back_decides_about_no_money(
    owner: Client, people: dict[str, Client], recovery: Recovery
) -> None:
    address = reverse("recovery", args=[recovery.payout.company.credit_code, recovery.pk])
    owner.post(address, {"text": "我们没有停业，三月照常营业，附水电发票。"})
    pages = [step("appeal", name, Appeal.objects.get().pk) for name in ("uphold", "reject")]
    for page in pages:
        assert "The bank sent the money back" not in people["zhao"].get(page).content.decode()
    record_answers(answers=[Answer(f"Q{recovery.payout_id:015d}A01", "returned", timezone.now())], now=timezone.now())
    apply_replies(limit=10, now=timezone.now())
    assert Payout.objects.get().status == Status.RETURNED
    for page in pages:
        text = people["zhao"].get(page).content.decode()
        assert "The bank sent the money back" in text
        assert "stays paid" not in text
        assert "The demand stands" not in text
    assert people["zhao"].post(pages[0], {"because": "申诉属实"}).status_code == 302
    assert Blacklisting.objects.get().lifted_because == "申诉属实"


def test_finance_proposes_to_take_a_firm_off_the_list_and_an_officer_confirms(
    people: dict[str, Client], recovery: Recovery
) -> None:
    lifting = step("blacklisting", "lift", Blacklisting.objects.get().pk)
    for name in ("lin", "ma", "he"):
        assert people[name].post(lifting, {"because": "x"}).status_code == 403
    assert people["wu"].get(lifting).status_code == 200
    assert people["wu"].post(lifting, {"because": "法院判决"}).status_code == 302
    assert Blacklisting.objects.get().lifted_at is None
    confirmation = reverse("admin:proposals_proposal_confirm", args=[Proposal.objects.latest("pk").pk])
    for name in ("wu", "xu", "ma", "he"):
        assert people[name].post(confirmation).status_code == 403
    assert people["lin"].post(confirmation).status_code == 302
    assert Blacklisting.objects.get().lifted_because == "法院判决"


def test_officers_plan_samples(people: dict[str, Client], paid: Payout) -> None:
    address = reverse("admin:payouts_samplingplan_plan")
    asked = {"version": str(paid.fund.version_id), "percentage": "100"}
    for name in ("wu", "ma", "he"):
        assert people[name].post(address, asked).status_code == 403
    assert people["lin"].get(address).status_code == 200
    assert people["lin"].post(address, asked).status_code == 302
    assert 'role="alert"' in people["lin"].post(address, asked).content.decode()
    assert SamplingPlan.objects.count() == 1
    assert draw_samples(now=timezone.now()) == 1


MODELS = ("postcheck", "recovery", "appeal", "blacklisting", "samplingplan")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_who_sees_the_lists(people: dict[str, Client], recovery: Recovery, model: str, language: str) -> None:
    listed = reverse(f"admin:payouts_{model}_changelist")
    for name, status in {"lin": 200, "wu": 200, "ma": 200, "he": 403}.items():
        assert people[name].get(listed, headers={"accept-language": language}).status_code == status


def test_a_recovery_says_in_chinese_which_amount_is_which_and_when_money_came(
    browser: Sign, people: dict[str, Client], recovery: Recovery
) -> None:
    people["wu"].post(step("recovery", "take_down", recovery.pk), PART | {"amount_cny": "50"})
    page = browser("gu", role="auditor", language="zh-hans").get(step("recovery", "change", recovery.pk))
    text = page.content.decode()
    assert [text.count(word) for word in ("应追回合计", "应追回兑付款", "追回金额")] == [1, 1, 0]
    assert "2026年3月2日" in text
    assert "2026-03-02" not in text
    assert [amount in text for amount in ("¥110.00", "¥100.00", "¥10.00", "¥60.00")] == [True] * 4
