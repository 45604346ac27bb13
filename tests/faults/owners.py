"""Owners who claim in the portal during the faults, as people do: they look, click, and look again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
from django.test import Client

from companies.models import Company, Membership, User
from qinqing.demo.campaign.stages.forms import NoSuchForm, form_to

AT_ONCE = 4
PATIENCE_SECONDS = 40


def session_of(owner: User) -> str:
    """A session in which the owner is signed in."""
    client = Client()
    client.force_login(owner)
    return client.cookies["sessionid"].value


def owner_of(companies: Sequence[Company]) -> User:
    """A user who acts for these companies."""
    owner = User.objects.create(username=f"owner of {companies[0].pk}")
    Membership.objects.bulk_create(Membership(user=owner, company=company) for company in companies)
    return owner


def click_all(*, address: str, session: str, credit_codes: Sequence[str]) -> int:
    """Claim for each company, with every click made twice; returns how many the portal shows as claimed."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return sum(threads.map(lambda code: _claim_until_done(address, session, code), credit_codes))


def _claim_until_done(address: str, session: str, code: str) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if not _click_if_open(address, session, code):
                return True
        except (httpx.HTTPError, OSError):
            # The portal is down; an owner who wants the money tries again.
            time.sleep(0.2)
    return False


def _click_if_open(address: str, session: str, code: str) -> bool:
    """Read the page and claim if it offers a claim; returns whether it did."""
    claims = f"/firms/{code}/claims/"
    with httpx.Client(base_url=address, cookies={"sessionid": session}, timeout=5, trust_env=False) as browser:
        page = browser.get(f"/firms/{code}/").raise_for_status()
        try:
            form = form_to(page.text, path=claims).filled_in()
        except NoSuchForm:
            return False
        with ThreadPoolExecutor(2) as hands:
            list(hands.map(lambda _hand: browser.post(claims, data=form), range(2)))
        return True
