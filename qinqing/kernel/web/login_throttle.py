"""Wrong passwords, counted by where they come from, whatever names they are tried on."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest

from qinqing.kernel.web.rate_limit import is_used_up, is_within_limit, visitor_of

PAGE: Final = "wrong-password"
# A market hall behind one address mistypes less; whoever tries one password on every name needs weeks.
LIMIT, SECONDS = 100, 900


def has_guessed_too_often(request: HttpRequest) -> bool:
    """Whether so many wrong passwords came from the request's address lately that no further one is looked at."""
    return is_used_up(page=PAGE, visitor=visitor_of(request), limit=LIMIT)


def count_wrong_password(*, request: HttpRequest | None = None, **_signal: Any) -> None:
    """Take note that somebody could not sign in; a right password is never counted."""
    if request is not None:
        is_within_limit(page=PAGE, visitor=visitor_of(request), limit=LIMIT, seconds=SECONDS)
