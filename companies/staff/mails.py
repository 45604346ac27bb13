"""Tells a person by mail what was changed about the account; nobody changes it unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from smtplib import SMTPException

import structlog
from allauth.account.internal.flows.password_reset import request_password_reset
from allauth.core import context
from django.core.mail import send_mail
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import override

from companies.models import User
from qinqing.kernel.refusals import Refusal

LANGUAGES = ("zh-hans", "en")
log = structlog.get_logger(__name__)


class Unreachable(Refusal):
    """No link can reach the person."""


def send_link(*, person: User, request: HttpRequest) -> None:
    """
    Send a link by which the person, and nobody else, chooses a new password; using it ends the account's sessions.

    Raises:
        Unreachable: the account is closed, or has no address of mail.
    """
    if not person.is_active or not person.email:
        raise Unreachable(_("This account is closed, or has no address of mail; a link reaches nobody."))
    request_password_reset(request, person.email, [person], None)


def send_first_link(*, person: User) -> None:
    """Send the link once the account is committed; what makes accounts by command has no page to send a link from."""
    request = context.request
    if request is not None:
        transaction.on_commit(lambda: _try(lambda: send_link(person=person, request=request)))


def tell(*, person: User, addresses: Iterable[str], sentence: Callable[[], str]) -> None:
    """Tell each of the addresses, once the change is committed, in both languages."""
    reached = sorted({address for address in addresses if address})
    transaction.on_commit(lambda: _try(lambda: _send(person, reached, sentence)))


def _send(person: User, addresses: Iterable[str], sentence: Callable[[], str]) -> None:
    subjects, bodies = [], []
    for language in LANGUAGES:
        with override(language):
            subjects.append(_("Your account was changed"))
            told = _("Account: %(name)s. If you know nothing of this, ask your security administrators at once.")
            bodies.append(f"{sentence()} {told % {'name': person.username}}")
    # One message for each address, because the old one need not know the new one.
    for address in addresses:
        send_mail(" / ".join(subjects), "\n\n".join(bodies), None, [address])


def _try(send: Callable[[], None]) -> None:
    """The change stands, whether or not a mail can be sent; the button sends another link."""
    try:
        send()
    except (OSError, SMTPException) as failed:
        log.warning("person_not_told", reason=type(failed).__name__)
