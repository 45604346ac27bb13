"""A preparer puts a claim together and an acceptor signs it; a viewer reads; pages offer only what one may do."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from companies.models import Company, Membership, User
from payouts.models import Claim, PreparedClaim
from qinqing.demo.campaign.stages.forms import form_to
from tests.factories.clients import sign_in
from tests.factories.companies import act_for, make_company
from tests.factories.entitlements import make_entitlement
from tests.factories.people import make_user
from tests.functional.conftest import in_force

pytestmark = pytest.mark.django_db
TICKED = re.compile(r'name="offer" value="([^"]+)"\s+data-fen="[0-9]+" checked')


@pytest.fixture
def firm() -> Company:
    company = make_company("杭州清茶有限公司")
    for amount in (1000, 2000):
        make_entitlement(of=in_force(), company=company, amount_cny=amount)
    return company


def member(firm: Company, role: str) -> Client:
    return sign_in(act_for(firm, make_user(role, first_name=role), role=role))


def page(client: Client, firm: Company, query: str = "") -> str:
    return client.get(reverse("firm", args=[firm.credit_code]) + query).content.decode()


def address(name: str, firm: Company) -> str:
    return reverse(name, args=[firm.credit_code])


def filled_in(client: Client, firm: Company) -> dict[str, object]:
    return dict(form_to(page(client, firm), path=address("claim", firm)).filled_in())


def test_a_preparer_hands_over_and_an_acceptor_signs(firm: Company) -> None:
    preparer, acceptor = member(firm, "preparer"), member(firm, "acceptor")
    sent = filled_in(preparer, firm)
    assert "Hand over to be signed" in page(preparer, firm)
    sent["offer"] = list(sent["offer"])[:1]  # type: ignore[call-overload]
    answer = preparer.post(address("prepared", firm), sent, follow=True)
    assert "preparer prepared a claim" in answer.content.decode()
    assert "1 entitlement, ¥" in answer.content.decode()
    assert not Claim.objects.exists()

    assert "preparer prepared a claim" in page(acceptor, firm)
    ticked = TICKED.findall(page(acceptor, firm, "?prepared=yes"))
    assert len(ticked) == 1
    sent = filled_in(acceptor, firm) | {"offer": ticked, "is_accepted": "on"}
    assert acceptor.post(address("claim", firm), sent).status_code == 302
    assert Claim.objects.get().payouts.count() == 1
    assert "prepared a claim" not in page(acceptor, firm)


def test_what_was_prepared_is_replaced_and_discarded(firm: Company) -> None:
    preparer = member(firm, "preparer")
    sent = filled_in(preparer, firm)
    for _time in range(2):
        preparer.post(address("prepared", firm), sent)
    assert len(PreparedClaim.objects.get().entitlement_ids) == 2
    preparer.post(address("prepared", firm), {"discard": "yes"})
    assert not PreparedClaim.objects.exists()


def test_nobody_prepares_what_belongs_to_another_firm(firm: Company) -> None:
    other = make_entitlement(of=in_force())
    answer = member(firm, "preparer").post(address("prepared", firm), {"offer": [f"1:{other.pk}=1000.00"]})
    assert answer.status_code == 422
    assert not PreparedClaim.objects.exists()


@pytest.mark.parametrize(("role", "refused"), [("preparer", "Only an acceptor"), ("viewer", "You may read")])
def test_a_click_of_another_role_is_refused_with_a_sentence(firm: Company, role: str, refused: str) -> None:
    acceptor, client = member(firm, "acceptor"), member(firm, role)
    sent = filled_in(acceptor, firm) | {"is_accepted": "on"}
    answer = client.post(address("claim", firm), sent)
    assert answer.status_code == 422
    assert "Only an acceptor of the firm signs a claim" in answer.content.decode()
    assert refused in page(client, firm)
    assert not Claim.objects.exists()


def test_a_viewer_prepares_nothing_and_changes_no_account(firm: Company) -> None:
    acceptor, viewer = member(firm, "acceptor"), member(firm, "viewer")
    answer = viewer.post(address("prepared", firm), filled_in(acceptor, firm))
    assert answer.status_code == 422
    assert not PreparedClaim.objects.exists()
    shown = viewer.get(address("account", firm)).content.decode()
    assert "Only an acceptor of the firm changes its account" in shown
    assert "disabled" in shown
    told = {"holder_name": firm.name, "bank_name": "杭州银行", "bank_number": "313331000014", "is_confirmed": "on"}
    told |= {"number": "33050161000000001", "number_again": "33050161000000001"}
    assert viewer.post(address("account", firm), told).status_code == 422
    assert firm.accounts.count() == 1


def test_an_accountant_has_one_role_for_each_firm(firm: Company) -> None:
    other = make_company("杭州另一家有限公司")
    make_entitlement(of=in_force(), company=other)
    accountant = act_for(firm, make_user("accountant"), role="viewer")
    act_for(other, User.objects.get(pk=accountant.pk))
    assert set(Membership.objects.values_list("role", flat=True)) == {"viewer", "acceptor"}
    client = sign_in(accountant)
    assert "You may read everything of this firm" in page(client, firm)
    assert "You may read" not in page(client, other)
