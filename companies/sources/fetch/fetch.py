"""Fetches what a source has, within a time that is fixed for all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from companies.models.sources.source import SourceKind
from companies.sources.fetch.asked import Asked, Came, Patience, Spool, too_slow
from companies.sources.fetch.http import fetch_http
from companies.sources.fetch.query import fetch_query
from companies.sources.fetch.sftp import fetch_sftp

GOODBYE_SECONDS: Final = 5.0
_FETCHERS: Final[Mapping[str, Callable[[Asked, Spool, Patience], Awaitable[Came | None]]]] = {
    SourceKind.HTTP: fetch_http,
    SourceKind.SFTP: fetch_sftp,
    SourceKind.QUERY: fetch_query,
}


def fetch(*, kind: str, asked: Asked, spool: Spool, patience: Patience) -> Came | None:
    """
    Write what a source has into the spool; None where it is what it had the last time.

    Django refuses every statement within, so that no row is locked while somebody else's server is waited for.

    Raises:
        PullRefused, WrongColumns: nothing came that can be delivered; the sentence says why.
    """
    return asyncio.run(_fetch_in_time(kind, asked, spool, patience))


async def _fetch_in_time(kind: str, asked: Asked, spool: Spool, patience: Patience) -> Came | None:
    fetching = asyncio.ensure_future(_FETCHERS[kind](asked, spool, patience))
    await asyncio.wait({fetching}, timeout=patience.whole_seconds)
    if fetching.done():
        return fetching.result()
    # Some libraries wait for a last word of the server when they are cancelled, and for nothing when that comes again,
    # as it does at the end of the loop.
    fetching.cancel()
    await asyncio.wait({fetching}, timeout=GOODBYE_SECONDS)
    raise too_slow(asked.place)
