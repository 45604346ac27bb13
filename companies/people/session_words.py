"""What a person reads about a session: the browser, where from, since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.utils.translation import gettext as _

from qinqing.kernel.database.prepared_lookup import SessionStore
from qinqing.kernel.web.session_expiry import read_seen_at

# The first mark that a browser's own description has decides; several name each other.
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class SessionWords:
    """One session in a list."""

    pk: int
    browser: str
    address: str
    began_at: datetime
    seen_at: datetime
    is_this_one: bool


def describe_session(session: UserSession) -> SessionWords:
    """The words of a session."""
    return SessionWords(
        pk=session.pk,
        browser=name_browser(session.user_agent),
        address=session.ip,
        began_at=session.created_at,
        seen_at=read_seen_at(SessionStore(session.session_key)) or session.last_seen_at,
        is_this_one=session.is_current(),
    )


def name_browser(description: str) -> str:
    """The browser and its system, from what the browser says about itself."""
    browser = next((name for mark, name in _BROWSERS if mark in description), _("Another browser"))
    system = next((name for mark, name in _SYSTEMS if mark in description), "")
    return f"{browser} · {system}" if system else browser
