"""At the desks and on the firm's pages: fraud, a fine and a ban are proposed, answered and confirmed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company, Membership
from payouts.models import Blacklisting, Fine, FraudFinding, HearingAnswer, HearingNotice, Recovery
from payouts.recovery.penalties import last_day_of_ban
from qinqing.proposals.models import Proposal
from tests.factories.companies import make_company
from tests.factories.payouts import make_paid
from tests.factories.penalties import DOCUMENT, find_fraud, make_fraud
from tests.factories.people import make_user
from tests.integration.recovery.test_recovering import demanded

pytestmark = pytest.mark.django_db
Sign = Callable[..., Client]
TOLD = {"because": "发票系伪造", "document_number": DOCUMENT}


@pytest.fixture
def recovery() -> Recovery:
    return demanded(make_paid(), is_fraud=False)


@pytest.fixture
def firm(recovery: Recovery) -> Company:
    return recovery.payout.company


@pytest.fixture
def owner(browser: Sign, firm: Company) -> Client:
    return browser("signatory", firm)


@pytest.fixture
def people(browser: Sign) -> dict[str, Client]:
    roles = {"lin": "officer", "wu": "finance", "xu": "finance", "ma": "auditor", "he": "department"}
    return {name: browser(name, role=role) for name, role in roles.items()}


def proposing(kind: str, recovery: Recovery) -> str:
    return reverse(f"admin:payouts_recovery_propose_{kind}", args=[recovery.pk])


def deciding(step: str, proposal: Proposal) -> str:
    return reverse(f"admin:proposals_proposal_{step}", args=[proposal.pk])


def demand_page(recovery: Recovery) -> str:
    return reverse("admin:payouts_recovery_change", args=[recovery.pk])


def text_of(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def notice_page(notice: HearingNotice) -> str:
    return reverse("hearing-notice", args=[notice.recovery.payout.company.credit_code, notice.pk])


def newest() -> Proposal:
    return Proposal.objects.latest("pk")


def test_finance_proposes_fraud_the_firm_answers_and_an_officer_confirms(
    people: dict[str, Client], owner: Client, recovery: Recovery
) -> None:
    for name in ("lin", "ma", "he"):
        assert people[name].post(proposing("fraud", recovery), TOLD).status_code == 403
    page = text_of(people["wu"], demand_page(recovery))
    assert proposing("fraud", recovery) in page
    # Without fraud there is neither a fine nor a ban to propose.
    assert proposing("fine", recovery) not in page
    assert proposing("ban", recovery) not in page
    assert "heard before a policy officer" in text_of(people["wu"], proposing("fraud", recovery))
    wrong = people["wu"].post(proposing("fraud", recovery), {"because": "虚报"})
    assert wrong.context["form"].errors.keys() == {"document_number"}
    sent = people["wu"].post(proposing("fraud", recovery), TOLD, follow=True).content.decode()
    assert "The firm was given notice and may answer until" in sent
    notice, proposal = HearingNotice.objects.get(), newest()

    too_early = people["lin"].post(deciding("confirm", proposal), follow=True).content.decode()
    assert "The firm may still answer the notice." in too_early
    assert not FraudFinding.objects.exists()

    assert owner.post(notice_page(notice), {"text": "发票是真的，附原件。"}).status_code == 302
    for page in (deciding("change", proposal), deciding("confirm", proposal)):
        assert "发票是真的，附原件。" in text_of(people["lin"], page)
    for name in ("wu", "xu", "ma", "he"):
        assert people[name].post(deciding("confirm", proposal)).status_code == 403
    assert people["lin"].post(deciding("confirm", proposal)).status_code == 302
    assert FraudFinding.objects.get().recovery == recovery
    page = text_of(people["wu"], demand_page(recovery))
    assert proposing("fraud", recovery) not in page
    assert proposing("fine", recovery) in page
    assert proposing("ban", recovery) in page
    assert "confirmed · lin" in page


def test_a_fine_and_a_ban_are_proposed_and_confirmed_each_by_itself(
    people: dict[str, Client], owner: Client, recovery: Recovery
) -> None:
    find_fraud(recovery, now=timezone.now())
    first = timezone.localdate() + dt.timedelta(days=30)
    ban = {"begins_on": first.isoformat(), "ends_on": last_day_of_ban(first).isoformat()}
    for typed, fault in (({"percentage": "51"}, "percentage"), ({"percentage": "9"}, "percentage")):
        assert fault in people["wu"].post(proposing("fine", recovery), TOLD | typed).context["form"].errors
    people["wu"].post(proposing("fine", recovery), TOLD | {"percentage": "25"})
    fine = newest()
    too_long = ban | {"ends_on": (last_day_of_ban(first) + dt.timedelta(days=1)).isoformat()}
    refused = people["xu"].post(proposing("ban", recovery), TOLD | too_long).content.decode()
    assert "three years at most" in refused or "3 years at most" in refused
    people["xu"].post(proposing("ban", recovery), TOLD | ban)
    page = text_of(people["ma"], demand_page(recovery))
    assert page.count("may answer until") == 2
    for notice in HearingNotice.objects.filter(proposal__decision=""):
        owner.post(notice_page(notice), {"is_waiver": "on"})
    assert people["lin"].post(deciding("confirm", newest())).status_code == 302
    assert (Blacklisting.objects.count(), Fine.objects.count()) == (1, 0)
    assert "The firm waives its answer." in text_of(people["lin"], deciding("confirm", fine))
    assert people["lin"].post(deciding("confirm", fine)).status_code == 302
    recovery.refresh_from_db()
    assert (recovery.fine_percentage, recovery.fine_cny) == (25, 25)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["It is proposed to find that your firm got ¥100.00 by fraud.", "Send the answer", "to be decided"]),
        ("zh-hans", ["拟认定贵企业骗取 ¥100.00", "提交陈述、申辩", "待处理"]),
    ],
)
def test_the_firm_reads_the_notice_and_answers_it_once(
    browser: Sign, firm: Company, recovery: Recovery, language: str, words: list[str]
) -> None:
    make_fraud(recovery, because="发票系伪造", now=timezone.now())
    notice = HearingNotice.objects.get()
    owner = browser("signatory", firm, language=language)
    firm_page = reverse("firm", args=[firm.credit_code])
    assert notice_page(notice) in text_of(owner, firm_page)
    assert notice_page(notice) in text_of(owner, reverse("recovery", args=[firm.credit_code, recovery.pk]))
    page = text_of(owner, notice_page(notice))
    for word in (*words, "发票系伪造", DOCUMENT, firm.name):
        assert word in page
    assert owner.post(notice_page(notice), {"text": "   "}).status_code == 422
    assert owner.post(notice_page(notice), {"text": "字" * 2001}).status_code == 422
    assert not HearingAnswer.objects.exists()
    assert owner.post(notice_page(notice), {"text": "发票是真的。"}).status_code == 302
    assert owner.post(notice_page(notice), {"text": "再答一次。"}).status_code == 422
    assert HearingAnswer.objects.get().text == "发票是真的。"
    page = text_of(owner, notice_page(notice))
    assert "发票是真的。" in page
    assert "<textarea" not in page
    assert notice_page(notice) not in text_of(owner, firm_page)


def test_only_who_signs_for_the_firm_answers_and_other_firms_find_nothing(
    browser: Sign, firm: Company, recovery: Recovery
) -> None:
    make_fraud(recovery, now=timezone.now())
    notice = HearingNotice.objects.get()
    for role in ("preparer", "viewer"):
        member = browser(role, firm)
        Membership.objects.filter(user__username=role).update(role=role)
        assert "Only an acceptor of the firm answers a notice" in text_of(member, notice_page(notice))
        assert member.post(notice_page(notice), {"text": "发票是真的。"}).status_code == 422
    neighbour = browser("neighbour", make_company("邻居有限公司"))
    own = reverse("hearing-notice", args=[Company.objects.latest("pk").credit_code, notice.pk])
    for address in (notice_page(notice), own):
        assert neighbour.get(address).status_code == 404
        assert neighbour.post(address, {"text": "发票是真的。"}).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(browser("signatory", firm) and make_user("signatory"))
    assert strict.post(notice_page(notice), {"text": "发票是真的。"}).status_code == 403
    assert not HearingAnswer.objects.exists()


def test_what_came_to_nothing_is_told_as_that(people: dict[str, Client], owner: Client, recovery: Recovery) -> None:
    make_fraud(recovery, now=timezone.now())
    people["lin"].post(deciding("turn_down", newest()))
    page = text_of(owner, notice_page(HearingNotice.objects.get()))
    assert "nothing came of it" in page
    assert "<textarea" not in page
