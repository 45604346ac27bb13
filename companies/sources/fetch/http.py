"""A file over HTTP(S), if it is another one than the last time."""

from __future__ import annotations

import datetime as dt
import re
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import quote, unquote, urljoin, urlsplit

import httpx
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from companies.sources.fetch.asked import (
    Asked,
    Came,
    Patience,
    PullRefused,
    Spool,
    is_about_certificate,
    make_context,
    refuse_own_addresses,
    too_slow,
    unreachable,
    wrong_certificate,
)
from companies.sources.places import SINCE

MOST_REDIRECTS: Final = 3
_HTML = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


class WebPage(PullRefused):
    """A page for people came instead of a file."""


class Redirected(PullRefused):
    """The server sends us elsewhere."""


class ServerRefuses(PullRefused):
    """The server answers with an error."""


class CutShort(PullRefused):
    """Fewer bytes came than were announced, or nobody can tell."""


async def fetch_http(asked: Asked, spool: Spool, patience: Patience) -> Came | None:
    """
    Write the file into the spool; None where the server says that it is the one of the last time.

    Raises:
        PullRefused: what came is not the file; the subclasses say why.
    """
    await refuse_own_addresses(asked.place)
    async with httpx.AsyncClient(
        headers=_headers(asked),
        auth=httpx.BasicAuth(asked.username, asked.secret) if asked.username else None,
        timeout=httpx.Timeout(patience.read_seconds, connect=patience.connect_seconds),
        # The source alone names the server; a proxy of the environment must not stand in between.
        trust_env=False,
        verify=make_context(asked.trusted),
    ) as client:
        try:
            return await _follow(client, asked, spool)
        except httpx.TimeoutException as trouble:
            raise too_slow(asked.place) from trouble
        except (httpx.HTTPError, httpx.InvalidURL) as trouble:
            raise _explain(trouble, asked) from trouble


def fill_address(asked: Asked) -> str:
    """The address with the bookmark in its place."""
    return asked.address.replace(SINCE, quote(asked.since, safe=""))


def read_moment(text: str) -> dt.datetime | None:
    """The moment that a header names in the way of HTTP, or nothing."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


async def _follow(client: httpx.AsyncClient, asked: Asked, spool: Spool) -> Came | None:
    """Ask, and follow redirections within the same server."""
    address = fill_address(asked)
    for _hop in range(MOST_REDIRECTS + 1):
        async with client.stream("GET", address) as answer:
            if not answer.has_redirect_location:
                return await _read(answer, asked, spool)
            elsewhere = urljoin(address, answer.headers["location"])
        if _origin(elsewhere) != _origin(address):
            host = urlsplit(elsewhere).hostname or "?"
            sentence = _("The server sends us to {host}; if that is right, propose the new address.")
            raise Redirected(format_lazy(sentence, host=host[:80]))
        address = elsewhere
    raise Redirected(_("The server sends us on and on; ask the department for the file’s own address."))


async def _read(answer: httpx.Response, asked: Asked, spool: Spool) -> Came | None:
    if answer.status_code == httpx.codes.NOT_MODIFIED and asked.seen:
        return None
    if answer.status_code != httpx.codes.OK:
        raise _refused(answer.status_code)
    _refuse_web_page(answer.headers.get("content-type", ""))
    _check_length(answer, spool)
    async for piece in answer.aiter_raw():
        if not spool.byte_count and _HTML.match(piece):
            _refuse_web_page("text/html")
        spool.write(piece)
    name = unquote(urlsplit(str(answer.url)).path.rpartition("/")[2]) or asked.place.host
    kept = {"etag": "etag", "modified": "last-modified"}
    return Came(
        what=name[:200],
        seen={key: answer.headers[header][:300] for key, header in kept.items() if header in answer.headers},
        modified_at=read_moment(answer.headers.get("last-modified", "")),
        headers=dict(answer.headers),
    )


def _headers(asked: Asked) -> dict[str, str]:
    # The bytes are to come as they are: what counts is their length and their digest.
    headers = {"Accept-Encoding": "identity", "User-Agent": "qinqing"}
    if asked.secret and not asked.username:
        headers["Authorization"] = f"Bearer {asked.secret}"
    if "etag" in asked.seen:
        headers["If-None-Match"] = asked.seen["etag"]
    elif "modified" in asked.seen:
        headers["If-Modified-Since"] = asked.seen["modified"]
    return headers


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port


def _check_length(answer: httpx.Response, spool: Spool) -> None:
    """Refuse a body of which nobody could tell whether it is whole; a number cut in two would land as another one."""
    length = answer.headers.get("content-length", "")
    if length.isdigit():
        spool.expect(int(length))
    elif "transfer-encoding" not in answer.headers:
        raise CutShort(
            _("The server does not say how long the file is, so nobody could tell whether it came whole; ask for that.")
        )


def _refuse_web_page(content_type: str) -> None:
    if content_type.partition(";")[0].strip().lower() in {"text/html", "application/xhtml+xml"}:
        raise WebPage(
            _("A web page came instead of a file, perhaps one to sign in; look at the address and the secret.")
        )


def _refused(status: int) -> ServerRefuses:
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        sentence = _("The server does not let us in ({status}); look at the account and the secret.")
    elif status in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
        sentence = _("There is no file at this address ({status}); look at the address.")
    else:
        sentence = _("The server answers with an error ({status}); if this goes on, ask the department.")
    return ServerRefuses(format_lazy(sentence, status=status))


def _explain(trouble: Exception, asked: Asked) -> PullRefused:
    if is_about_certificate(trouble):
        return wrong_certificate(asked.place)
    if isinstance(trouble, httpx.RemoteProtocolError | httpx.ReadError):
        return CutShort(_("The connection broke off before the whole file had come; it is asked for again later."))
    return unreachable(asked.place)
