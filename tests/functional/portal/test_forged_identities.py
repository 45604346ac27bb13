"""Nobody signs in, and nobody binds a firm, by an identity that the city's provider did not give to this browser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount, SocialApp
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from django.urls import reverse

from companies.models import Company, DataAuthorisation, Membership, User
from tests.factories.clients import sign_in
from tests.factories.companies import act_for, make_company
from tests.factories.people import give_rights, make_user
from tests.identity import Forger, asked_of_provider, running_forger, trust

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def provider() -> Iterator[Forger]:
    with running_forger() as forger:
        yield forger


@pytest.fixture
def forger(provider: Forger, settings: Any) -> Forger:
    provider.claims, provider.published, provider.algorithm, provider.key = {}, {}, "RS256", None
    trust(settings, provider.url)
    return provider


@pytest.fixture
def firm() -> Company:
    return make_company("杭州清茶有限公司")


def claim_of(firm: Company, role: str = "representative") -> list[dict[str, str]]:
    return [{"credit_code": firm.credit_code, "company_name": firm.name, "role": role}]


def comes_back(client: Client, **changes: str) -> Any:
    """Begin a sign-in and come back from the provider with its answer."""
    asked = asked_of_provider(client)
    answer = {"code": asked["nonce"], "state": asked["state"]} | changes
    return client.get(f"{reverse('city-identity-callback')}?{urlencode(answer)}")


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_sound_identity_signs_in(forger: Forger, client: Client) -> None:
    assert comes_back(client).status_code == 302
    assert is_signed_in(client)
    account = SocialAccount.objects.get()
    assert (account.uid, account.user.first_name, account.user.has_usable_password()) == ("s-1", "陈晓棠", False)


def test_the_provider_is_asked_with_pkce_state_and_nonce(forger: Forger, client: Client) -> None:
    asked = asked_of_provider(client)
    assert (asked["code_challenge_method"], asked["response_type"]) == ("S256", "code")
    assert min(len(asked[name]) for name in ("code_challenge", "state", "nonce")) >= 16
    again = asked_of_provider(client)
    assert all(asked[name] != again[name] for name in ("code_challenge", "state", "nonce"))


WRONG: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://elsewhere.example"},
    "another audience": {"aud": "another-portal"},
    "another sign-in": {"nonce": "stolen"},
    "no nonce": {"nonce": None},
    "over": {"exp": int(time.time()) - 60},
    "no end": {"exp": None},
    "nobody": {"sub": None},
    "a low level": {"level_of_assurance": 2},
    "a level in words": {"level_of_assurance": "3"},
    "a level that is a truth": {"level_of_assurance": True},
    "no level": {"level_of_assurance": None},
    "a made-up code": {"legal_persons": [{"credit_code": "91330106CT1000001X", "company_name": "", "role": "x"}]},
    "no list": {"legal_persons": "all"},
    "no name": {"name": ""},
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_claims_sign_nobody_in(what: str, forger: Forger, client: Client) -> None:
    forger.claims = WRONG[what]
    answer = comes_back(client)
    assert answer.status_code == 403
    assert not is_signed_in(client)
    assert not User.objects.exists()


def test_a_token_of_another_key_signs_nobody_in(forger: Forger, client: Client) -> None:
    forger.key = rsa.generate_private_key(65_537, 2048)
    assert comes_back(client).status_code == 403
    assert not is_signed_in(client)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_without_the_providers_signature_signs_nobody_in(
    algorithm: str, forger: Forger, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = forger.own_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    sound = forger.token

    def unsigned(nonce: str) -> str:
        claims = jwt.decode(sound(nonce), options={"verify_signature": False})
        key = public if algorithm == "HS256" else None
        return jwt.encode(claims, key, algorithm, headers={"kid": "k"})

    monkeypatch.setattr(forger, "token", unsigned)
    assert comes_back(client).status_code == 403
    assert not is_signed_in(client)


@pytest.mark.parametrize("name", ["issuer", "token_endpoint", "jwks_uri", "authorization_endpoint"])
def test_a_provider_that_leads_elsewhere_is_not_believed(name: str, forger: Forger, client: Client) -> None:
    forger.published = {name: "http://127.0.0.1:1/elsewhere"}
    assert client.post(reverse("city-identity")).status_code == 409
    assert not is_signed_in(client)


def test_an_answer_belongs_to_the_browser_that_asked_and_counts_once(forger: Forger, client: Client) -> None:
    asked = asked_of_provider(client)
    back = f"{reverse('city-identity-callback')}?{urlencode({'code': asked['nonce'], 'state': asked['state']})}"
    other = Client()
    assert other.get(back).status_code == 403
    assert not is_signed_in(other)
    assert client.get(back).status_code == 302
    client.logout()
    assert client.get(back).status_code == 403


def test_a_cancelled_sign_in_says_so(forger: Forger, client: Client) -> None:
    asked = asked_of_provider(client)
    back = urlencode({"error": "access_denied", "state": asked["state"]})
    answer = client.get(f"{reverse('city-identity-callback')}?{back}", headers={"accept-language": "en"})
    assert answer.status_code == 403
    assert "did not confirm who you are" in answer.content.decode()


def test_an_address_leads_into_no_other_account_and_no_other_scope(forger: Forger) -> None:
    signed_in = sign_in(make_user("password owner"))
    begun = signed_in.post(reverse("city-identity") + "?process=connect&scope=admin&auth_params=acr%3Dnone")
    assert "admin" not in begun["Location"]
    assert "acr" not in begun["Location"]
    comes_back(signed_in)
    assert not SocialAccount.objects.filter(user__username="password owner").exists()


def test_the_page_to_go_on_with_is_ours(forger: Forger, client: Client) -> None:
    begun = client.post(reverse("city-identity"), {"next": "https://evil.example/"})
    asked = dict(pair.split("=", 1) for pair in begun["Location"].partition("?")[2].split("&"))
    back = f"{reverse('city-identity-callback')}?code={asked['nonce']}&state={asked['state']}"
    assert client.get(back)["Location"] == reverse("desk")


def test_only_a_post_begins_a_sign_in(forger: Forger, client: Client) -> None:
    assert client.get(reverse("city-identity")).status_code == 405
    assert Client(enforce_csrf_checks=True).post(reverse("city-identity")).status_code == 403


def test_an_officials_account_is_not_entered_by_the_citys_identity(forger: Forger, client: Client) -> None:
    comes_back(client)
    give_rights(User.objects.get(), is_staff=True)
    other = Client()
    assert comes_back(other).status_code == 403
    assert not is_signed_in(other)


def test_a_provider_in_the_database_is_no_provider(forger: Forger, client: Client) -> None:
    SocialApp.objects.create(
        provider="openid_connect", provider_id="city", client_id="x", settings={"server_url": "http://127.0.0.1:1"}
    )
    assert asked_of_provider(client)["client_id"] == "qinqing"


def test_nobody_binds_a_firm_that_the_identity_does_not_name(forger: Forger, client: Client, firm: Company) -> None:
    own = make_company("自己的企业")
    forger.claims = {"legal_persons": claim_of(own)}
    comes_back(client)
    page = client.get(reverse("first-sign-in")).content.decode()
    digest = page.partition('name="digest" value="')[2].partition('"')[0]
    sent = {"credit_code": firm.credit_code, "is_accepted": "on", "digest": digest}
    assert client.post(reverse("first-sign-in"), sent).status_code == 422
    assert not Membership.objects.exists()
    assert not DataAuthorisation.objects.exists()


def test_an_authorised_person_binds_no_firm(forger: Forger, client: Client, firm: Company) -> None:
    forger.claims = {"legal_persons": claim_of(firm, "authorised")}
    comes_back(client)
    sent = {"credit_code": firm.credit_code, "is_accepted": "on", "digest": ""}
    assert client.post(reverse("first-sign-in"), sent).status_code == 422
    assert not Membership.objects.exists()


def test_a_password_account_binds_no_firm(forger: Forger, firm: Company) -> None:
    client = sign_in(act_for(make_company(), make_user("owner")))
    sent = {"credit_code": firm.credit_code, "is_accepted": "on"}
    assert client.post(reverse("first-sign-in"), sent).status_code == 422
    assert not Membership.objects.filter(company=firm).exists()


def test_without_a_provider_there_is_no_such_way(client: Client, settings: Any) -> None:
    settings.IDENTITY_URL = ""
    assert client.post(reverse("city-identity")).status_code == 404
    assert client.get(reverse("city-identity-callback")).status_code == 404
    assert "city-identity" not in client.get(reverse("sign-in")).content.decode()
