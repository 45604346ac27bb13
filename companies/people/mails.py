"""Tells a person by mail what was changed about the account; nobody changes it unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from smtplib import SMTPException

import structlog
from django.core.mail import send_mail
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from companies.models import User

LANGUAGES = ("zh-hans", "en")
log = structlog.get_logger(__name__)


def tell(*, person: User, addresses: Iterable[str], sentence: Callable[[], str]) -> None:
    """Tell each of the addresses in both languages, once the change is committed."""
    reached = sorted({address for address in addresses if address})
    after_commit(lambda: _send(person, reached, sentence))


def after_commit(send: Callable[[], None]) -> None:
    """Send once the change is committed; the change stands, whether or not a mail can be sent."""
    transaction.on_commit(lambda: _try(send))


def _send(person: User, addresses: Iterable[str], sentence: Callable[[], str]) -> None:
    subjects, bodies = [], []
    for language in LANGUAGES:
        with override(language):
            subjects.append(_("Your account was changed"))
            asks = _("Account: %(name)s. If you know nothing of this, ask those who look after the accounts at once.")
            bodies.append(f"{sentence()} {asks % {'name': person.username}}")
    # One message for each address, because the old one need not know the new one.
    for address in addresses:
        send_mail(" / ".join(subjects), "\n\n".join(bodies), None, [address])


def _try(send: Callable[[], None]) -> None:
    try:
        send()
    except (OSError, SMTPException) as failed:
        log.warning("person_not_told", reason=type(failed).__name__)
