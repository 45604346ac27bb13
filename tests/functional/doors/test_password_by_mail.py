"""A forgotten password comes back by mail, to its owner alone; nobody learns who has an account."""

from __future__ import annotations

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse

from companies.models import User
from tests.factories.clients import sign_in, sign_in_official
from tests.factories.people import PASSWORD, make_user
from tests.functional.doors.test_second_factor import SECRET

pytestmark = pytest.mark.django_db

MAIL, NEW = "tea@example.test", "battery staple 9"
SENT = {"password1": NEW, "password2": NEW}
SEND = "admin:companies_user_send_link"


@pytest.fixture
def user() -> User:
    return make_user("a-forgetful-owner", password=PASSWORD, email=MAIL)


def asks(address: str) -> str:
    client = Client(headers={"accept-language": "en"})
    return client.post(reverse("account_reset_password"), {"email": address}, follow=True).content.decode()


def link() -> str:
    return re.findall(r"http://testserver(\S+)", mail.outbox[-1].body)[0]


def follows(client: Client, address: str) -> str:
    """Open the link as a browser does; returns the address of the form."""
    return str(client.get(address)["Location"])


def test_the_link_sets_a_new_password_once(user: User) -> None:
    asks(MAIL)
    client, address = Client(headers={"accept-language": "en"}), link()
    assert client.post(follows(client, address), SENT).status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert "used already" in client.get(address).content.decode()


def test_the_answer_is_the_same_whether_or_not_there_is_an_account(user: User) -> None:
    def words(page: str) -> str:
        return re.sub(r'value="[^"]*"', "", page)

    assert words(asks(MAIL)) == words(asks("nobody@example.test"))
    assert [each.to for each in mail.outbox] == [[MAIL], ["nobody@example.test"]]


def test_a_new_password_does_not_go_round_the_second_factor(user: User) -> None:
    TOTP.activate(user, SECRET)
    asks(MAIL)
    client = Client()
    client.post(follows(client, link()), SENT)
    answer = client.post(reverse("sign-in"), {"username": user.username, "password": NEW})
    assert answer["Location"] == reverse("mfa_authenticate")


def test_a_guessed_password_is_refused_with_what_to_do(user: User) -> None:
    asks(MAIL)
    client = Client(headers={"accept-language": "en"})
    form = follows(client, link())
    for guessed in ("qinqing2026", "a-forgetful-owner1", "password12345"):
        page = client.post(form, {"password1": guessed, "password2": guessed}).content.decode()
        assert "Take four words" in page or "too similar" in page, guessed
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_an_official_has_a_link_sent_and_never_types_the_password_of_another(user: User) -> None:
    with pytest.raises(NoReverseMatch):
        reverse("admin:auth_user_password_change", args=[user.pk])
    keeper, inside = sign_in_official("security_administrator"), sign_in(user)
    page = keeper.post(reverse(SEND, args=[user.pk]), follow=True).content.decode()
    assert "The link was sent" in page
    assert mail.outbox[-1].to == [MAIL]
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert inside.get(reverse("firms")).status_code == 200
    client = Client()
    client.post(follows(client, link()), SENT)
    assert inside.get(reverse("firms")).status_code == 302
    nobody = make_user("without-mail")
    assert "reaches nobody" in keeper.post(reverse(SEND, args=[nobody.pk]), follow=True).content.decode()
    assert sign_in_official("system_administrator").post(reverse(SEND, args=[user.pk])).status_code == 403


def test_the_link_confirms_the_address_and_an_unconfirmed_one_bars_no_factor(user: User) -> None:
    inside = sign_in(user)
    asks(MAIL)
    assert inside.get(reverse("mfa_activate_totp")).status_code == 200
    assert not EmailAddress.objects.get(user=user).verified
    client = Client()
    client.post(follows(client, link()), SENT)
    assert EmailAddress.objects.get(user=user).verified
