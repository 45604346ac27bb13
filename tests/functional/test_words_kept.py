"""What a firm's page says of money is what the product does: days, sums and ticks."""

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
from payouts.models import Payout
from policies.models import Entitlement
from tests.factories import payouts as made
from tests.functional.conftest import in_force

pytestmark = pytest.mark.django_db

UNKNOWN = "913301005551234567"


def page_of(client: Client, firm: Company) -> str:
    text: str = client.get(reverse("firm", args=[firm.credit_code])).content.decode()
    return text


def section(page: str, name: str) -> str:
    """A part of the page by its heading's id."""
    found = re.search(rf'<section aria-labelledby="{name}">.*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def bill(firm: Company, **fields: object) -> None:
    """A right that is paid to somebody whose account nobody has entered."""
    version = in_force(payee="third_party", payee_feel="bill.supplier", subject="bill", **fields)
    right = made.entitlement(of=version, company=firm, subject_key=f"bill:{firm.pk}:electricity")
    Entitlement.objects.filter(pk=right.pk).update(payee_code=UNKNOWN)


def staff(firm: Company, count: int, **fields: object) -> list[Entitlement]:
    """Rights about employees with accounts."""
    version = in_force(subject="employee", payee="employee", **fields)
    people = [made.employee(f"员工{number}") for number in range(count)]
    for person in people:
        made.account(employee=person)
    return [made.entitlement(of=version, company=firm, employee=person, amount_cny=10) for person in people]


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
        made.entitlement(of=version, company=firm, employee=made.employee("无户"))
        waiting = section(page_of(owner, firm), "waiting")
        assert "1 employee has no account on file yet" in waiting
        assert "is waived, so look again before then" in waiting
        assert "stays claimable" not in waiting

    def test_the_sum_that_waits_for_the_firms_account_is_its_own(self, browser: Callable[..., Client]) -> None:
        firm = made.company("无户有限公司", has_account=False)
        made.entitlement(of=in_force(), company=firm, amount_cny=1000)
        version = in_force(subject="employee", payee="employee")
        made.entitlement(of=version, company=firm, employee=made.employee("无户"), amount_cny=40_000)
        page = page_of(browser("keeper", firm), firm)
        hero = page[page.index("Yours as soon as we know your account") :][:200]
        assert "¥1,000.00" in hero

    def test_what_opens_later_is_worth_as_much_without_an_account(self, browser: Callable[..., Client]) -> None:
        firm = made.company("无户有限公司", has_account=False)
        opens_on = timezone.localdate() + timedelta(days=3)
        made.entitlement(of=in_force(opens_on=opens_on), company=firm, amount_cny=70)
        made.entitlement(of=in_force(opens_on=opens_on, pool="proportional"), company=firm, amount_cny=80)
        later = section(page_of(browser("keeper", firm), firm), "later")
        assert "¥70.00" in later
        assert "up to ¥80.00" in later
        assert "¥0.00" not in later

    def test_a_pool_whose_day_has_passed_undivided_names_no_day(self, owner: Client, firm: Company) -> None:
        made.entitlement(of=in_force(pool="proportional"), company=firm, amount_cny=80)
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


class TestARefusedClick:
    def test_the_page_comes_back_with_the_ticks_that_were_sent(self, owner: Client, firm: Company) -> None:
        rights = staff(firm, 3)
        alone = made.entitlement(of=in_force(), company=firm, amount_cny=500)
        made.entitlement(of=in_force(), company=firm, amount_cny=900)
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
        made.entitlement(of=in_force(), company=firm)
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
        """The boxes that are ticked, by name."""
        boxes = re.findall(r'name="(offer|line)" value="([^"]*)"[^>]* checked>', page)
        return {name: [value for its, value in boxes if its == name] for name in ("offer", "line")}
