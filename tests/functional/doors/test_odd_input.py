"""The site answers requests that no form offers with a sentence, and changes nothing."""

from __future__ import annotations

import base64

import pytest
from django.test import Client
from django.urls import reverse

from companies.firms.payee_accounts import WrongAccount, replace_account
from companies.models import Company, PayeeAccount
from tests.factories.clients import sign_in_official
from tests.factories.clock import NOW
from tests.factories.companies import credit_code, make_company
from tests.factories.deliveries import deliver_file, quarantine_of, registration_row
from tests.factories.payouts import make_released_batch
from tests.factories.people import make_user
from tests.factories.policies import make_published, make_submitted
from tests.functional.officers.test_policy_admin import address, stands

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "\0"])
def test_a_name_that_no_account_has_is_turned_away(name: str) -> None:
    basic = base64.b64encode(f"{name}:correct horse".encode()).decode()
    answer = Client().get(reverse("api-datasets"), headers={"authorization": f"Basic {basic}"})
    assert answer.status_code == 401


def test_a_credit_code_in_wide_digits_is_none() -> None:
    wide = credit_code(1).replace("9", "\uff19")
    delivery = deliver_file("registration", [registration_row(1, credit_code=wide), registration_row(2)])
    assert quarantine_of(delivery) == [(2, "credit_code", "wrong_credit_code")]
    assert Company.objects.get().credit_code == credit_code(2)


@pytest.mark.parametrize("character", ["\n", "\x0b", "\x7f", "\u2028", "\ufffe"])
@pytest.mark.parametrize("field", ["holder_name", "bank_name"])
def test_an_owner_writes_no_control_characters_into_an_account(character: str, field: str) -> None:
    account = {"holder_name": "杭州测试", "bank_name": "杭州银行", "bank_number": "313331000014"}
    account |= {"number": "33050161000000001", field: f"杭州{character}测试"}
    with pytest.raises(WrongAccount):
        replace_account(company=make_company(has_account=False), **account, actor=make_user(), now=NOW)
    assert not PayeeAccount.objects.exists()


# The number has more digits than Python reads.
LONG = "9" * 5_000


def test_a_number_of_thousands_of_digits_is_none_for_finance() -> None:
    clerk, batch = sign_in_official("finance_maker"), make_released_batch(1)
    sampled = clerk.post(reverse("admin:payouts_banktemplate_sample"), {"columns-TOTAL_FORMS": LONG})
    assert sampled.status_code == 200
    handed_out = clerk.post(reverse("admin:payouts_batch_files", args=[batch.pk]), {"layout": f"xlsx/{LONG}"})
    assert handed_out.status_code == 404
    listed = clerk.get(reverse("admin:payouts_payout_changelist"), {"older_than": LONG})
    assert listed.status_code == 200


def test_a_number_of_thousands_of_digits_names_no_version() -> None:
    old = make_published("true")
    new = make_submitted("not(false)", policy=old.policy)
    posted = {"replaces": LONG, "reviewed_hash": new.content_hash}
    page = sign_in_official("officer").post(address(new, "publish"), posted, follow=True).content.decode()
    assert f"{old} is in force; close it, or replace it." in page
    assert stands(new) == "submitted"
