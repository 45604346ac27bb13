"""How often somebody may come to a page that costs work."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest
from redis.exceptions import RedisError

LONGEST_NAME = 150


def is_within_limit(*, page: str, visitor: str, limit: int, seconds: int) -> bool:
    """
    Count a visit; False from the one after the `limit`-th within `seconds` of the first.

    The count is shared by all processes. Where the server that keeps it is away, everybody is let in.
    """
    shared, key = caches["shared"], f"visits:{page}:{visitor}"
    try:
        shared.add(key, 0, seconds)
        count = int(shared.incr(key))
        if count == 1:
            # A count that ran out just before it was raised comes back without an end.
            shared.touch(key, seconds)
        return count <= limit
    except ValueError:  # It ran out between the two.
        return True
    except RedisError:
        return True


def visitor_of(request: HttpRequest) -> str:
    """
    The address a request comes from: in production the one that our own proxy saw, which it names last.

    What the proxy names may be no address, such as “unknown”; then it is the proxy's own.
    """
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.IS_PRODUCTION else ""
    named = forwarded.rpartition(",")[2].strip()
    return named if _is_address(named) else str(request.META.get("REMOTE_ADDR", ""))


def name_tried(request: HttpRequest, credentials: Mapping[str, str] | None = None) -> str:
    """The account's name that somebody tries to sign in with, as it can be stored whatever it is."""
    return str((credentials or request.POST).get("username") or "").replace("\0", "�")[:LONGEST_NAME]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
