"""What a blacklisted firm reads, and what an officer reads about it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import override

from companies.models import Company
from payouts.ledger.blacklist import describe_blacklisting
from payouts.models import Appeal, Blacklisting, Payout, Recovery
from payouts.offers.queries import list_firms
from payouts.recovery.queries import present_to_firm
from payouts.recovery.recover import appeal_against, decide_appeal
from policies.deadlines.remind import remind_due
from policies.models import Reminder
from qinqing.proposals.models import Proposal
from tests.factories.claims import claim_entitlements
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW, TODAY
from tests.factories.companies import act_for, make_company
from tests.factories.entitlements import make_entitlement
from tests.factories.payouts import settle_payouts
from tests.factories.people import make_user
from tests.functional.conftest import in_force
from tests.integration.recovery.test_recovering import demanded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def paid_to(firm: Company, how_many: int) -> list[Payout]:
    rights = [make_entitlement(company=firm).pk for _each in range(how_many)]
    claim_entitlements(entitlement_ids=rights, company=firm, commitment="", actor=make_user("owner"), now=NOW)
    settle_payouts()
    return list(Payout.objects.filter(company=firm).order_by("pk"))


def appealed(recovery: Recovery) -> Appeal:
    owner = act_for(recovery.payout.company, make_user("its owner"))
    return appeal_against(recovery=recovery, text="我们没有停业", actor=owner, now=NOW)


def rejected(recovery: Recovery) -> None:
    decision = {"is_upheld": False, "decision": "查实停业", "actor": make_user("officer"), "now": NOW}
    decide_appeal(appeal_id=appealed(recovery).pk, **decision)


def told(firm: Company) -> str:
    return describe_blacklisting(company_id=firm.pk, on=TODAY)


def test_a_firm_is_told_to_appeal_while_it_can() -> None:
    recovery = demanded()
    firm = recovery.payout.company
    for _each in range(3):
        assert told(firm).endswith("It may appeal.")
        assert present_to_firm(recovery=recovery).may_appeal
        rejected(recovery)
    assert told(firm).startswith("This firm broke the commitment of an earlier claim, so it cannot claim until")
    assert "appeal" not in told(firm)
    assert not present_to_firm(recovery=recovery).may_appeal


def test_while_an_appeal_is_open_there_is_no_second() -> None:
    recovery = demanded()
    appealed(recovery)
    assert told(recovery.payout.company)
    assert "appeal" not in told(recovery.payout.company)


def twice_listed() -> tuple[Recovery, Recovery]:
    """Two demands of money from one firm, each for fraud."""
    first, second = (demanded(payout) for payout in paid_to(make_company(), 2))
    return first, second


def step(action: str, pk: int) -> str:
    return reverse(f"admin:payouts_{action}", args=[pk])


def confirmation() -> str:
    """The page on which an officer confirms the newest end of a ban."""
    waiting = Proposal.objects.filter(kind="lift_ban").latest("pk")
    return reverse("admin:proposals_proposal_confirm", args=[waiting.pk])


def test_who_lifts_one_of_two_is_told_of_the_other() -> None:
    first, _second = twice_listed()
    listed, clerk = Blacklisting.objects.get(recovery=first), sign_in_official("finance", "a clerk")
    page = clerk.get(step("blacklisting_lift", listed.pk)).content.decode()
    assert "The firm is still on the list until" in page
    assert "may claim again once" not in page
    clerk.post(step("blacklisting_lift", listed.pk), {"because": "法院判决"})
    deciding = sign_in_official("officer", "an officer").get(confirmation()).content.decode()
    assert "The firm is still on the list until" in deciding
    assert "The firm may claim again from this moment." not in deciding


def test_who_lifts_the_last_is_told_that_the_firm_may_claim_again() -> None:
    listed, clerk = Blacklisting.objects.get(recovery=demanded()), sign_in_official("finance", "a clerk")
    assert "may claim again once it is confirmed" in clerk.get(step("blacklisting_lift", listed.pk)).content.decode()
    clerk.post(step("blacklisting_lift", listed.pk), {"because": "法院判决"})
    deciding = sign_in_official("officer", "an officer").get(confirmation()).content.decode()
    assert "The firm may claim again from this moment." in deciding


def test_who_upholds_an_appeal_is_told_of_the_other_listing() -> None:
    first, _second = twice_listed()
    page = sign_in_official("officer", "an officer").get(step("appeal_uphold", appealed(first).pk)).content.decode()
    assert "The demand is withdrawn and the payout stays paid." in page
    assert "The firm is still on the list until" in page
    assert "the firm may claim again" not in page


def test_a_firm_on_the_list_is_not_told_by_when_to_claim() -> None:
    (payout,) = paid_to(make_company(), 1)
    right = make_entitlement(of=in_force(reminders=["opening"]), company=payout.company, amount_cny=700)
    remind_due(now=timezone.now())
    assert Reminder.objects.get().version == right.version
    owner = Client()
    owner.force_login(act_for(payout.company, make_user("its owner")))
    address = reverse("firm", args=[payout.company.credit_code])
    assert "data-reminder" in owner.get(address).content.decode()
    demanded(payout)
    assert "data-reminder" not in owner.get(address).content.decode()


def test_a_firm_on_the_list_has_nothing_to_claim_among_the_firms() -> None:
    (payout,) = paid_to(make_company(), 1)
    make_entitlement(of=in_force(), company=payout.company, amount_cny=700)
    owner = act_for(payout.company, make_user("its owner"))
    (before,) = list_firms(user=owner, on=localdate())
    demanded(payout)
    (after,) = list_firms(user=owner, on=localdate())
    assert (before.claimable_cny, after.claimable_cny) == (700, 0)


def test_the_last_day_counts_in_chinese_too() -> None:
    with override("zh-hans"):
        sentence = told(demanded().payout.company)
    assert "止不能兑付" in sentence
    assert "前不能兑付" not in sentence
