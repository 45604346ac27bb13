"""Wrong passwords, counted by where they come from, whatever names they are tried on."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest

from qinqing.kernel.web.rate_limit import count_visit, is_limit_reached, visitor_address

PAGE: Final = "wrong-password"
# A market hall behind one address mistypes less; whoever tries one password on every name needs weeks.
LIMIT, SECONDS = 100, 900


def is_locked_out(request: HttpRequest) -> bool:
    """Whether so many wrong passwords came from the request's address lately that no further one is looked at."""
    return is_limit_reached(page=PAGE, visitor=visitor_address(request), limit=LIMIT)


def count_wrong_password(*, request: HttpRequest | None = None, **_signal: Any) -> None:
    """Take note that somebody could not sign in; a right password is never counted."""
    if request is not None:
        count_visit(page=PAGE, visitor=visitor_address(request), limit=LIMIT, seconds=SECONDS)
