"""Counts wrong passwords by the address that they come from, whatever account they are for."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest

from qinqing.kernel.web.rate_limit import count_visit, is_limit_reached, visitor_address

PAGE: Final = "wrong-password"
# A market hall behind one address mistypes less; an attacker with one password for all names needs weeks.
LIMIT, SECONDS = 100, 900


def is_locked_out(request: HttpRequest) -> bool:
    """Whether the request's address sent so many wrong passwords lately that we check no further one."""
    return is_limit_reached(page=PAGE, visitor=visitor_address(request), limit=LIMIT)


def count_wrong_password(*, request: HttpRequest | None = None, **_signal: Any) -> None:
    """Count a failed sign-in; a right password is never counted."""
    if request is not None:
        count_visit(page=PAGE, visitor=visitor_address(request), limit=LIMIT, seconds=SECONDS)
