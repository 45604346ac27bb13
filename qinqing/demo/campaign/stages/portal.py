"""Bookkeepers who claim in the portal itself: over HTTP, signed in, with the form that the page shows."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import unescape

import httpx

from companies.models import Company
from policies.models import Track
from qinqing.demo.campaign.stages.forms import form_to
from qinqing.demo.campaign.stages.offers import claimable
from qinqing.demo.people import make_bookkeepers

_FIRMS_EACH, _AT_ONCE = 6, 2
_TIMEOUT_SECONDS = 60


class PortalRefused(Exception):
    """The portal did not do what a signed-in owner asked for."""


def claim_in_portal(*, address: str, claims: int, spared: Collection[int], done: Callable[[], None]) -> int:
    """
    Claim for up to so many firms through the portal; returns for how many.

    `spared` are ids of companies that nobody claims for; other threads call `done` after each claim.

    Raises:
        PortalRefused: a page was not what an owner should see.
    """
    companies = _with_open_offers(claims, spared)
    shelves = [companies[start : start + _FIRMS_EACH] for start in range(0, len(companies), _FIRMS_EACH)]
    password = secrets.token_urlsafe()
    ids = [[company.pk for company in shelf] for shelf in shelves]
    users = make_bookkeepers(count=len(shelves), password=password, companies=ids)
    work = [(address, user.username, password, shelf, done) for user, shelf in zip(users, shelves, strict=True)]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return sum(threads.map(lambda job: _claim_as(*job), work))


def _with_open_offers(count: int, spared: Collection[int]) -> list[Company]:
    offered = Company.objects.filter(pk__in=claimable(Track.INSTANT).values("company")).exclude(pk__in=spared)
    return list(offered.order_by("pk")[:count])


def _claim_as(
    address: str, username: str, password: str, companies: Sequence[Company], done: Callable[[], None]
) -> int:
    # The portal is on this machine, so a proxy from the environment is not for it.
    with httpx.Client(base_url=address, follow_redirects=True, timeout=_TIMEOUT_SECONDS, trust_env=False) as browser:
        _sign_in(browser, username, password)
        for company in companies:
            _claim(browser, company)
            done()
    return len(companies)


def _sign_in(browser: httpx.Client, username: str, password: str) -> None:
    page = _shown(browser.get("/sign-in/"))
    form = form_to(page.text, path="/sign-in/")
    answer = _shown(browser.post("/sign-in/", data=form.filled_in(username=username, password=password)))
    if "sessionid" not in browser.cookies:
        raise PortalRefused(f"{username} could not sign in; the portal answered at {answer.url.path}.")


def _claim(browser: httpx.Client, company: Company) -> None:
    claims = f"/firms/{company.credit_code}/claims/"
    page = _shown(browser.get(f"/firms/{company.credit_code}/"))
    answer = _shown(browser.post(claims, data=form_to(page.text, path=claims).filled_in()))
    if not answer.url.path.startswith(claims) or answer.url.path == claims:
        raise PortalRefused(f"A claim for {company} did not lead to its progress, but to {answer.url.path}.")


def _shown(answer: httpx.Response) -> httpx.Response:
    if answer.status_code != httpx.codes.OK:
        raise PortalRefused(f"The portal answered {answer.status_code} at {answer.url.path}. {_alert(answer.text)}")
    return answer


def _alert(page: str) -> str:
    """What the page says went wrong, in its own words."""
    found = re.search(r'role="alert".*?<p>(.*?)</p>', page, flags=re.DOTALL)
    return unescape(found[1]) if found else ""
