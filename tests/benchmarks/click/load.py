"""
`python -m tests.benchmarks.click.load`: many browsers in a process of their own, so that they share no lock with us.

It reads a line of JSON that says whom it plays, signs everybody in, reads every form as a browser would, posts the
first share of them, and says that it is ready. At the next line it posts the others. It posts as fast as the answers
come, each browser one after the other, and writes what it saw as JSON; the `first` were answered by a server that had
just started.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier
from typing import Any
from urllib.parse import urlencode, urlsplit

from qinqing.demo.campaign.stages.forms import NoSuchForm, form_to

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TIMEOUT_SECONDS = 60


class Unexpected(Exception):
    """The server's answer is not the one that an owner expects."""


@dataclass(slots=True)
class Browser:
    """One open connection, with its cookies."""

    connection: http.client.HTTPConnection
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> str:
        """The page of a path, which has to exist."""
        status, body, _location = self.ask("GET", path)
        if status != http.HTTPStatus.OK:
            raise Unexpected(f"{path} answered {status}.")
        return body

    def post(self, path: str, form: str) -> tuple[int, str]:
        """Post an encoded form; returns the status and the address of the redirect."""
        status, _body, location = self.ask("POST", path, form, _FORM)
        return status, location

    def ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        """One request and its answer; cookies are kept."""
        cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        self.connection.request(method, path, body, {**(headers or {}), **(cookie if self.cookies else {})})
        answer = self.connection.getresponse()
        content = answer.read().decode()
        for each in answer.headers.get_all("Set-Cookie") or ():
            name, _equals, value = each.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, content, answer.headers.get("Location", "")


@dataclass(slots=True)
class Shelf:
    """The forms that one browser will post, as path and encoded form."""

    browser: Browser
    forms: list[tuple[str, str]]

    def split(self, share: float) -> tuple[Shelf, Shelf]:
        """The first share of the forms, and the others."""
        place = int(len(self.forms) * share)
        return Shelf(self.browser, self.forms[:place]), Shelf(self.browser, self.forms[place:])


def main() -> None:
    """Prepare the browsers, post, and report."""
    plan = json.loads(sys.stdin.readline())
    pause = plan["pause_seconds"]
    with ThreadPoolExecutor(len(plan["browsers"])) as threads:
        shelves = list(threads.map(lambda each: _prepare_shelves(plan["address"], each), plan["browsers"]))
        parts = [each.split(plan["first_share"]) for each in shelves]
        first = _post_shelves(threads, [each for each, _others in parts], pause)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        seen = _post_shelves(threads, [others for _first, others in parts], pause)
    json.dump(seen | {"first": first}, sys.stdout)


def _post_shelves(threads: ThreadPoolExecutor, shelves: Sequence[Shelf], pause_seconds: float) -> dict[str, Any]:
    """Post all forms of the shelves, begun at the same moment; returns the total time and each answer."""
    start = Barrier(len(shelves))
    seen = list(threads.map(lambda shelf: _post_shelf(shelf, start, pause_seconds), shelves))
    began, ended = min(each[0] for each in seen), max(each[1] for each in seen)
    return {"seconds": ended - began, "answers": [answer for each in seen for answer in each[2]]}


def _prepare_shelves(address: str, plan: dict[str, Any]) -> Shelf:
    host = urlsplit(address)
    assert host.hostname is not None
    browser = Browser(http.client.HTTPConnection(host.hostname, host.port, timeout=TIMEOUT_SECONDS))
    if "username" in plan:
        _sign_in(browser, plan["username"], plan["password"])
    if "posts" in plan:
        token = browser.cookies.get("csrftoken", "none")
        return Shelf(browser, [(path, f"{form}&csrfmiddlewaretoken={token}") for path, form in plan["posts"]])
    return Shelf(browser, [form for code in plan["firms"] for form in _claim_form(browser, code)])


def _sign_in(browser: Browser, username: str, password: str) -> None:
    form = form_to(browser.get("/sign-in/"), path="/sign-in/").filled_in(username=username, password=password)
    browser.post("/sign-in/", urlencode(form, doseq=True))
    if "sessionid" not in browser.cookies:
        raise Unexpected(f"{username} could not sign in.")


def _claim_form(browser: Browser, code: str) -> Sequence[tuple[str, str]]:
    """The form of a firm's page with one entitlement ticked; None if the page has no form."""
    path = f"/firms/{code}/claims/"
    try:
        form = form_to(browser.get(f"/firms/{code}/"), path=path).filled_in()
    except NoSuchForm:
        return []
    form["offer"] = [min(form["offer"], key=len)]
    mark = form["offer"][0].partition(":")[0] + ":"
    form["line"] = [line for line in form.get("line", []) if line.startswith(mark)][:1]
    return [(path, urlencode(form, doseq=True))]


def _post_shelf(shelf: Shelf, start: Barrier, pause_seconds: float) -> tuple[float, float, list[dict[str, Any]]]:
    answers = []
    # The server may have closed the connection while the other browsers were prepared.
    shelf.browser.connection.close()
    shelf.browser.connection.connect()
    start.wait()
    began = time.perf_counter()
    for path, form in shelf.forms:
        sent_at, clock = time.time(), time.perf_counter()
        status, to = shelf.browser.post(path, form)
        answers.append({"status": status, "seconds": time.perf_counter() - clock, "to": to, "sent_at": sent_at})
        if pause_seconds:
            time.sleep(pause_seconds)
    return began, time.perf_counter(), answers


if __name__ == "__main__":
    main()
