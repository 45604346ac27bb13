"""Acts on money ask once more who it is, and lose nothing of what was being sent."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from companies.models import Company, Membership, PayeeAccount, User
from tests.factories.companies import make_company
from tests.factories.people import PASSWORD, make_user
from tests.functional.doors.test_second_factor import SECRET, code_now

pytestmark = pytest.mark.django_db

ACCOUNT = {
    "holder_name": "杭州清茶有限公司",
    "bank_name": "杭州银行武林支行",
    "bank_number": "313331000014",
    "number": "33050161000000001",
    "number_again": "33050161000000001",
    "is_confirmed": "on",
}


@pytest.fixture
def firm() -> Company:
    return make_company("杭州清茶有限公司")


@pytest.fixture
def user(firm: Company) -> User:
    user = make_user("an-owner-of-tea", password=PASSWORD)
    Membership.objects.create(user=user, company=firm)
    return user


def stale(client: Client, user: User) -> None:
    """Let the proofs of the session be old."""
    session = client.session
    session["account_authentication_methods"] = []
    session.save()


@pytest.fixture
def client(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    stale(client, user)
    return client


def sends_the_account(client: Client, firm: Company) -> str:
    before = PayeeAccount.objects.count()
    answer = client.post(reverse("account", args=[firm.credit_code]), ACCOUNT)
    assert (answer.status_code, PayeeAccount.objects.count()) == (302, before)
    return answer["Location"]


def sends_what_was_kept(client: Client, page: str) -> None:
    """Press the button of the page that shows what waits, as a browser would."""
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    action = re.findall(r'<form method="post" action="(/firms/[^"]+)"', page)[0]
    answer = client.post(action, hidden)
    assert answer.status_code == 302, answer.content.decode()


def test_a_new_account_asks_for_the_password_and_then_waits_for_the_button(client: Client, firm: Company) -> None:
    ask = sends_the_account(client, firm)
    assert ask.startswith(reverse("account_reauthenticate"))
    wrong = client.post(ask, {"password": "another"})
    assert (wrong.status_code, "password is wrong" in wrong.content.decode()) == (200, True)
    back = client.post(ask, {"password": PASSWORD}, follow=True)
    page = back.content.decode()
    assert "Nothing has been done yet" in page
    assert not PayeeAccount.objects.filter(company=firm, entered_by__isnull=False).exists()
    sends_what_was_kept(client, page)
    entered = PayeeAccount.objects.filter(company=firm, entered_by__isnull=False)
    assert len(entered) == 1


def test_what_waits_is_kept_sealed(client: Client, firm: Company) -> None:
    sends_the_account(client, firm)
    assert ACCOUNT["number"] not in str(dict(client.session.items()))


def test_what_waits_is_forgotten(client: Client, firm: Company) -> None:
    sends_the_account(client, firm)
    session = client.session
    session["kept_for_step_up"] = session["kept_for_step_up"] | {"at": 0}
    session.save()
    assert "Begin the step anew" in client.get(reverse("step-up-resume"), follow=True).content.decode()


def test_whoever_has_an_app_is_asked_for_its_code_and_not_for_the_password(
    client: Client, firm: Company, user: User
) -> None:
    TOTP.activate(user, SECRET)
    ask = sends_the_account(client, firm)
    assert ask.startswith(reverse("mfa_reauthenticate"))
    by_password = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert by_password["Location"].startswith(reverse("mfa_reauthenticate"))
    assert "Nothing has been done yet" in client.post(ask, {"code": code_now()}, follow=True).content.decode()


def test_whoever_has_a_confirmed_address_types_the_password_and_a_code_by_mail(
    client: Client, firm: Company, user: User
) -> None:
    EmailAddress.objects.create(user=user, email="tea@example.test", verified=True, primary=True)
    ask = sends_the_account(client, firm)
    client.post(ask, {"password": PASSWORD})
    second = sends_the_account(client, firm)
    assert second.startswith(reverse("account_request_reauthentication_code"))
    sent = client.post(second, {"recipient": "tea@example.test"})
    code = re.findall(r"[A-Z0-9]{4}-[A-Z0-9]{4}", mail.outbox[-1].body)[0]
    assert "Nothing has been done yet" in client.post(sent["Location"], {"code": code}, follow=True).content.decode()


def test_a_proof_is_fresh_for_as_long_as_the_setting_says(
    client: Client, firm: Company, settings: LazySettings
) -> None:
    client.post(sends_the_account(client, firm), {"password": PASSWORD})
    settings.STEP_UP_SECONDS = 0
    assert sends_the_account(client, firm).startswith(reverse("account_reauthenticate"))


def test_a_claim_after_half_an_hour_away_asks_who_it_is(client: Client, firm: Company) -> None:
    claims = reverse("claim", args=[firm.credit_code])
    fields = {"offer": ["1"], "shown": "1"}
    assert client.post(claims, fields).status_code != 302
    session = client.session
    session["seen_at"] = (timezone.now() - timedelta(minutes=31)).isoformat()
    session.save()
    # Looking at a page first does not count as a proof.
    assert client.get(reverse("firm", args=[firm.credit_code])).status_code == 200
    assert client.session["came_back_at"]


def test_allauth_itself_sends_nothing_again_that_was_sent_before(client: Client) -> None:
    ask = client.post(reverse("mfa_add_webauthn"), {"name": "mine"})
    assert ask["Location"].startswith(reverse("account_reauthenticate"))
    assert "account_reauthentication_state" not in client.session
