"""How long an official stays signed in: a working day at most, and less when nothing is done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

LONGEST: Final = timedelta(hours=8)
IDLE: Final = timedelta(minutes=45)
# A session that was prolonged less than this ago is not written again.
RARELY: Final = timedelta(minutes=5)
_ENDS_AT = "official_ends_at"


def start_session(*, request: HttpRequest, user: Any, **_signal: Any) -> None:
    """Set the two ends of an official's session; everybody else stays as long as the settings say."""
    if user.is_staff:
        now = timezone.now()
        request.session[_ENDS_AT] = (now + LONGEST).isoformat()
        request.session.set_expiry(now + IDLE)


def prolong(*, session: SessionBase, now: datetime) -> None:
    """
    Restart the idle time, up to the end of the day's session; seldom, because it writes a row.

    The sign-in sets a longer time than an official has, once the session has begun; the first page shortens it.
    """
    ends_at = _read(session)
    if ends_at is None:
        return
    until = min(now + IDLE, ends_at)
    if abs(until - session.get_expiry_date()) >= RARELY:
        session.set_expiry(until)


def _read(session: SessionBase) -> datetime | None:
    text = session.get(_ENDS_AT)
    return datetime.fromisoformat(text) if text else None
