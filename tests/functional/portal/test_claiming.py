"""A click through the portal claims what the page shows, once; everything else is refused with a sentence."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company
from payouts.banks.gateway import BankResponse, PaymentOrder
from payouts.models import Claim, Payout
from payouts.replies.apply import apply_replies
from payouts.sending.send import send_due
from policies.models import Entitlement, EntitlementStatus
from qinqing.demo.campaign.stages.forms import form_to
from tests.factories.claims import claim_entitlements
from tests.factories.companies import make_account, make_company
from tests.factories.entitlements import make_entitlement
from tests.factories.payouts import make_payout, settle_payouts
from tests.factories.people import make_employee, make_user
from tests.functional.conftest import in_force
from tests.tellers import Teller

pytestmark = pytest.mark.django_db


def page_of(client: Client, firm: Company) -> str:
    return client.get(reverse("firm", args=[firm.credit_code])).content.decode()


def click(client: Client, firm: Company, *, without: dict[str, str] | None = None, page: str = "") -> object:
    """
    Fill in the page's form as a browser does, tick all boxes but those whose value begins as `without` says, and send
    it.
    """
    path = reverse("claim", args=[firm.credit_code])
    sent = form_to(page or page_of(client, firm), path=path).filled_in()
    for name, value in (without or {}).items():
        sent[name] = [each for each in sent[name] if not each.startswith(value)]
    return client.post(path, sent)


def test_everything_is_claimed_with_one_click(owner: Client, firm: Company) -> None:
    make_entitlement(of=in_force(), company=firm, amount_cny=Decimal("1500.50"))
    make_entitlement(of=in_force(), company=firm, amount_cny=300)
    page = page_of(owner, firm)
    assert "¥1,800.50" in page
    answer = click(owner, firm, page=page)
    claim = Claim.objects.get()
    assert answer["Location"] == reverse("claim-progress", args=[firm.credit_code, claim.pk])
    assert claim.payouts.count() == 2
    assert claim.claimed_by.username == "owner"


def test_the_commitment_is_kept_as_it_was_shown(owner: Client, firm: Company) -> None:
    make_entitlement(of=in_force(), company=firm)
    click(owner, firm)
    claim = Claim.objects.get()
    assert claim.commitment == "A trial\nWe state that this is true."
    assert claim.commitment_hash == hashlib.sha256(claim.commitment.encode()).hexdigest()


def test_without_the_commitment_nothing_is_claimed(owner: Client, firm: Company) -> None:
    make_entitlement(of=in_force(), company=firm)
    answer = click(owner, firm, without={"is_accepted": "on"})
    assert answer.status_code == 422
    assert "Tick the commitment" in answer.content.decode()
    assert not Claim.objects.exists()


def test_a_second_click_shows_the_first_payout(owner: Client, firm: Company) -> None:
    make_entitlement(of=in_force(), company=firm)
    page = page_of(owner, firm)
    first = click(owner, firm, page=page)
    second = click(owner, firm, page=page)
    assert second["Location"] == first["Location"]
    assert "claimed already" in owner.get(second["Location"]).content.decode()
    assert Payout.objects.count() == 1


def test_where_part_was_claimed_before_the_page_shows_what_is_left(owner: Client, firm: Company) -> None:
    earlier = make_entitlement(of=in_force(), company=firm, amount_cny=100)
    page = page_of(owner, firm)
    make_entitlement(of=in_force(), company=firm, amount_cny=700)
    both = page_of(owner, firm)
    click(owner, firm, page=page)
    answer = click(owner, firm, page=both)
    assert answer.status_code == 409
    assert "Part of this has been claimed already" in answer.content.decode()
    assert "¥700.00" in answer.content.decode()
    assert Payout.objects.get().entitlement == earlier


def test_somebody_elses_entitlement_is_answered_like_none_and_stays_open(owner: Client, firm: Company) -> None:
    theirs, claimed = make_entitlement(of=in_force(), amount_cny=100), make_payout().entitlement
    address = reverse("claim", args=[firm.credit_code])
    sent = [{"offer": [f"1:{number}=100"], "is_accepted": "on"} for number in (theirs.pk, claimed.pk, 10**17)]
    answers = [owner.post(address, each) for each in sent]
    assert {answer.status_code for answer in answers} == {409}
    # Compare the pages without the token of each form.
    pages = {re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", each.content.decode()) for each in answers}
    assert len(pages) == 1
    assert "facts changed" in pages.pop()
    theirs.refresh_from_db()
    assert theirs.status == EntitlementStatus.OPEN
    assert not Claim.objects.filter(company=firm).exists()


def test_who_passes_to_another_firm_leaves_the_others_to_be_claimed(owner: Client, firm: Company) -> None:
    version = in_force(subject="employee", payee="employee")
    people = [make_employee(f"员工{number}") for number in "甲乙丙"]
    for person in people:
        make_account(employee=person)
        make_entitlement(of=version, company=firm, employee=person, amount_cny=500)
    page = page_of(owner, firm)
    Entitlement.objects.filter(employee=people[1]).update(company=make_company("别家有限公司"))
    answer = click(owner, firm, page=page)
    assert answer.status_code == 409
    again = answer.content.decode()
    assert "The facts changed since the page was shown" in again
    assert "2 employees" in again
    assert click(owner, firm, page=again).status_code == 302
    assert set(Payout.objects.values_list("employee__name", flat=True)) == {"员工甲", "员工丙"}


def test_an_amount_that_changed_meanwhile_is_said_and_not_claimed(owner: Client, firm: Company) -> None:
    entitlement = make_entitlement(of=in_force(), company=firm, amount_cny=100)
    page = page_of(owner, firm)
    Entitlement.objects.filter(pk=entitlement.pk).update(amount_cny=80)
    answer = click(owner, firm, page=page)
    assert answer.status_code == 409
    assert "An amount changed" in answer.content.decode()
    assert "¥80.00" in answer.content.decode()
    assert not Payout.objects.exists()


def test_what_was_withdrawn_meanwhile_is_said_and_the_rest_stays(owner: Client, firm: Company) -> None:
    gone, kept = (make_entitlement(of=in_force(), company=firm) for _ in range(2))
    page = page_of(owner, firm)
    Entitlement.objects.filter(pk=gone.pk).update(status=EntitlementStatus.WITHDRAWN)
    answer = click(owner, firm, page=page)
    assert answer.status_code == 409
    assert "facts changed" in answer.content.decode()
    kept.refresh_from_db()
    assert kept.status == EntitlementStatus.OPEN


def test_a_window_that_closed_is_said(owner: Client, firm: Company) -> None:
    today = timezone.localdate()
    closed = in_force(opens_on=today - timedelta(days=9), closes_on=today - timedelta(days=1))
    entitlement = make_entitlement(of=closed, company=firm, amount_cny=100)
    assert "Nothing to claim right now" in page_of(owner, firm)
    sent = {"offer": [f"1:{entitlement.pk}=100"], "is_accepted": "on"}
    answer = owner.post(reverse("claim", args=[firm.credit_code]), sent)
    assert answer.status_code == 409
    assert "could be claimed until" in answer.content.decode()


def test_what_opens_later_is_shown_with_its_day(owner: Client, firm: Company) -> None:
    make_entitlement(of=in_force(opens_on=timezone.localdate() + timedelta(days=3)), company=firm, amount_cny=70)
    page = page_of(owner, firm)
    assert "Opens later" in page
    assert "data-claim" not in page


def test_an_offer_that_is_unticked_stays_claimable(owner: Client, firm: Company) -> None:
    make_entitlement(of=in_force(), company=firm, amount_cny=100)
    second = make_entitlement(of=in_force(), company=firm, amount_cny=40)
    click(owner, firm, without={"offer": f"2:{second.pk}=40.00"})
    second.refresh_from_db()
    assert second.status == EntitlementStatus.OPEN
    assert Payout.objects.get().amount_cny == 100


def test_people_are_listed_masked_and_can_be_left_out(owner: Client, firm: Company) -> None:
    version = in_force(subject="employee", payee="employee")
    people = [make_employee(f"员工{number}") for number in "甲乙丙"]
    for person in people:
        make_account(employee=person)
        make_entitlement(of=version, company=firm, employee=person, amount_cny=500)
    page = page_of(owner, firm)
    assert "3 employees" in page
    assert people[0].id_number_masked in page
    left_out = Entitlement.objects.get(employee=people[1])
    click(owner, firm, page=page, without={"line": f"1:{left_out.pk}=500.00"})
    assert set(Payout.objects.values_list("employee__name", flat=True)) == {"员工甲", "员工丙"}


def test_hundreds_of_people_go_with_one_tick(owner: Client, firm: Company) -> None:
    version = in_force(subject="employee", payee="employee")
    for number in range(130):
        person = make_employee(f"员工{number}")
        make_account(employee=person)
        make_entitlement(of=version, company=firm, employee=person, amount_cny=500)
    page = page_of(owner, firm)
    assert page.count('name="line"') == 100
    assert "and 30 more" in page
    click(owner, firm, page=page)
    assert Payout.objects.count() == 130


def test_people_without_an_account_wait_and_the_others_are_paid(owner: Client, firm: Company) -> None:
    version = in_force(subject="employee", payee="employee")
    known, unknown = make_employee("有户"), make_employee("无户")
    make_account(employee=known)
    for person in (known, unknown):
        make_entitlement(of=version, company=firm, employee=person, amount_cny=500)
    page = page_of(owner, firm)
    assert "1 employee has no account" in page
    click(owner, firm, page=page)
    assert Payout.objects.get().employee == known


@dataclass
class RefusesOne(Teller):
    """A bank that refuses the account of one person."""

    name: str = ""

    def pay(self, orders: Sequence[PaymentOrder]) -> BankResponse:
        said = super().pay(orders)
        refused = {order.end_to_end_id for order in orders if order.payee_name == self.name}
        return BankResponse(
            tuple(
                replace(each, outcome="refused", reason="account closed") if each.end_to_end_id in refused else each
                for each in said.answers
            )
        )


def test_of_one_claim_for_several_people_each_sees_what_became_of_the_own_part(owner: Client, firm: Company) -> None:
    version = in_force(subject="employee", payee="employee")
    for name in ("赵甲", "钱乙", "孙丙"):
        person = make_employee(name)
        make_account(employee=person)
        make_entitlement(of=version, company=firm, employee=person, amount_cny=500)
    where = click(owner, firm)["Location"]
    assert Claim.objects.count() == 1
    send_due(gateway=RefusesOne(name="钱乙"), limit=10, now=timezone.now())
    apply_replies(limit=10, now=timezone.now())
    standing = dict(Payout.objects.values_list("employee__name", "status"))
    assert standing == {"赵甲": "paid", "钱乙": "failed", "孙丙": "paid"}
    page = owner.get(where).content.decode()
    assert "Part of the money has arrived" in page
    assert "The bank could not pay 1 payout" in page
    # The refused account is a person's, so the page says nothing of the firm's account.
    assert "1 was for the account of a person" in page
    assert "Check the firm’s account" not in page
    assert "account to be mended" not in page
    rows = {name: row for row in page.split("<tr")[1:] for name in standing if name in row}
    assert {name: ("pill-failed" in row, "pill-paid" in row) for name, row in rows.items()} == {
        "赵甲": (False, True),
        "钱乙": (True, False),
        "孙丙": (False, True),
    }


def test_a_firm_without_an_account_is_led_to_the_form(browser: Callable[..., Client]) -> None:
    firm = make_company("无户有限公司", has_account=False)
    make_entitlement(of=in_force(), company=firm, amount_cny=900)
    page = page_of(browser("owner", firm), firm)
    assert reverse("account", args=[firm.credit_code]) in page
    assert "¥900.00" in page
    assert "data-claim" not in page


def test_an_exhausted_fund_is_a_waiting_list_and_said_so(owner: Client, firm: Company) -> None:
    version = in_force(granted_cny=100)
    for _ in range(2):
        make_entitlement(of=version, company=firm, amount_cny=100)
    page = owner.get(click(owner, firm)["Location"]).content.decode()
    assert "1 payout waits because" in page


def test_an_official_may_look_but_not_claim(browser: Callable[..., Client], firm: Company) -> None:
    make_entitlement(of=in_force(), company=firm)
    official = browser("both", firm, role="officer")
    page = page_of(official, firm)
    assert "official’s account" in page
    answer = official.post(
        reverse("claim", args=[firm.credit_code]),
        form_to(page, path=reverse("claim", args=[firm.credit_code])).filled_in(),
    )
    assert answer.status_code == 422
    assert not Claim.objects.exists()


@pytest.mark.parametrize(
    "ticket",
    [
        "",
        "1",
        "1:",
        "1:abc=5",
        "1:5",
        "1:5=",
        "1:5=1e9",
        "1:5=-3",
        f"1:{'9' * 19}=5",
        "1:１=5",
        "1:5=5;DROP",
        "99999:5=5",
    ],
)
def test_a_damaged_page_claims_nothing(ticket: str, owner: Client, firm: Company) -> None:
    answer = owner.post(reverse("claim", args=[firm.credit_code]), {"offer": ticket, "is_accepted": "on"})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_claiming_needs_the_token_of_the_page(firm: Company, browser: Callable[..., Client]) -> None:
    make_entitlement(of=in_force(), company=firm)
    owner = browser("owner", firm)
    owner.handler.enforce_csrf_checks = True
    answer = owner.post(reverse("claim", args=[firm.credit_code]), {"offer": "1:1=5"})
    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_nothing_else_than_reading_and_posting(method: str, owner: Client, firm: Company) -> None:
    assert getattr(owner, method)(reverse("claim", args=[firm.credit_code])).status_code == 405


@pytest.mark.parametrize("method", ["post", "put"])
def test_pages_that_show_only_take_no_posts(method: str, owner: Client, firm: Company) -> None:
    assert getattr(owner, method)(reverse("firm", args=[firm.credit_code])).status_code == 405


def test_progress_polls_until_all_is_final(owner: Client, firm: Company) -> None:
    make_entitlement(of=in_force(), company=firm)
    where = click(owner, firm)["Location"]
    whole = owner.get(where).content.decode()
    assert "on its way" in whole
    assert 'http-equiv="refresh"' in whole
    fragment = owner.get(where, headers={"hx-request": "true"})
    assert fragment.status_code == 200
    assert 'hx-trigger="every 1s"' in fragment.content.decode()
    assert "<html" not in fragment.content.decode()
    settle_payouts(now=timezone.now())
    final = owner.get(where, headers={"hx-request": "true"})
    assert final.status_code == 286
    assert "hx-trigger" not in final.content.decode()
    assert "The money has arrived" in final.content.decode()
    assert 'http-equiv="refresh"' not in owner.get(where).content.decode()


def test_a_refused_payment_says_what_to_do(owner: Client, firm: Company) -> None:
    make_entitlement(of=in_force(), company=firm)
    where = click(owner, firm)["Location"]
    settle_payouts(Teller(outcome="refused"), now=timezone.now())
    page = owner.get(where).content.decode()
    assert "The bank could not pay 1 payout" in page
    assert reverse("account", args=[firm.credit_code]) in page


def test_a_receipt_shows_every_step_and_no_full_number(owner: Client, firm: Company) -> None:
    make_entitlement(of=in_force(), company=firm)
    click(owner, firm)
    payout = Payout.objects.get()
    settle_payouts(now=timezone.now())
    page = owner.get(reverse("receipt", args=[firm.credit_code, payout.pk])).content.decode()
    for step in ("requested", "money reserved", "approved", "sent to the bank", "paid"):
        assert f"<strong>{step}</strong>" in page
    assert payout.account.number_masked in page
    assert payout.claim.commitment_hash in page


def test_history_filters_and_pages_by_key(owner: Client, firm: Company) -> None:
    version = in_force()
    ids = [make_entitlement(of=version, company=firm).pk for _ in range(60)]
    told = {"company": firm, "commitment": "yes", "actor": make_user("owner"), "now": timezone.now()}
    claim_entitlements(entitlement_ids=ids[:1], **told)
    settle_payouts(now=timezone.now())
    claim_entitlements(entitlement_ids=ids[1:], **told)
    address = reverse("history", args=[firm.credit_code])
    first = owner.get(address).context["page"]
    second = owner.get(f"{address}?before={first.older}").context["page"]
    shown = [line.id for line in (*first.lines, *second.lines)]
    assert shown == sorted(Payout.objects.values_list("pk", flat=True), reverse=True)
    assert second.older is None
    assert len(owner.get(f"{address}?stage=paid").context["page"].lines) == 1
    assert owner.get(f"{address}?stage=nonsense&before=nonsense").status_code == 200
    assert "No payout is in this state" in owner.get(f"{address}?stage=failed").content.decode()
