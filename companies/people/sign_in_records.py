"""The one place that records how people sign in and out; Django and django-axes call it by their signals."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest
from django.utils import timezone

from companies.models import SignIn, User
from qinqing.kernel.secrets import fingerprint
from qinqing.kernel.web.rate_limit import LONGEST_NAME, attempted_username, visitor_address

Kind = SignIn.Kind
# The bits of an address that are kept; the others belong to one house or one person.
_NETWORK_BITS = {4: 24, 6: 48}
_FINGERPRINT_CHARACTERS = 16


def connect() -> None:
    """Have every sign-in, failure, lock-out and sign-out recorded."""
    for kind, signal in {
        Kind.SIGNED_IN: user_logged_in,
        Kind.FAILED: user_login_failed,
        Kind.LOCKED_OUT: user_locked_out,
        Kind.SIGNED_OUT: user_logged_out,
    }.items():
        signal.connect(_RECEIVERS[kind], dispatch_uid=f"sign-in records: {kind}")


def record(*, kind: str, request: HttpRequest | None, user: Any = None, username: str = "") -> None:
    """Append one record; without a user, `username` is what somebody typed."""
    known = user if isinstance(user, User) else User.objects.filter(username=username).first() if username else None
    address = visitor_address(request) if request is not None else ""
    SignIn.objects.create(
        kind=kind,
        happened_at=timezone.now(),
        user=known,
        username=known.username if known else "",
        name_fingerprint="" if known else _fingerprint_of(username),
        network=network_of(address),
        address_fingerprint=_fingerprint_of(address),
    )


def network_of(address: str) -> str:
    """The network of an address, such as 192.0.2.0/24; empty if the text is no address."""
    try:
        version = ip_address(address).version
    except ValueError:
        return ""
    return str(ip_network(f"{address}/{_NETWORK_BITS[version]}", strict=False))


def _fingerprint_of(text: str) -> str:
    return fingerprint(text).hex()[:_FINGERPRINT_CHARACTERS] if text else ""


def _record_sign_in(*, request: HttpRequest | None = None, user: Any = None, **_signal: Any) -> None:
    record(kind=Kind.SIGNED_IN, request=request, user=user)


def _record_sign_out(*, request: HttpRequest | None = None, user: Any = None, **_signal: Any) -> None:
    # Somebody who was not signed in signs out of nothing.
    if user is not None:
        record(kind=Kind.SIGNED_OUT, request=request, user=user)


def _record_failure(
    *, request: HttpRequest | None = None, credentials: dict[str, Any] | None = None, **_signal: Any
) -> None:
    username = attempted_username(request or HttpRequest(), {"username": str((credentials or {}).get("username", ""))})
    record(kind=Kind.FAILED, request=request, username=username)


def _record_lock_out(*, request: HttpRequest | None = None, username: str = "", **_signal: Any) -> None:
    record(kind=Kind.LOCKED_OUT, request=request, username=str(username or "")[:LONGEST_NAME])


_RECEIVERS = {
    Kind.SIGNED_IN: _record_sign_in,
    Kind.FAILED: _record_failure,
    Kind.LOCKED_OUT: _record_lock_out,
    Kind.SIGNED_OUT: _record_sign_out,
}
