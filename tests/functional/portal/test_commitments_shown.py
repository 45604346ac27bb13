"""
An owner signs the commitment that the page showed; if the commitment changed since, the page shows the new one first.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company
from payouts.claims.refusals import CommitmentChanged
from payouts.ledger.funds import open_funds
from payouts.models import Claim, Payout
from policies.authoring.publish import close_version
from policies.models import Entitlement, PolicyVersion
from tests.factories.claims import claim_entitlements
from tests.factories.companies import make_account
from tests.factories.entitlements import make_entitlement, put_in_force
from tests.factories.people import make_employee, make_user
from tests.functional.conftest import in_force
from tests.functional.portal.test_claiming import click, page_of

pytestmark = pytest.mark.django_db


def replaced(version: PolicyVersion, **fields: object) -> PolicyVersion:
    """Close a version, and put another one with the same rules in force, which has these `fields`."""
    close_version(version=version, actor=make_user("officer"), because="no money left", now=timezone.now())
    window = {"opens_on": version.opens_on, "closes_on": version.closes_on}
    said = {"commitment_zh": version.commitment_zh, "commitment_en": version.commitment_en}
    second = PolicyVersion.objects.create(
        policy=version.policy, number=2, amount_feel="100", granted_cny=1_000_000, **(window | said | fields)
    )
    Entitlement.objects.filter(version=version).update(version=put_in_force(second))
    open_funds(version_ids=[second.pk], now=timezone.now())
    return second


OTHER = {"commitment_zh": "本企业承诺三年内不迁出。", "commitment_en": "We stay in the city for three years."}


@pytest.mark.parametrize("commitment", [OTHER, {"commitment_en": "We state."}])
def test_another_commitment_for_the_same_amount_is_shown_first(
    owner: Client, firm: Company, commitment: dict[str, str]
) -> None:
    right = make_entitlement(of=in_force(), company=firm, amount_cny=100)
    page = page_of(owner, firm)
    second = replaced(right.version, **commitment)
    answer = click(owner, firm, page=page)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "A commitment changed since the page was shown." in text
    assert not Claim.objects.exists()
    assert click(owner, firm, page=text).status_code == 302
    assert Claim.objects.get().commitment == f"A trial\n{second.commitment_en}"


def test_a_commitment_that_none_was_shown_for_is_shown_first(owner: Client, firm: Company) -> None:
    make_entitlement(of=in_force(), company=firm)
    silent = in_force(commitment_zh="", commitment_en="")
    make_entitlement(of=silent, company=firm)
    page = page_of(owner, firm)
    replaced(silent, **OTHER)
    assert click(owner, firm, page=page).status_code == 409
    assert not Claim.objects.exists()


def test_another_version_with_the_same_commitment_is_claimed(owner: Client, firm: Company) -> None:
    right = make_entitlement(of=in_force(), company=firm)
    page = page_of(owner, firm)
    replaced(right.version)
    assert click(owner, firm, page=page).status_code == 302
    assert Claim.objects.get().commitment == "A trial\nWe state that this is true."


def test_what_an_unticked_policy_asks_for_is_not_signed(owner: Client, firm: Company) -> None:
    make_entitlement(of=in_force(), company=firm)
    second = make_entitlement(of=in_force(**OTHER), company=firm)
    page = page_of(owner, firm)
    replaced(second.version, commitment_zh="另一承诺", commitment_en="Another.")
    assert click(owner, firm, page=page, without={"offer": f"2:{second.pk}="}).status_code == 302
    assert Claim.objects.get().commitment == "A trial\nWe state that this is true."


def test_the_language_that_was_shown_is_the_language_that_is_signed(
    owner: Client, firm: Company, browser: Callable[..., Client]
) -> None:
    make_entitlement(of=in_force(), company=firm)
    page = page_of(owner, firm)
    owner.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    assert click(owner, firm, page=page).status_code == 409
    assert click(owner, firm).status_code == 302
    assert Claim.objects.get().commitment == "试验政策\n本企业承诺所报情况属实。"


def test_what_comes_to_another_version_after_the_text_was_read_is_not_claimed(firm: Company) -> None:
    right = make_entitlement(of=in_force(), company=firm)
    told = {"entitlement_ids": [right.pk], "company": firm, "actor": make_user("owner"), "now": timezone.now()}
    read = frozenset({right.version_id})
    replaced(right.version, **OTHER)
    with pytest.raises(CommitmentChanged):
        claim_entitlements(**told, commitment="We state that this is true.", read=read)
    assert not Payout.objects.exists()


def test_a_long_list_carries_the_digest_once(owner: Client, firm: Company) -> None:
    version = in_force(subject="employee", payee="employee")
    for number in range(20):
        person = make_employee(f"员工{number}")
        make_account(employee=person)
        make_entitlement(of=version, company=firm, employee=person, amount_cny=500)
    page = page_of(owner, firm)
    assert page.count("~") == 1
    assert click(owner, firm, page=page).status_code == 302
    assert Payout.objects.count() == 20


def test_a_page_without_digests_signs_nothing(owner: Client, firm: Company) -> None:
    right = make_entitlement(of=in_force(), company=firm, amount_cny=100)
    sent = {"offer": [f"1:{right.pk}=100.00"], "is_accepted": "on"}
    assert owner.post(reverse("claim", args=[firm.credit_code]), sent).status_code == 409
    assert not Claim.objects.exists()
