"""The firms that a sign-in by the city's identity named and that are still to be bound; the session keeps them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

from companies.city_identity.identity import LegalPerson, read_identity
from companies.city_identity.settle import settle_memberships
from companies.models import Capacity

# What the identity said may have ended since; whoever takes longer signs in again.
VALID_FOR: Final = timedelta(minutes=30)
KEY: Final = "first-sign-in"


def settle_sign_in(*, request: HttpRequest, user: Any, sociallogin: Any = None, **_signal: Any) -> None:
    """Settle memberships when somebody has signed in by the city's identity, and keep the firms that are unbound."""
    request.session.pop(KEY, None)
    if sociallogin is None:
        return
    identity, now = read_identity(sociallogin.account.extra_data["id_token"]), timezone.now()
    unbound = settle_memberships(user=user, legal_persons=identity.legal_persons, now=now)
    if unbound:
        firms = [[each.credit_code, each.company_name, each.capacity.value] for each in unbound]
        request.session[KEY] = {"at": now.isoformat(), "firms": firms}


def unbound_firms(session: SessionBase, now: datetime) -> list[LegalPerson]:
    """The firms that the sign-in named and that are to be bound; none if it is too long ago."""
    kept = session.get(KEY)
    if not kept or now - datetime.fromisoformat(kept["at"]) > VALID_FOR:
        return []
    return [LegalPerson(code, name, Capacity(capacity)) for code, name, capacity in kept["firms"]]


def forget_firm(session: SessionBase, credit_code: str) -> None:
    """Take a firm that is bound now off the list."""
    kept = session[KEY]
    firms = [each for each in kept["firms"] if each[0] != credit_code]
    if firms:
        session[KEY] = kept | {"firms": firms}
    else:
        del session[KEY]
