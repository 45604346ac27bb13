"""
Slows down who guesses the password of one account from many addresses, without locking its owner out.

After a few wrong passwords for a name, from wherever they come, each further one costs a longer wait, a minute at most.
What is sent during the wait is not looked at and does not lengthen it. A browser in which the account has signed in
before never waits: OWASP calls its mark a device cookie.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core.cache import caches
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from redis.exceptions import RedisError

from qinqing.kernel.secrets import fingerprint
from qinqing.kernel.web.rate_limit import attempted_username

FREE, LONGEST_SECONDS, FORGOTTEN_AFTER_SECONDS = 10, 60, 900
_COOKIE: Final = "known_browser"
_COOKIE_SECONDS: Final = 365 * 24 * 3600


def seconds_to_wait(*, name: str, now: datetime) -> int:
    """How long nobody's password for this name is looked at; also for a name that nobody has, so that none is told."""
    try:
        failures, last = caches["shared"].get(_key(name)) or (0, 0.0)
    except RedisError:
        return 0
    if failures < FREE:
        return 0
    wait = min(2 ** int(failures - FREE), LONGEST_SECONDS)
    return max(0, round(float(last) + wait - now.timestamp()))


def count_wrong_name(*, request: HttpRequest | None = None, credentials: dict[str, Any], **_signal: Any) -> None:
    """Count a wrong password for the name that was sent with it."""
    name = attempted_username(request, credentials) if request is not None else ""
    if not name or is_known_browser(request, name):
        return
    try:
        failures, _last = caches["shared"].get(_key(name)) or (0, 0.0)
        counted = (failures + 1, timezone.now().timestamp())
        caches["shared"].set(_key(name), counted, FORGOTTEN_AFTER_SECONDS)
    except RedisError:
        return


def forget_wrong_names(*, user: Any, **_signal: Any) -> None:
    """Forget the wrong passwords for the name of somebody who has signed in."""
    try:
        caches["shared"].delete(_key(user.get_username()))
    except RedisError:
        return


def is_known_browser(request: HttpRequest | None, name: str) -> bool:
    """Whether the account has signed in with this browser before."""
    mark = request.COOKIES.get(_COOKIE, "") if request is not None else ""
    try:
        return bool(mark) and _signer().unsign(mark) == _hashed(name)
    except BadSignature:
        return False


def remember_browser(response: HttpResponse, name: str) -> None:
    """Mark the browser in which the account has just signed in."""
    response.set_cookie(
        _COOKIE,
        _signer().sign(_hashed(name)),
        max_age=_COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _signer() -> Signer:
    return Signer(salt="known browser")


def _hashed(name: str) -> str:
    return fingerprint(name.lower()).hex()


def _key(name: str) -> str:
    return f"wrong-name:{_hashed(name)}"
