"""A real Chromium before the real portal, over a small city that departments delivered and a bank across a socket."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect, sync_playwright

from companies.deliveries.deliver import deliver
from payouts.banks.http import HttpBank
from payouts.claims.automatic import claim_automatic
from payouts.replies.apply import apply_replies
from payouts.sending.send import send_due
from policies.editor import match_estimate as rule_counts
from policies.matching.run import match_due
from qinqing.demo.city.city import cast_codes, write_city
from qinqing.demo.city.plan import CityPlan, usual_employees
from qinqing.demo.people import DEMO_PASSWORD, make_logins
from qinqing.demo.policies.loading import load_policies
from tests.restoring import has_snapshot, restore, take_snapshot
from tests.tellers import simulated

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The folder for pictures of the pages, which the README shows; without it the tests take none.
SCREENSHOTS = os.environ.get("SCREENSHOTS")
DESKTOP = {"viewport": {"width": 1280, "height": 860}}
PHONE = {"viewport": {"width": 390, "height": 800}, "device_scale_factor": 1.5, "is_mobile": True, "has_touch": True}
COMPANIES = 20
WORK_EVERY_SECONDS = 0.1
# What a page loads by itself comes late on a busy machine; Playwright's five seconds would be too few.
LONGEST_WAIT_MILLISECONDS = 30_000


@pytest.fixture(scope="package", autouse=True)
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        sentence = "There is no Chromium here; install one or name it with CHROMIUM."
        # CI installs Chromium, so its absence there is a fault.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(sentence)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright runs a loop in this thread, and Django therefore takes the thread for an asynchronous caller.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        expect.set_options(timeout=LONGEST_WAIT_MILLISECONDS)
        # The page counts twenty firms in full, however busy the machine is.
        patch.setattr(rule_counts, "COUNT_SECONDS", LONGEST_WAIT_MILLISECONDS / 1000)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def one_more(page: Page, prefix: str) -> int:
    """Add an empty part of a kind; returns its place."""
    parts = page.locator(f"[name={prefix}-TOTAL_FORMS]")
    place = int(parts.input_value())
    button = page.locator(f"#{prefix}-group .add-row a, #{prefix}-group a.add-row, #{prefix}-group [class*=add-row] a")
    # The check of the rule above may arrive while the pointer is down, and move the button away from it.
    for _attempt in range(5):
        if int(parts.input_value()) > place:
            break
        button.first.click()
    return place


def press(button: Locator) -> None:
    """
    Press a button by key, because the check of a rule may arrive at any moment and move the button away from a pointer.
    """
    button.press("Enter")


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    cache.clear()


@dataclass(frozen=True)
class Visitor:
    """Somebody before a browser."""

    page: Page
    address: str
    faults: list[str]

    def opens(self, path: str) -> None:
        self.page.goto(self.address + path)

    def signs_in(self, username: str) -> None:
        self.opens("/sign-in/")
        self.page.fill("#id_username", username)
        self.page.fill("#id_password", DEMO_PASSWORD)
        self.page.click("[data-submit]")

    def is_pictured(self, name: str, *, whole: bool = False) -> None:
        """Take a picture of the page, if pictures are wanted."""
        if SCREENSHOTS:
            self.page.wait_for_timeout(250)
            self.page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png", full_page=whole)


@pytest.fixture
def visit(chromium: Browser, live_server: object) -> Iterator[Callable[..., Visitor]]:
    """Opens a browser window; at the end the test fails if a page complained."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []
    asked: set[Request] = set()

    def arrive(*, language: str = "zh-CN", scripts: bool = True, **device: object) -> Visitor:
        context = chromium.new_context(locale=language, java_script_enabled=scripts, **(device or DESKTOP))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(LONGEST_WAIT_MILLISECONDS)
        page.on("request", lambda request: asked.add(request))
        page.on("requestfinished", lambda request: asked.discard(request))
        page.on("requestfailed", lambda request: asked.discard(request))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "response", lambda answer: faults.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
        )
        return Visitor(page, str(live_server), faults)

    yield arrive
    for context in contexts:
        _let_the_portal_answer(context, asked)
        context.close()
    assert faults == []


def _let_the_portal_answer(context: BrowserContext, asked: set[Request]) -> None:
    # Requests that a page sends by itself, such as the count of a rule, would still read while the test empties tables.
    for _turn in range(LONGEST_WAIT_MILLISECONDS // 50):
        if not asked or not context.pages:
            return
        context.pages[0].wait_for_timeout(50)


@pytest.fixture
def city(live_server: object, tmp_path: Path) -> list[str]:
    """
    A small city: delivered files, matched policies in force, demo logins; returns the credit codes of its cast.

    The first test that needs the city builds it; later tests find it in a snapshot.
    """
    today = timezone.localdate()
    plan = CityPlan(companies=COMPANIES, employees=usual_employees(COMPANIES), seed=1, today=today)
    snapshot = f"city_{today:%Y%m%d}"
    if has_snapshot(snapshot):
        restore(snapshot)
    else:
        _build(plan, tmp_path)
        take_snapshot(snapshot)
    return cast_codes(plan)


def _build(plan: CityPlan, folder: Path) -> None:
    now = timezone.now()
    for file in write_city(plan, folder=folder):
        with file.path.open("rb") as content:
            asked = {"delivery_id": file.delivery_id, "dataset": file.dataset, "as_of_on": file.as_of_on}
            deliver(content=content, delivered_by=None, now=now, **asked)
    logins = make_logins(cast=cast_codes(plan))
    load_policies(actor=logins["officer"], publisher=logins["officer2"], today=plan.today, now=now)
    while match_due(limit_companies=1000, now=now) is not None:
        pass


@pytest.fixture
def bank_opens(tmp_path: Path) -> Callable[[], object]:
    """Open a bank behind a real socket for the block; a worker sends to it and acts on its replies."""

    @contextmanager
    def opened() -> Iterator[None]:
        with simulated(tmp_path) as (_bank, gateway):
            stop = Event()
            worker = Thread(target=_work, args=(gateway, stop), daemon=True)
            worker.start()
            try:
                yield
            finally:
                stop.set()
                worker.join()

    return opened


def _work(gateway: HttpBank, stop: Event) -> None:
    while not stop.wait(WORK_EVERY_SECONDS):
        claim_automatic(limit=100, now=timezone.now())
        send_due(gateway=gateway, limit=100, now=timezone.now())
        apply_replies(limit=100, now=timezone.now())
    connection.close()
