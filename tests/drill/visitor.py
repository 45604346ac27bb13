"""Somebody at a browser: one session with its cookies, the pages it opens and the forms it sends."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape

import httpx
from django.utils import timezone

from qinqing.demo.campaign.stages.forms import form_to
from qinqing.demo.factors import current_code
from qinqing.demo.people import DEMO_PASSWORD

TOTP_PERIOD = 30
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_MESSAGE = re.compile(r'(?:role="alert"|class="[^"]*(?:messagelist|errorlist|message)[^"]*")[^>]*>(.*?)</', re.DOTALL)
Files = Mapping[str, tuple[str, bytes]]


class NotReached(Exception):
    """The drill could not lay the ground for an attack, so it says nothing about it."""


@dataclass(frozen=True, slots=True)
class Page:
    """An answer: its status, the path it came from, and its text."""

    status: int
    path: str
    text: str

    @property
    def words(self) -> str:
        """What a reader sees, without tags, in one line."""
        bare = re.sub(r"<(script|style)\b.*?</\1>", " ", self.text, flags=re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())

    def find(self, pattern: str) -> str:
        """
        The first group of a pattern in the page.

        Raises:
            NotReached: the page has nothing like it.
        """
        found = re.search(pattern, self.text)
        if found is None:
            raise NotReached(f"{self.path} has nothing like {pattern}: {self.words[:300]}")
        return unescape(found[1])


@dataclass(slots=True)
class Visitor:
    """A person who signs in to the product that runs at `address`."""

    address: str
    username: str = ""
    _browser: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        # The product is on this machine, so a proxy from the environment is not for it.
        self._browser = httpx.Client(
            base_url=self.address,
            follow_redirects=True,
            trust_env=False,
            timeout=60,
            # The server closes a connection that rests for a moment, just when the next request may use it.
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={"Accept-Language": "en"},
        )

    def sign_in(self, *, has_factor: bool) -> Visitor:
        """Sign in with the demo's password, and with the code of the second factor where the person has one."""
        self.submit("/sign-in/", username=self.username, password=DEMO_PASSWORD)
        if has_factor:
            self._show_factor("/second-factor/authenticate/")
        return self

    def _show_factor(self, path: str) -> None:
        """Type the code of the app; one that was used before is refused, so then wait for the next one."""
        while self.submit(path, code=self.code()).path == path:
            time.sleep(TOTP_PERIOD - time.time() % TOTP_PERIOD)

    def code(self) -> str:
        """The code that the person's app shows now."""
        return current_code(username=self.username, now=timezone.now())

    def open(self, path: str) -> Page:
        """Open a page."""
        return _read(self._browser.get(path))

    def fetch(self, path: str) -> httpx.Response:
        """Fetch a file."""
        return self._browser.get(path)

    def submit(self, path: str, *, to: str = "", files: Files | None = None, **answers: str) -> Page:
        """Open a page and send its form, or the one that goes `to` another address, filled in with the answers."""
        page = self.open(path)
        form = form_to(page.text, path=to or path.partition("?")[0])
        return _read(self._browser.post(form.action or path, data=form.filled_in(**answers), files=files))

    def post(self, path: str, *, files: Files | None = None, **fields: str) -> Page:
        """Send fields to an address without its form, as an attacker does who knows what the form would send."""
        found = _TOKEN.search(self._browser.get("/password/").text)
        token = {"csrfmiddlewaretoken": found[1]} if found else {}
        return _read(self._browser.post(path, data=token | fields, files=files, headers={"Referer": self.address}))

    def post_from_elsewhere(self, path: str, **fields: str) -> Page:
        """Send fields as another site's page makes this person's browser do it."""
        return _read(self._browser.post(path, data=fields, headers={"Origin": "https://elsewhere.example"}))


def _read(answer: httpx.Response) -> Page:
    return Page(answer.status_code, answer.url.path, answer.text)
