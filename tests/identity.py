"""Providers of identity for tests: the simulator as a process of its own, and one that signs whatever it is told."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.urls import reverse

from qinqing.demo.campaign.parts import REGISTER, Addresses, identity_provider
from qinqing.identity_provider.register import Person, write_register
from qinqing.services.ports import free_port
from qinqing.services.supervisor import Supervisor


@dataclass(frozen=True)
class Simulator:
    """The running simulator: its issuer, and the file of its persons."""

    url: str
    register: Path

    def knows(self, *persons: Person) -> None:
        """Make these the persons whom it knows from now on."""
        write_register(self.register, persons)


@contextmanager
def running_simulator(folder: Path, *, web_port: int) -> Iterator[Simulator]:
    """The simulator as a process, for a portal on this port."""
    addresses = Addresses(web_port=web_port, bank_port=0, identity_port=free_port())
    with Supervisor(logs=folder / "logs", environment={}) as supervisor:
        supervisor.start(identity_provider(addresses, folder=folder))
        supervisor.wait_until_ready()
        yield Simulator(addresses.identity, folder / REGISTER)


def signed_in_by(client: Client, subject: str, *, host: str, fields: dict[str, str] | None = None) -> Any:
    """Sign a person in by the simulator, as a browser does; the portal's answer to what the provider sent back."""
    begun = client.post(reverse("city-identity"), fields or {}, headers={"host": host})
    assert begun.status_code == 302, begun.content.decode()
    with httpx.Client(trust_env=False) as browser:
        page = browser.get(begun["Location"], follow_redirects=True)
        token = browser.cookies["identity-csrf"]
        chosen = {"person": subject, "csrfmiddlewaretoken": token}
        answer = browser.post(page.url, data=chosen, headers={"referer": str(page.url)})
        while answer.is_redirect and urlsplit(answer.headers["location"]).netloc != host:
            answer = browser.get(answer.url.join(answer.headers["location"]))
    back = urlsplit(answer.headers["location"])
    return client.get(f"{back.path}?{back.query}", headers={"host": host})


@dataclass
class Forger:
    """
    A provider that answers every code with a token of these claims, signed as told.

    `claims` stand beside those of a sound token; `header`, `algorithm` and `key` are what it is signed with.
    """

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    key: Any = None
    published: dict[str, Any] = field(default_factory=dict)
    own_key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65_537, 2048))

    def token(self, nonce: str) -> str:
        now = int(time.time())
        sound = {"iss": self.url, "aud": "qinqing", "sub": "s-1", "iat": now, "exp": now + 60, "nonce": nonce}
        sound |= {"name": "陈晓棠", "level_of_assurance": 3, "legal_persons": []}
        claims = {name: value for name, value in (sound | self.claims).items() if value is not None}
        return jwt.encode(claims, self.key or self.own_key, self.algorithm, headers={"kid": "k"})

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        } | self.published

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.own_key.public_key()))
        return {"keys": [public | {"kid": "k", "alg": "RS256", "use": "sig"}]}


@contextmanager
def running_forger() -> Iterator[Forger]:
    """The forger behind a real connection."""
    forger = Forger()

    class ForgedAnswers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(forger.keys() if self.path.endswith("/keys") else forger.configuration())

        def do_POST(self) -> None:
            sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            # The code is the nonce, which only the test knows to repeat.
            self._answer({"access_token": "a", "token_type": "Bearer", "id_token": forger.token(sent["code"][0])})

        def _answer(self, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), ForgedAnswers)
    forger.url = f"http://127.0.0.1:{server.server_port}/o"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield forger
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def asked_of_provider(client: Client) -> dict[str, str]:
    """Begin a sign-in; the parameters with which the portal leads to the provider."""
    begun = client.post(reverse("city-identity"))
    assert begun.status_code == 302, begun.content.decode()
    return {name: values[0] for name, values in parse_qs(urlsplit(begun["Location"]).query).items()}


def settings_for(url: str) -> dict[str, Any]:
    """The settings by which the portal trusts a provider."""
    app = {"provider_id": "city", "name": "City identity", "client_id": "qinqing", "secret": "simulator"}
    app["settings"] = {"server_url": url, "fetch_userinfo": False, "oauth_pkce_enabled": True}  # type: ignore[assignment]
    provider = {"provider_class": "companies.city_identity.provider.CityProvider", "APPS": [app]}
    return {"IDENTITY_URL": url, "SOCIALACCOUNT_PROVIDERS": {"openid_connect": provider}}


def trust(settings: Any, url: str) -> None:
    """Let the portal trust a provider for a test."""
    for name, value in settings_for(url).items():
        setattr(settings, name, value)
