"""The firm's page keeps its word about money: days, sums and ticks match what the product does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from companies.models import Company
from payouts.claims.automatic import claim_automatic
from payouts.models import Payout
from policies.authoring.publish import close_version
from policies.deadlines.lapse import lapse_entitlements
from policies.deadlines.reminders import message
from policies.models import Entitlement, PolicyVersion, Reminder
from tests.factories.companies import make_account, make_company
from tests.factories.entitlements import make_entitlement
from tests.factories.payouts import settle_payouts
from tests.factories.people import make_employee, make_user
from tests.functional.conftest import in_force
from tests.integration.recovery.test_recovering import demanded

pytestmark = pytest.mark.django_db

UNKNOWN = "913301005551234567"


def page_of(client: Client, firm: Company) -> str:
    text: str = client.get(reverse("firm", args=[firm.credit_code])).content.decode()
    return text


def section(page: str, name: str) -> str:
    """The section of a page whose heading has this id."""
    found = re.search(rf'<section aria-labelledby="{name}">.*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def bill(firm: Company, **fields: object) -> None:
    """Make an entitlement whose payee has no account that a clerk entered."""
    version = in_force(payee="third_party", payee_feel="bill.supplier", subject="bill", **fields)
    right = make_entitlement(of=version, company=firm, subject_key=f"bill:{firm.pk}:electricity")
    Entitlement.objects.filter(pk=right.pk).update(payee_code=UNKNOWN)


def staff(firm: Company, count: int, **fields: object) -> list[Entitlement]:
    """Entitlements about employees with accounts."""
    version = in_force(subject="employee", payee="employee", **fields)
    people = [make_employee(f"员工{number}") for number in range(count)]
    for person in people:
        make_account(employee=person)
    return [make_entitlement(of=version, company=firm, employee=person, amount_cny=10) for person in people]


class TestWhatWaitsForAnAccount:
    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({}, "is waived, so look again before then."),
            ({"track": "automatic"}, "paid by itself, without a click. What is not done by"),
            ({"closes_on": None}, "Once that is done you can claim it here."),
            ({"track": "automatic", "closes_on": None}, "Once that is done it is paid by itself, without a click."),
        ],
    )
    def test_it_is_told_what_comes_next_and_when_it_ends(
        self, owner: Client, firm: Company, fields: dict[str, object], said: str
    ) -> None:
        bill(firm, **fields)
        waiting = section(page_of(owner, firm), "waiting")
        assert said in waiting
        assert "nothing is lost" not in waiting
        assert ("lapses" in waiting or "waived" in waiting) == ("closes_on" not in fields)

    def test_the_amounts_of_people_without_accounts_do_not_stay_claimable(self, owner: Client, firm: Company) -> None:
        version = in_force(subject="employee", payee="employee")
        make_entitlement(of=version, company=firm, employee=make_employee("无户"))
        waiting = section(page_of(owner, firm), "waiting")
        assert "1 employee has no account on file yet" in waiting
        assert "is waived, so look again before then" in waiting
        assert "stays claimable" not in waiting

    def test_the_sum_that_waits_for_the_firms_account_is_its_own(self, browser: Callable[..., Client]) -> None:
        firm = make_company("无户有限公司", has_account=False)
        make_entitlement(of=in_force(), company=firm, amount_cny=1000)
        version = in_force(subject="employee", payee="employee")
        make_entitlement(of=version, company=firm, employee=make_employee("无户"), amount_cny=40_000)
        page = page_of(browser("keeper", firm), firm)
        hero = page[page.index("Yours as soon as we know your account") :][:200]
        assert "¥1,000.00" in hero

    def test_what_opens_later_is_worth_as_much_without_an_account(self, browser: Callable[..., Client]) -> None:
        firm = make_company("无户有限公司", has_account=False)
        opens_on = timezone.localdate() + timedelta(days=3)
        make_entitlement(of=in_force(opens_on=opens_on), company=firm, amount_cny=70)
        make_entitlement(of=in_force(opens_on=opens_on, pool="proportional"), company=firm, amount_cny=80)
        later = section(page_of(browser("keeper", firm), firm), "later")
        assert "¥70.00" in later
        assert "up to ¥80.00" in later
        assert "¥0.00" not in later

    def test_a_pool_whose_day_has_passed_undivided_names_no_day(self, owner: Client, firm: Company) -> None:
        make_entitlement(of=in_force(pool="proportional"), company=firm, amount_cny=80)
        later = section(page_of(owner, firm), "later")
        assert "the pool has still to be divided" in later
        assert "the pool is divided on" not in later


def test_a_policy_that_opens_later_names_its_day(owner: Client, firm: Company) -> None:
    opens_on = timezone.localdate() + timedelta(days=3)
    in_force(opens_on=opens_on, closes_on=None)
    with translation.override("en"):
        said = f"opens on {date_format(opens_on, 'DATE_FORMAT')}"
    for page in (Client(headers={"accept-language": "en"}).get("/").content.decode(), page_of(owner, firm)):
        assert said in page
        assert "since" not in page


def test_what_the_automatic_track_paid_was_not_clicked(owner: Client, firm: Company) -> None:
    make_entitlement(of=in_force(track="automatic"), company=firm)
    claim_automatic(limit=10, now=timezone.now())
    address = reverse("claim-progress", args=[firm.credit_code, Payout.objects.get().claim_id])
    for is_settled, said in ((False, "nobody had to click"), (True, "without a click")):
        if is_settled:
            settle_payouts(now=timezone.now())
        page = owner.get(address).content.decode()
        assert said in page
        assert not [words for words in ("the click", "Your claim", "Payouts of this claim") if words in page]


def test_a_firm_that_may_not_claim_is_not_told_that_money_comes(browser: Callable[..., Client]) -> None:
    firm = demanded().payout.company
    make_entitlement(of=in_force(), company=firm)
    make_entitlement(of=in_force(track="automatic"), company=firm)
    page = page_of(browser("keeper", firm), firm)
    assert "Not while the firm may not claim" in page
    assert "not while the firm may not claim" in section(page, "automatic")
    assert not [said for said in ("coming by itself", "not even click", "You can claim now") if said in page]


class TestWhatLapsed:
    @pytest.mark.parametrize("closes_in", [None, 30])
    def test_a_policy_that_was_closed_early_was_not_missed(
        self, owner: Client, firm: Company, closes_in: int | None
    ) -> None:
        closes_on = closes_in and timezone.localdate() + timedelta(days=closes_in)
        version = in_force(closes_on=closes_on)
        make_entitlement(of=version, company=firm, amount_cny=70)
        close_version(version=version, actor=make_user("closer"), because="预算调整", now=timezone.now())
        assert lapse_entitlements(now=timezone.now()) == 1
        page = page_of(owner, firm)
        assert "¥70.00" in section(page, "closed")
        assert "closed on" in section(page, "closed")
        assert "Reason: 预算调整" in section(page, "closed")
        assert "Waived" not in page

    def test_what_its_last_day_ended_was_waived(self, owner: Client, firm: Company) -> None:
        make_entitlement(of=in_force(), company=firm, amount_cny=70)
        lapse_entitlements(now=timezone.now() + timedelta(days=31))
        page = page_of(owner, firm)
        assert "expired on" in section(page, "waived")
        assert "Closed before" not in page


class TestAReminder:
    @staticmethod
    def reminded(version: PolicyVersion, firm: Company, reason: str) -> None:
        about = {"open_count": 1, "open_cny": 70, "waiting_count": 0, "missing": []}
        days = {"due_on": timezone.localdate(), "reminded_at": timezone.now()}
        Reminder.objects.create(version=version, company=firm, number=1, reason=reason, **about, **days)

    def test_it_names_the_cause_of_today(self, owner: Client, firm: Company) -> None:
        version = in_force()
        make_entitlement(of=version, company=firm, amount_cny=70)
        self.reminded(version, firm, "account")
        page = page_of(owner, firm)
        assert "Up to ¥70.00 can be claimed until" in page
        assert "We do not know the firm’s account" not in page

    def test_its_sum_is_what_the_button_claims(self, owner: Client, firm: Company) -> None:
        version = in_force(subject="employee", payee="employee")
        known, unknown = make_employee("有户"), make_employee("无户")
        make_account(employee=known)
        for person, amount_cny in ((known, 30), (unknown, 40)):
            make_entitlement(of=version, company=firm, employee=person, amount_cny=amount_cny)
        self.reminded(version, firm, "unclaimed")
        assert "Up to ¥30.00 can be claimed until" in page_of(owner, firm)

    def test_what_is_paid_by_itself_by_now_reminds_nobody(self, owner: Client, firm: Company) -> None:
        version = in_force(track="automatic")
        make_entitlement(of=version, company=firm, amount_cny=70)
        self.reminded(version, firm, "account")
        assert "data-reminder" not in page_of(owner, firm)

    @pytest.mark.parametrize(
        ("fields", "said", "never"),
        [
            (
                {"subject": "employee", "payee": "employee"},
                "1 employee has no account on file yet, which the social security card office has to deliver.",
                "We do not know the firm’s account",
            ),
            (
                {"subject": "employee", "payee": "employee", "track": "automatic"},
                "Once that is done it is paid by itself, without a click.",
                "you can claim it here",
            ),
        ],
    )
    def test_an_account_that_the_firm_cannot_tell_is_not_asked_of_it(
        self, owner: Client, firm: Company, fields: dict[str, str], said: str, never: str
    ) -> None:
        version = in_force(**fields)
        make_entitlement(of=version, company=firm, employee=make_employee("无户"), amount_cny=40)
        self.reminded(version, firm, "account")
        page = page_of(owner, firm)
        block = page[page.index("data-reminder") :]
        block = block[: block.index("</div></div>")]
        assert "¥40.00" in block
        assert said in block
        assert never not in block
        told = message(Reminder.objects.get())
        assert "your account" not in told
        assert ("claim it by" in told) is ("track" not in fields)
        assert "the social security card office" in told

    def test_a_firm_s_own_account_is_asked_of_it(self, owner: Client, firm: Company) -> None:
        firm.accounts.update(is_active=False)
        for track in ("instant", "automatic"):
            version = in_force(track=track)
            make_entitlement(of=version, company=firm, amount_cny=40)
            self.reminded(version, firm, "account")
        assert page_of(owner, firm).count("We do not know the firm’s account yet.") == 4
        by_click, by_itself = (message(each) for each in Reminder.objects.order_by("pk"))
        assert "tell it and claim by" in by_click
        assert "without a click" in by_itself
        assert "claim" not in by_itself


class TestARefusedClick:
    def test_the_page_comes_back_with_the_ticks_that_were_sent(self, owner: Client, firm: Company) -> None:
        rights = staff(firm, 3)
        alone = make_entitlement(of=in_force(), company=firm, amount_cny=500)
        make_entitlement(of=in_force(), company=firm, amount_cny=900)
        page = page_of(owner, firm)
        offers = re.findall(r'name="offer" value="([^"]*)"', page)
        lines = re.findall(r'name="line" value="([^"]*)"', page)
        kept = [each for each in offers if "=" not in each or f":{alone.pk}=" in each]
        assert (len(offers), len(kept), len(lines)) == (3, 2, 3)
        sent = {"offer": kept, "line": lines[:2]}
        answer = owner.post(reverse("claim", args=[firm.credit_code]), sent)
        assert answer.status_code == 422
        again = answer.content.decode()
        assert again.count(" checked>") == 4
        assert "¥520.00</strong>" in again
        assert not Payout.objects.exists()
        answer = owner.post(reverse("claim", args=[firm.credit_code]), self.ticked(again) | {"is_accepted": "on"})
        assert answer.status_code == 302
        assert set(Payout.objects.values_list("entitlement", flat=True)) == {alone.pk, *(r.pk for r in rights[:2])}

    def test_nothing_is_ticked_for_who_ticked_nothing(self, owner: Client, firm: Company) -> None:
        make_entitlement(of=in_force(), company=firm)
        answer = owner.post(reverse("claim", args=[firm.credit_code]), {"is_accepted": "on"})
        assert " checked>" not in answer.content.decode()
        assert "¥0.00</strong>" in answer.content.decode()

    def test_what_has_no_box_of_its_own_follows_its_offer(self, owner: Client, firm: Company) -> None:
        staff(firm, 102)
        page = page_of(owner, firm)
        sent = {"offer": re.findall(r'name="offer" value="([^"]*)"', page)}
        again = owner.post(reverse("claim", args=[firm.credit_code]), sent).content.decode()
        assert again.count(" checked>") == 1
        assert "¥20.00</strong>" in again

    @staticmethod
    def ticked(page: str) -> dict[str, list[str]]:
        """The ticked boxes, by name."""
        boxes = re.findall(r'name="(offer|line)" value="([^"]*)"[^>]* checked>', page)
        return {name: [value for its, value in boxes if its == name] for name in ("offer", "line")}
