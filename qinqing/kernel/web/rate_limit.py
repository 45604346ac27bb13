"""Limits how often somebody may visit a page that is costly to make."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

LONGEST_NAME = 150
# The first half of an IPv6 address is the network; its user may choose the other half anew for every request.
HOST_BITS = 64
# A person never searches so often, a script soon would.
SEARCHES, SEARCHES_SECONDS = 30, 60


def count_visit(*, page: str, visitor: str, limit: int, seconds: int) -> bool:
    """
    Count a visit; False from the one after the `limit`-th within `seconds` of the first.

    All processes share the count. While the server that keeps it is away, everybody is let in.
    """
    shared, key = caches["shared"], _key(page, visitor)
    try:
        shared.add(key, 0, seconds)
        count = int(shared.incr(key))
        if count == 1:
            # If a count expires just before `incr`, Redis makes a new one that never expires.
            shared.touch(key, seconds)
        return count <= limit
    except ValueError:  # The count expired between the two calls.
        return True
    except RedisError:
        return True


def is_limit_reached(*, page: str, visitor: str, limit: int) -> bool:
    """Whether as many visits were counted as the limit allows; this one is not counted."""
    try:
        return int(caches["shared"].get(_key(page, visitor)) or 0) >= limit
    except RedisError:
        return False


def _key(page: str, visitor: str) -> str:
    return f"visits:{page}:{visitor}"


def refuse_search(request: HttpRequest) -> str:
    """Count a search of a public list; the sentence that refuses it when there were too many, else nothing."""
    visitor = visitor_address(request)
    if count_visit(page="search", visitor=visitor, limit=SEARCHES, seconds=SEARCHES_SECONDS):
        return ""
    return _("That was %(limit)d searches within a minute. Wait a minute, then go on.") % {"limit": SEARCHES}


def visitor_address(request: HttpRequest) -> str:
    """
    The address a request comes from, or its IPv6 network: in production what our own proxy saw, which it names last.

    If the proxy names something else, such as “unknown”, the proxy's own address is used.
    """
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.IS_PRODUCTION else ""
    beside = str(request.META.get("REMOTE_ADDR", ""))
    return _parse_address(forwarded.rpartition(",")[2].strip()) or _parse_address(beside) or beside


def attempted_username(request: HttpRequest, credentials: Mapping[str, str] | None = None) -> str:
    """The name that somebody tries to sign in with, cut and cleaned so that any text can be stored."""
    return str((credentials or request.POST).get("username") or "").replace("\0", "�")[:LONGEST_NAME]


def _parse_address(text: str) -> str:
    """The address under which a visitor is counted; empty if the text is no address."""
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        # A server that listens on both kinds of address reports an IPv4 one as a mapped IPv6 one.
        return str(address.ipv4_mapped or IPv6Address(int(address) >> HOST_BITS << HOST_BITS))
    return str(address)
