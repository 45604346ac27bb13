"""
How long somebody stays signed in: half a day at most, officials less when they do nothing.

An owner who was away for half an hour still reads the pages; for an act on money the owner proves once more who it is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

# An official stays a working day at most, and an owner half a day.
LONGEST: Final = timedelta(hours=8)
OWNERS_LONGEST: Final = timedelta(hours=12)
IDLE: Final = timedelta(minutes=45)
AWAY: Final = timedelta(minutes=30)
# A session that was written less than this ago is not written again.
RARELY: Final = timedelta(minutes=5)
_ENDS_AT, _IS_OFFICIAL, _SEEN_AT, _CAME_BACK_AT = "ends_at", "is_official", "seen_at", "came_back_at"


def start_session(*, request: HttpRequest, user: Any, **_signal: Any) -> None:
    """Set the ends of a session when somebody signs in."""
    now, session = timezone.now(), request.session
    ends_at = now + (LONGEST if user.is_staff else OWNERS_LONGEST)
    session[_ENDS_AT], session[_IS_OFFICIAL], session[_SEEN_AT] = ends_at.isoformat(), user.is_staff, now.isoformat()
    session.pop(_CAME_BACK_AT, None)
    session.set_expiry(now + IDLE if user.is_staff else ends_at)


def prolong(*, session: SessionBase, now: datetime) -> None:
    """
    Note that the person is here, up to the end of the day's session; seldom, because it writes a row.

    The sign-in sets a longer time than we give, once the session has begun; the first page shortens it.
    """
    ends_at = _read(session, _ENDS_AT)
    if ends_at is None:
        return
    until = min(now + IDLE, ends_at) if session.get(_IS_OFFICIAL) else ends_at
    if abs(until - session.get_expiry_date()) >= RARELY:
        session.set_expiry(until)
    came_back_at, seen_at = back_since(session=session, now=now), _read(session, _SEEN_AT)
    if came_back_at is not None and session.get(_CAME_BACK_AT) != came_back_at.isoformat():
        session[_CAME_BACK_AT] = came_back_at.isoformat()
    if seen_at is None or now - seen_at >= RARELY:
        session[_SEEN_AT] = now.isoformat()


def back_since(*, session: SessionBase, now: datetime) -> datetime | None:
    """When the person last came back after being away for longer than `AWAY`; None if that never happened."""
    seen_at = _read(session, _SEEN_AT)
    return now if seen_at is not None and now - seen_at > AWAY else _read(session, _CAME_BACK_AT)


def read_seen_at(session: SessionBase) -> datetime | None:
    """When the person was last here, give or take `RARELY`."""
    return _read(session, _SEEN_AT)


def _read(session: SessionBase, name: str) -> datetime | None:
    text = session.get(name)
    return datetime.fromisoformat(text) if text else None
