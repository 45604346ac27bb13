"""What a scanner of web pages looks for in an answer: its headers, its cookies and what its markup loads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

from django.http import HttpResponseBase

ADMIN = "/admin/"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# What a page loads, or where it sends to, by these attributes.
ADDRESSES = ("src", "href", "action", "formaction", "data", "poster", "srcset", "background", "hx-get", "hx-post")
EXTERNAL = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
ODD_SCHEMES = re.compile(r"^\s*(?:javascript|vbscript|data|http|ftp):", re.IGNORECASE)
TRACES = ("Traceback (most recent call last)", "DisallowedHost", "django.core", "psycopg", "DEBUG = True")


def faults_of(answer: HttpResponseBase, *, path: str, is_signed_in: bool) -> Iterator[str]:
    """The faults of one answer, a few words each."""
    yield from _faults_of_headers(answer, path)
    yield from _faults_of_cookies(answer)
    if is_signed_in and "no-store" not in answer.headers.get("Cache-Control", ""):
        yield "a page of somebody who is signed in may be kept"
    if "text/html" in answer.headers.get("Content-Type", "") and not answer.streaming:
        text = answer.content.decode()  # type: ignore[attr-defined]
        yield from (f"the page shows “{words}”" for words in TRACES if words in text)
        yield from faults_of_markup(text, is_admin=path.startswith(ADMIN))


def _faults_of_headers(answer: HttpResponseBase, path: str) -> Iterator[str]:
    headers = answer.headers
    yield from (f"{name} is {headers.get(name)}" for name, value in HEADERS.items() if headers.get(name) != value)
    yield from (f"{name} tells who serves" for name in ("Server", "X-Powered-By") if name in headers)
    if "camera=()" not in headers.get("Permissions-Policy", ""):
        yield "no Permissions-Policy"
    policy = dict(_directives(headers.get("Content-Security-Policy", "")))
    for name, words in (("frame-ancestors", "'none'"), ("object-src", "'none'"), ("base-uri", "'self'")):
        if policy.get(name) != [words]:
            yield f"{name} is {policy.get(name)}"
    may_load = {"'self'", "data:"} | ({"'unsafe-eval'", "'unsafe-inline'"} if path.startswith(ADMIN) else set())
    for name in ("default-src", "script-src", "style-src", "img-src", "form-action"):
        words = [word for word in policy.get(name, ["*"]) if not word.startswith("'nonce-")]
        if not set(words) <= may_load:
            yield f"{name} is {words}"
    # Whoever may write a script into a page is anybody there; a style is not.
    if "'unsafe-inline'" in policy.get("script-src", []):
        yield "scripts may stand in the page"


def _directives(policy: str) -> Iterator[tuple[str, list[str]]]:
    for part in policy.split(";"):
        if words := part.split():
            yield words[0], words[1:]


def _faults_of_cookies(answer: HttpResponseBase) -> Iterator[str]:
    for name, cookie in answer.cookies.items():
        if not cookie["httponly"]:
            yield f"the cookie {name} is read by scripts"
        if cookie["samesite"] not in ("Lax", "Strict"):
            yield f"the cookie {name} is sent from other sites"


def faults_of_markup(text: str, *, is_admin: bool) -> list[str]:
    """The faults of a page's markup; the admin's theme has scripts in attributes, which its policy lets pass."""
    parser = _Markup(is_admin=is_admin)
    parser.feed(text)
    parser.close()
    return parser.faults


class _Markup(HTMLParser):
    def __init__(self, *, is_admin: bool) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._is_admin = is_admin
        self._form: dict[str, str] | None = None
        self._has_token = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._look_at_addresses(tag, given)
        if not self._is_admin:
            self._look_at_scripts(tag, given)
        checks: dict[str, Callable[[dict[str, str]], None]] = {
            "form": self._begin_form,
            "input": self._look_at_input,
            "meta": self._look_at_meta,
        }
        checks.get(tag, lambda _given: None)(given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            if not self._has_token:
                self.faults.append("a form is posted without a token")
            self._form, self._has_token = None, True

    def _look_at_addresses(self, tag: str, given: dict[str, str]) -> None:
        for name in ADDRESSES:
            value = given.get(name, "")
            is_picture = tag in ("img", "link", "source") and value.startswith("data:image/")
            if EXTERNAL.match(value) or (ODD_SCHEMES.match(value) and not is_picture):
                self.faults.append(f"<{tag} {name}> leads to {value[:60]}")
        if given.get("target") == "_blank" and not {"noopener", "noreferrer"} & set(given.get("rel", "").split()):
            self.faults.append("a new window knows the page that opened it")

    def _look_at_scripts(self, tag: str, given: dict[str, str]) -> None:
        self.faults += [f"<{tag} {name}> is a script in the page" for name in given if re.match(r"on[a-z]+$", name)]
        if "style" in given:
            self.faults.append(f"<{tag} style> is a style in the page")
        is_run = given.get("type", "text/javascript") in ("", "text/javascript", "module")
        if tag == "script" and is_run and "src" not in given and "nonce" not in given:
            self.faults.append("a script stands in the page")
        if tag == "style" and "nonce" not in given:
            self.faults.append("a style stands in the page")

    def _begin_form(self, given: dict[str, str]) -> None:
        self._form = given
        self._has_token = given.get("method", "get").lower() != "post"

    def _look_at_input(self, given: dict[str, str]) -> None:
        self._has_token = self._has_token or given.get("name") == "csrfmiddlewaretoken"
        is_sent_in_the_address = self._form is not None and self._form.get("method", "get").lower() != "post"
        if given.get("type") == "password" and is_sent_in_the_address:
            self.faults.append("a password would stand in an address")

    def _look_at_meta(self, given: dict[str, str]) -> None:
        if given.get("name", "").lower() == "generator":
            self.faults.append("the page tells what made it")
